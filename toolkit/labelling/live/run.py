"""`pageblocks studio backend`: the server, its registration and its refits, from start to stop."""

from __future__ import annotations

import errno
import importlib.util
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...corpus.folder import Corpus
from ...errors import (
    BadModel,
    BadScheme,
    Mismatch,
    MissingExtra,
    NotInStudio,
    PageblocksError,
    StudioGone,
    StudioRefused,
    UsageError,
)
from ...studio.client import connect
from ...studio.projects import find_project
from ...support.files import data_path
from ...support.text import counted
from ..sync import scheme_of_project
from .suggest import Log, Suggester

if TYPE_CHECKING:
    from ...model import BlockClassifier
    from ...studio.projects import Project
    from .refit import Refitter

PASSWORD = "PAGEBLOCKS_BACKEND_PASSWORD"  # of the environment; a random one is made where it is not set


@dataclass(frozen=True)
class Running:
    """A server of suggestions that answers. `address` is where Label Studio finds it, `project` the page of the
    project.
    """

    address: str
    password: str
    version: str
    project: str
    refitter: Refitter | None


@contextmanager
def run_backend(
    corpus: Path | str,
    title: str | int | None = None,
    *,
    model: str = "",
    refit_after: int = 20,
    host: str = "127.0.0.1",
    port: int = 9090,
    address: str = "",
    out: Path | str | None = None,
    url: str | None = None,
    folder: Path | str = ".studio",
    log: Log = print,
) -> Iterator[Running]:
    """Renew the suggestions of the project `title` as long as the block lasts; it is registered there meanwhile.

    `model` is a name or folder; the default is the model of the last refit (`out`/live, `out` being `corpus`/models),
    or the one that comes with pageblocks. `address` is how Label Studio reaches the backend where that is not
    http://`host`:`port`; for a busy port the next free one is taken. Without `title` no project is connected and no
    refit is made. Raises NotInStudio without such a project, BadInput without such a
    corpus, BadScheme where model and they are of different labels, Mismatch where the corpus has other pages, without
    the extra `serve`, and when the project cannot be registered.
    """
    needed()
    from .app import make_app  # extra
    from .job import Task  # start-up
    from .refit import Refitter  # start-up
    from .refresh import Refresher  # start-up
    from .register import register, unregister  # start-up

    opened = Corpus.open(corpus)
    models = Path(out) if out is not None else opened.folder / "models"
    path, classifier = starting_model(model, models, log)
    suggester = Suggester(opened, classifier, log)
    password = os.environ.get(PASSWORD, "") or secrets.token_urlsafe(24)
    if not (password.isascii() and password.isprintable()):  # clients differ in how they send others
        raise UsageError(f"the password in {PASSWORD} has characters outside ASCII; take letters, digits and signs")
    if title is None:
        with serving(make_app(suggester, password), host, port) as taken:
            yield Running(address or f"http://{host}:{taken}", password, suggester.version, "", None)
        return
    with connect(url, folder=folder) as client:
        project = find_project(client, title)
        if project is None:
            raise NotInStudio(f"{client.url} has no project {title!r}; `pageblocks push` makes one")
        refuse_others(project, opened, classifier)
        until = str(classifier.facts_.get("until", ""))
        task = Task(str(opened.folder), project.id, str(path), str(models), until, url, str(folder))
        refresher = Refresher(project, suggester, log)
        refitter = Refitter(suggester, task, refit_after, log=log, swapped=refresher.refresh)
        app = make_app(suggester, password, refitter, refresher=refresher)
        with serving(app, host, port) as taken:
            where = address or f"http://{host}:{taken}"
            try:
                register(project, where, password)
                refresher.refresh()
                yield Running(where, password, suggester.version, project.url, refitter)
            finally:
                refitter.close()
                refresher.close()
                try:
                    unregister(project, where)
                except (StudioGone, StudioRefused) as error:
                    log(f"still registered: {error}; the next `pageblocks studio backend` will replace it")


def plan(
    corpus: Path | str,
    title: str | int | None = None,
    *,
    model: str = "",
    out: Path | str | None = None,
    url: str | None = None,
    folder: Path | str = ".studio",
    log: Log = print,
) -> str:
    """What `backend` would do, in one line; nothing is served or registered. Raises as it does."""
    opened = Corpus.open(corpus)
    _, classifier = starting_model(model, Path(out) if out is not None else opened.folder / "models", log)
    what = f"{classifier.version} would suggest labels for {counted(len(opened.rows), 'page')} of {opened.folder}"
    if title is None:
        return f"{what}; no project would be connected"
    with connect(url, folder=folder) as client:
        project = find_project(client, title)
        if project is None:
            raise NotInStudio(f"{client.url} has no project {title!r}; `pageblocks push` makes one")
        refuse_others(project, opened, classifier)
        return f"{what} in {project.url}"


def refuse_others(project: Project, corpus: Corpus, model: BlockClassifier) -> None:
    """Raise BadScheme where project, corpus or model are of different labels, Mismatch where the project has other
    pages than the corpus.
    """
    scheme_of_project(project, corpus.folder)
    unknown = [name for name in map(str, model.classes_) if name not in project.names]
    if unknown:
        raise BadScheme(
            f"the model {model.version} suggests {', '.join(unknown)}, the project {project.title!r} has the labels"
            f" {', '.join(project.names)}; give a model that was trained on labels of this scheme with --model"
        )
    ids = [str(row["data"].get("external_id", "")) for row in project.tasks("id,data")]
    if ids and not any(id in corpus.rows for id in ids):
        raise Mismatch(
            f"{corpus.folder} has none of the {counted(len(ids), 'page')} of the project {project.title!r}, such as"
            f" {ids[0]!r:.80}; give the corpus that was pushed with --corpus"
        )


def needed() -> None:
    """Raise MissingExtra where the extra `serve` is not installed."""

    if missing := [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]:
        raise MissingExtra(missing[0], "studio,serve")


def starting_model(name: str, models: Path, log: Log = print) -> tuple[Path, BlockClassifier]:
    """The model to begin with, and its folder: the named one, that of the last refit, or the one that comes along."""
    from ...model import BlockClassifier, load  # start-up
    from .job import LIVE  # start-up

    if not name and (models / LIVE).is_dir():
        try:
            path = (models / LIVE).resolve()
            return path, BlockClassifier.load(path)
        except BadModel as error:
            log(f"{error}; starting with the default model")
    if name in ("", "default"):
        return data_path("model/default"), load()
    return Path(name).resolve(), load(name)


@contextmanager
def serving(app: Any, host: str, port: int) -> Iterator[int]:
    """Run the application in a thread; gives the port that it listens on."""
    import uvicorn  # extra

    with _bound(host, port) as line:
        config = uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=5, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([line],), name="backend", daemon=True)
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise PageblocksError(f"the server of suggestions does not start on {host}:{port}")
            time.sleep(0.02)
        try:
            yield int(line.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(15)


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + 100, 65536)):
        line = socket.socket(family, socket.SOCK_STREAM)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, candidate))
            line.listen(128)
        except OSError as error:
            line.close()
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:  # another port will not help
                raise PageblocksError(
                    f"cannot listen on {host}: {error.strerror or error}; give --host 127.0.0.1"
                ) from error
            continue
        return line
    raise PageblocksError(f"no free port from {port} on; give another with --port")


def until_stopped() -> None:
    """Wait for Ctrl-C or SIGTERM. A second one ends the process the usual way."""
    stop = threading.Event()
    before = {sign: signal.signal(sign, lambda *_: stop.set()) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        stop.wait()
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
