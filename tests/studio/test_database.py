"""The embedded Label Studio on PostgreSQL: a real one, of the test's own."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import secrets
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from toolkit.errors import PageblocksError
from toolkit.page import Blocks
from toolkit.scheme import Scheme
from toolkit.standoff import attach, detach
from toolkit.studio import database, server
from toolkit.studio.answers import pull
from toolkit.studio.client import connect
from toolkit.studio.people import annotate
from toolkit.studio.projects import ensure_project
from toolkit.studio.sync import push

URL = "PAGEBLOCKS_TEST_POSTGRES"  # postgresql://user:password@host:port/name of one who may make databases


@contextlib.contextmanager
def cluster(binaries: Path) -> Iterator[dict[str, str]]:
    """A PostgreSQL on this machine that asks for a password and forgets everything in the end."""
    password = secrets.token_hex(12)
    folder = Path(tempfile.mkdtemp(prefix="pageblocks-pg-"))
    # It does not run as root; whoever else tests has an ordinary user already.
    other: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    if other:
        shutil.chown(folder, "nobody", "nogroup")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = str(s.getsockname()[1])

    def run(tool: str, *args: str) -> None:
        done = subprocess.run(
            [str(binaries / tool), "-D", str(folder / "data"), *args],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=120, **other,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout

    (folder / "word").write_text(password)
    (folder / "word").chmod(0o644)
    try:
        run(
            "initdb",
            "-U",
            "pageblocks",
            "--auth=scram-sha-256",
            f"--pwfile={folder / 'word'}",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
        run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
        try:
            yield {"host": "127.0.0.1", "port": port, "name": "postgres", "user": "pageblocks", "password": password}
        finally:
            run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def postgres() -> Iterator[dict[str, str]]:
    """host, port, name, user and password of an empty database."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg (comes with Label Studio) is not installed")
    with contextlib.ExitStack() as stack:
        if given := os.environ.get(URL):
            parts = urlsplit(given)
            where = {
                "host": parts.hostname or "localhost",
                "port": str(parts.port or 5432),
                "name": parts.path.strip("/") or "postgres",
                "user": unquote(parts.username or "postgres"),
                "password": unquote(parts.password or ""),
            }
        else:
            found = shutil.which("pg_ctl") or max(glob.glob("/usr/lib/postgresql/*/bin/pg_ctl"), default="")
            if not found:
                pytest.skip(
                    f"no PostgreSQL here: neither {URL} nor pg_ctl; on Debian and Ubuntu: apt-get install postgresql"
                )
            where = stack.enter_context(cluster(Path(found).parent))
        name = f"pageblocks_test_{secrets.token_hex(4)}"
        login = {key: where[key] for key in ("host", "port", "user", "password")} | {"dbname": where["name"]}
        line = stack.enter_context(contextlib.closing(psycopg.connect(**login, autocommit=True)))
        line.execute(f"CREATE DATABASE {name}")
        stack.callback(line.execute, f"DROP DATABASE {name} WITH (FORCE)")
        yield where | {"name": name}


def env(where: dict[str, str]) -> dict[str, str]:
    return {"DJANGO_DB": "default"} | {f"POSTGRE_{key.upper()}": value for key, value in where.items()}


@pytest.mark.studio
def test_push_annotate_and_pull_on_postgresql(
    postgres: dict[str, str], page_of: Callable[..., Blocks], tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "studio"
    for name, value in env(postgres | {"password": "a-wrong-word"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(PageblocksError, match="died at its start: .*password authentication failed") as caught:
        server.start(folder, port=port, timeout=300, quiet=True)
    assert "a-wrong-word" not in str(caught.value)
    assert database.read_database_record(folder) is None  # nothing is remembered of a start that failed

    monkeypatch.setenv("POSTGRE_PASSWORD", postgres["password"])
    started = server.start(folder, port=port, timeout=600, quiet=True)
    try:
        assert not (folder / "data" / "label_studio.sqlite3").exists()
        pages = [page_of(f"page-{i}", f"<h1>Head {i}</h1><p>Story \U0001f309 {i}.<p>Give us money") for i in range(3)]
        with connect(folder=folder) as client:
            project = ensure_project(client, "On PostgreSQL", Scheme.default(), overlap=2)
            first = push(project, pages, [["article"] * 3] * 3, scores=[[0.9] * 3] * 3, model_version="m1", quiet=True)
            again = push(project, pages, [["sidebar"] * 3] * 3, scores=[[0.8] * 3] * 3, model_version="m2", quiet=True)
            assert (first.sent, again.sent, again.present, again.refreshed) == (3, 0, 3, 3)
            answers = [["article", "article", "appeal"], ["sidebar"] * 3, ["caption", "form", "sidebar"]]
            sent = [
                detach(page, labels, "anna", scheme=project.scheme) for page, labels in zip(pages, answers, strict=True)
            ]
            sent.append(detach(pages[0], ["article"] * 3, "bela", scheme=project.scheme))
            assert annotate(project, sent, quiet=True).sent == 4
            back = pull(project, tmp_path / "answers", quiet=True)
            assert back.problems == []
            got = {(a.annotator, a.page): attach(pages[int(a.page[-1])], a) for a in back.annotations}
            assert got == {("anna", f"page-{i}"): answers[i] for i in range(3)} | {("bela", "page-0"): ["article"] * 3}
            assert pull(project, tmp_path / "answers", quiet=True).fetched == 0
    finally:
        server.stop(folder)

    # The password is nowhere on disk, not even in the log of the start that failed.
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert not [
        path
        for path in kept
        if postgres["password"].encode() in path.read_bytes() or b"a-wrong-word" in path.read_bytes()
    ]
    assert stat.S_IMODE(started.log.stat().st_mode) == 0o600
    remembered = database.read_database_record(folder)
    assert remembered == database.Postgres(*(postgres[key] for key in ("host", "port", "name", "user")))


def test_the_environment_is_read_as_label_studio_reads_it() -> None:
    assert database.named({}) is None
    assert database.named({"DJANGO_DB": "sqlite", "POSTGRE_HOST": "x"}) is None
    bare = database.named({"DJANGO_DB": "default"})
    assert bare == database.Postgres("localhost", "5432", "postgres", "postgres")
    both = database.named(
        {
            "LABEL_STUDIO_DJANGO_DB": "postgresql",
            "POSTGRE_NAME": "a",
            "HEARTEX_POSTGRE_NAME": "b",
            "POSTGRE_PASSWORD": "p",
        }
    )
    assert both is not None
    assert (both.name, both.password) == ("b", "p")
    assert both.environment()["POSTGRE_PASSWORD"] == "p"
    assert "'p'" not in repr(both)
    with pytest.raises(PageblocksError, match="sqlite or postgresql"):
        database.named({"DJANGO_DB": "mysql"})
    with pytest.raises(PageblocksError, match="POSTGRE_PORT"):
        database.named({"DJANGO_DB": "default", "POSTGRE_PORT": "99999"})


def test_a_folder_does_not_change_its_database(tmp_path: Path) -> None:
    one = {"DJANGO_DB": "default", "POSTGRE_NAME": "one", "POSTGRE_PASSWORD": "p"}
    assert database.of(tmp_path, {}) is None
    chosen = database.of(tmp_path, one)
    assert chosen is not None
    database.write_database_record(tmp_path, chosen)
    assert "p" not in [*json.loads((tmp_path / "database.json").read_text()).values()]
    assert database.of(tmp_path, one) == chosen
    later = database.of(tmp_path, {"POSTGRE_PASSWORD": "q"})
    assert later == chosen
    assert later.password == "q"
    with pytest.raises(PageblocksError, match="names two at"):
        database.of(tmp_path, one | {"POSTGRE_NAME": "two"})
    with pytest.raises(PageblocksError, match="DJANGO_DB says sqlite"):
        database.of(tmp_path, {"DJANGO_DB": "sqlite"})


def test_a_folder_on_sqlite_stays_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "label_studio.sqlite3").touch()
    with pytest.raises(PageblocksError, match="has its data in SQLite"):
        database.of(tmp_path, {"DJANGO_DB": "default"})
    assert database.of(tmp_path, {}) is None
