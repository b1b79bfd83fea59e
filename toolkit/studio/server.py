"""The embedded Label Studio: one server for one project folder, on this machine only.

A lock on `server.lock` says whether it runs: the server process inherits it and the kernel releases it when the process
dies. A number in a pid file may belong to another process after a restart of the machine; a lock cannot. The socket
says what answers at its address: it listens before the process is started, and the process inherits it.
So what answers there is this server, also where another one is started at the same moment, with the same token (a
copied folder).
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from rich.console import Console

from ..errors import BadInput, MissingExtra, PageblocksError, StudioGone, StudioRefused
from ..support.files import write_atomic, write_json
from . import database
from .environment import environment
from .port import HOST, listen

FOLDER = Path(".studio")
_DYING = 5.0  # seconds
_children: dict[
    int, subprocess.Popen[bytes]
] = {}  # kept so that a server that we started ourselves is reaped when it stops


@dataclass(frozen=True)
class Server:
    """A running Label Studio. Its repr contains neither password nor token, so that no log shows them.

    Parameters
    ----------
    url : str
        Address of the server.
    user : str
        E-mail address of its first user.
    password : str
        Password of that user.
    token : str
        Legacy token of that user.
    pid : int
        Id of the server's process.
    folder : Path
        Folder of its data, log and credentials.
    """

    url: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    pid: int
    folder: Path

    @property
    def log(self) -> Path:
        """The file to which the server's output is written."""
        return self.folder / "server.log"


def start(folder: Path | str = FOLDER, port: int = 8080, timeout: float = 180, *, quiet: bool = False) -> Server:
    """Start the server of a folder, or return the one that already runs.

    The first start creates the database and takes about half a minute; later ones take a few seconds. The server
    continues to run when this process ends; `stop` ends it. Its data are stored in an SQLite file in the folder, or in
    the PostgreSQL database that DJANGO_DB and POSTGRE_* name.

    Parameters
    ----------
    folder : Path or str, default=".studio"
        Folder of the server. It is created if it does not exist.
    port : int, default=8080
        Port of the server; if it is in use, the next free one.
    timeout : float, default=180
        Most seconds until the server answers.
    quiet : bool, default=False
        Whether to show no progress on stderr.

    Returns
    -------
    Server
        The running server.

    Raises
    ------
    MissingExtra
        If Label Studio is not installed.
    StudioGone
        If the server dies or does not answer in time.
    StudioRefused
        If the server does not accept the token of the folder.
    BadInput
        If a file of the folder is damaged or missing.
    PageblocksError
        If the folder cannot be used, or another process holds it.
    """
    folder = Path(folder).resolve()
    _private_folder(folder)
    deadline = time.monotonic() + timeout
    while True:
        killed = (folder / "server.json").exists()
        lock = _claim(folder)
        if lock is not None:
            break
        running = status(folder)  # it runs, or another process is starting it just now
        if running is not None and _up(running, deadline, quiet):
            return running
        if time.monotonic() > deadline:
            raise PageblocksError(
                f"a process holds {folder / 'server.lock'} but wrote no address; stop it (`fuser` names it)"
            )
        time.sleep(0.1)
    with lock:
        data = database.of(folder)
        # A killed server's lock goes a moment before its socket does.
        with listen(port, patience=_DYING if killed else 0) as listening:
            server = _spawn(folder, listening, lock, data=data)
    try:
        if not _up(server, deadline, quiet):
            raise StudioGone(f"Label Studio died at its start: {_last_line(server.log)} (all of it: {server.log})")
        _check_token(server)
        if data is not None:
            database.write_database_record(folder, data)
    except BaseException:
        stop(folder)
        raise
    return server


def status(folder: Path | str = FOLDER) -> Server | None:
    """Find the running server of a folder.

    Parameters
    ----------
    folder : Path or str, default=".studio"
        Folder of the server.

    Returns
    -------
    Server or None
        The server; None if none runs.
    """
    folder = Path(folder).resolve()
    if not (folder / "server.lock").exists():
        return None
    lock = _take_lock(folder)
    if lock is not None:
        lock.close()
        return None
    record = _read(folder / "server.json")
    keys = _read(folder / "credentials.json")
    if not record or not keys:
        return None
    return Server(record["url"], keys["user"], keys["password"], keys["token"], int(record["pid"]), folder)


def stop(folder: Path | str = FOLDER, timeout: float = 20) -> bool:
    """Stop the server of a folder with SIGTERM, and after `timeout` with SIGKILL.

    Parameters
    ----------
    folder : Path or str, default=".studio"
        Folder of the server.
    timeout : float, default=20
        Seconds after which the server is killed.

    Returns
    -------
    bool
        Whether a server ran.

    Raises
    ------
    PageblocksError
        If the server belongs to another user or does not stop.
    """
    folder = Path(folder).resolve()
    server = status(folder)
    if server is None:
        return False
    for sign, seconds in ((signal.SIGTERM, timeout), (signal.SIGKILL, 10.0)):
        try:
            os.killpg(server.pid, sign)  # its own group: nothing that it started stays behind
        except ProcessLookupError:
            pass
        except PermissionError as error:
            raise PageblocksError(
                f"the server (process {server.pid}) belongs to another user; stop it as that user"
            ) from error
        if _gone(folder, server.pid, seconds):
            return True
    raise PageblocksError(f"the server (process {server.pid}) does not stop; see {server.log}")


def credentials(folder: Path | str = FOLDER) -> dict[str, str] | None:
    """`user`, `password` and `token` of the folder's server, from its 0600 file; None before the first start."""
    return _read(Path(folder) / "credentials.json")


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        # These files belong to one machine; committing them would publish the token.
        if not (folder / ".gitignore").exists():
            write_atomic(folder / ".gitignore", "*\n")
    except OSError as error:
        raise PageblocksError(f"cannot use {folder} for Label Studio: {error.strerror or error}") from error


def _take_lock(folder: Path) -> IO[bytes] | None:
    """The folder's lock, shared with other readers; None when a server (or a start under way) holds it exclusively."""
    try:
        import fcntl  # not on Windows
    except ImportError as error:
        raise PageblocksError(
            "the embedded Label Studio needs Linux or macOS; elsewhere set LABEL_STUDIO_URL"
        ) from error
    try:
        lock = open(folder / "server.lock", "ab")  # noqa: SIM115 (the caller releases it)
    except OSError as error:
        raise PageblocksError(f"cannot open {folder / 'server.lock'}: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _claim(folder: Path) -> IO[bytes] | None:
    """The lock for a server that is to be started, and no record of an earlier one."""
    import fcntl  # not on Windows

    lock = _take_lock(folder)
    if lock is None:
        return None
    # Before the lock is exclusive, else a reader would take the old record for that of a running server.
    (folder / "server.json").unlink(missing_ok=True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _spawn(folder: Path, listening: socket.socket, lock: IO[bytes], *, data: database.Postgres | None) -> Server:
    if importlib.util.find_spec("label_studio") is None:
        raise MissingExtra("Label Studio", "studio")
    keys = credentials(folder) or _new_credentials(folder)
    port = listening.getsockname()[1]
    command = [
        # -P: the script's neighbours have names that Label Studio has, too (tasks, projects).
        *(sys.executable, "-P", str(Path(__file__).with_name("process.py")), str(listening.fileno())),
        *("start", "--no-browser", "--internal-host", HOST, "--port", str(port)),
        *("--username", keys["user"], "--enable-legacy-api-token"),
    ]
    # Password and token go by the environment: a command line is there for every user of the machine to read.
    told = environment(folder) | {"LABEL_STUDIO_PASSWORD": keys["password"], "LABEL_STUDIO_USER_TOKEN": keys["token"]}
    told |= data.environment() if data is not None else {}
    with open(os.open(folder / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=told,
            start_new_session=True, pass_fds=(lock.fileno(), listening.fileno()),
        )  # fmt: skip
    _reap()
    _children[process.pid] = process
    url = f"http://{HOST}:{port}"
    write_json(folder / "server.json", {"pid": process.pid, "port": port, "url": url})
    return Server(url, keys["user"], keys["password"], keys["token"], process.pid, folder)


def _new_credentials(folder: Path) -> dict[str, str]:
    if not _fresh(folder):
        raise BadInput(
            f"{folder / 'credentials.json'} is gone but its database is there; put the file back, or move {folder} away"
        )
    keys = {"user": "admin@example.com", "password": secrets.token_urlsafe(15), "token": secrets.token_hex(20)}
    write_json(folder / "credentials.json", keys, private=True)
    return keys


def _fresh(folder: Path) -> bool:
    return not ((folder / "data" / "label_studio.sqlite3").exists() or database.read_database_record(folder))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadInput(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict):
        raise BadInput(f"{path} does not hold what pageblocks wrote; move it away")
    return found


def _get(url: str, token: str = "", timeout: float = 5) -> int:
    """The status of a GET to the local server, without a proxy; 0 when there is no answer."""
    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"} if token else {})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
    except (OSError, ValueError):
        return 0


def _up(server: Server, deadline: float, quiet: bool) -> bool:
    """Wait until it answers; False when it is gone."""
    first = " for the first time: makes its database, about half a minute" if _fresh(server.folder) else ""
    text = "Label Studio starts" + first
    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        console.print(f"{text} ...")
    with console.status(text):
        # It waits in the socket's queue until the server is up; where the server dies, the line breaks.
        while _get(f"{server.url}/health", timeout=min(max(deadline - time.monotonic(), 1), 30)) != 200:
            now = status(server.folder)
            if now is None or now.pid != server.pid:
                return False
            if time.monotonic() > deadline:
                raise StudioGone(f"Label Studio does not answer at {server.url} in time; see {server.log}")
            time.sleep(0.2)
    return True


def _check_token(server: Server) -> None:
    """That its database is the one that the folder's token belongs to."""
    answer = _get(f"{server.url}/api/current-user/whoami", server.token, timeout=30)
    if answer != 200:
        raise StudioRefused(
            f"the Label Studio at {server.url} does not take the token of {server.folder / 'credentials.json'} "
            f"(status {answer});"
            " the file belongs to another database",
            status=answer,
        )


def _last_line(log: Path) -> str:
    try:
        lines = log.read_bytes()[-20_000:].decode("utf-8", "replace").split("\n")
    except OSError:
        return "no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")[:300]


def _reap() -> None:
    """Reap own servers that ended, which would stay zombies while this process lives."""
    for pid, child in list(_children.items()):
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0.1)  # the lock goes a moment before the process does
            del _children[pid]


def _gone(folder: Path, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lock = _take_lock(folder)
        if lock is not None:
            with lock:
                (folder / "server.json").unlink(
                    missing_ok=True
                )  # under the lock: a server that is started now writes its own
            _reap()
            return True
        time.sleep(0.05)
    return False
