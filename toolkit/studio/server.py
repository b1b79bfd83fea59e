"""The embedded Label Studio: one server for one project folder, on this machine only.

Whether it runs is told by a lock on `server.lock`, which the server process inherits and the kernel lets go when the process
dies. A number in a pid file may belong to somebody else after a restart of the machine; a lock cannot.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..errors import MissingExtra, PageblocksError
from ..files import write_atomic
from . import database

FOLDER = Path(".studio")
HOST = "127.0.0.1"
_children: dict[int, subprocess.Popen[bytes]] = {}  # kept so that a server that we started ourselves is reaped when it stops


@dataclass(frozen=True)
class Server:
    """A running Label Studio. `token` and `password` stay out of its repr, so that no log shows them."""

    url: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    pid: int
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "server.log"


def start(folder: Path | str = FOLDER, port: int = 8080, timeout: float = 180, quiet: bool = False) -> Server:
    """Start the server of `folder` (made when it is not there) or return the one that runs already.

    The first start takes about half a minute, as the database is made; later ones a few seconds. A busy `port` gives the next
    free one, which is remembered. The process outlives this one; `stop` ends it. Progress goes to stderr unless `quiet`.
    Its data lie in SQLite in the folder, or in the PostgreSQL that DJANGO_DB and POSTGRE_* name (see `database`).
    Raises PageblocksError when Label Studio is not installed, dies, or is not up after `timeout` seconds.
    """
    folder = Path(folder).resolve()
    _private_folder(folder)
    deadline = time.monotonic() + timeout
    while (lock := _take_lock(folder)) is None:  # runs, or another process is starting it just now
        running = status(folder)
        if running is not None:
            _wait(running, deadline, quiet)
            return running
        if time.monotonic() > deadline:
            raise PageblocksError(f"a process holds {folder / 'server.lock'} but wrote no address; stop it (`fuser` names it)")
        time.sleep(0.1)
    with lock:
        data = database.of(folder)
        server = _spawn(folder, _free_port(port), lock, data)
    try:
        _wait(server, deadline, quiet)
        _check_token(server)
        if data is not None:
            database.remember(folder, data)
    except BaseException:
        stop(folder)
        raise
    return server


def status(folder: Path | str = FOLDER) -> Server | None:
    """The running server of `folder`, or None. A record that a dead process left is taken for what it is."""
    folder = Path(folder).resolve()
    if not (folder / "server.lock").exists():
        return None
    lock = _take_lock(folder, shared=True)
    if lock is not None:
        lock.close()
        return None
    record = _read(folder / "server.json")
    keys = _read(folder / "credentials.json")
    if not record or not keys:
        return None
    return Server(record["url"], keys["user"], keys["password"], keys["token"], int(record["pid"]), folder)


def stop(folder: Path | str = FOLDER, timeout: float = 20) -> bool:
    """Stop the server of `folder`; False when none ran. It is asked first (SIGTERM) and killed after `timeout` seconds."""
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
            raise PageblocksError(f"the server (process {server.pid}) belongs to another user; stop it as that user") from error
        if _gone(folder, server.pid, seconds):
            (folder / "server.json").unlink(missing_ok=True)
            return True
    raise PageblocksError(f"the server (process {server.pid}) does not stop; see {server.log}")


def credentials(folder: Path | str = FOLDER) -> dict[str, str] | None:
    """`user`, `password` and `token` of the folder's server, from its 0600 file; None before the first start."""
    return _read(Path(folder) / "credentials.json")


def environment(folder: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """What the server's process is told: its data lie in `folder`, and it calls nobody.

    Label Studio reads bare names too (HOST, PORT, DEBUG, USERNAME ...), so whatever the desktop set is taken out.
    """
    told = dict(os.environ if base is None else base)
    for name in list(told):
        if name.startswith(("LABEL_STUDIO_", "HEARTEX_", "POSTGRE_", "DJANGO_")) or name in _BARE:
            del told[name]
    data = str(folder / "data")
    return told | {
        "LABEL_STUDIO_BASE_DATA_DIR": data,
        "XDG_CONFIG_HOME": str(folder / "data" / "xdg"),
        "XDG_DATA_HOME": str(folder / "data" / "xdg"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        "LABEL_STUDIO_SENTRY_DSN": "",
        "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        # Seconds for `studio backend` to answer: where it is late, a page opens without suggestions.
        "LABEL_STUDIO_ML_CONNECTION_TIMEOUT": "5",
        "LABEL_STUDIO_ML_TIMEOUT_HEALTH": "10",
        "LABEL_STUDIO_ML_TIMEOUT_SETUP": "10",
        "LABEL_STUDIO_WEBHOOK_TIMEOUT": "5",
        # `studio backend` runs on this machine, too. Other addresses that are not public stay out of reach for imports and hooks.
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "false",
        "LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS": ",".join(_UNREACHABLE),
        # One key for "next block", and no single key that takes a block's label away.
        "LABEL_STUDIO_EDITOR_KEYMAP": json.dumps({"region:cycle": {"key": "j"}, "region:delete": {"key": "shift+backspace"}}),
        "PYTHONUNBUFFERED": "1",
    }


# What Label Studio bans by itself, but 127.0.0.0/8. Of IPv6 all that is not public.
_UNREACHABLE = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
    *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
    *("::/3", "4000::/2", "8000::/1", "2001::/23", "2001:db8::/32", "2002::/16"),
)
_BARE = {"HOST", "PORT", "DEBUG", "USERNAME", "PASSWORD", "CI", "DATABASE_NAME", "BASE_DATA_DIR", "USER_TOKEN", "SECRET_KEY"}


def _private_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        # Whatever lies here is one machine's: a commit that takes it along would publish the token.
        if not (folder / ".gitignore").exists():
            write_atomic(folder / ".gitignore", "*\n")
    except OSError as error:
        raise PageblocksError(f"cannot use {folder} for Label Studio: {error.strerror or error}") from error


def _take_lock(folder: Path, shared: bool = False) -> IO[bytes] | None:
    """The folder's lock, or None when a server (or a start that is under way) holds it. Who only looks takes it shared."""
    try:
        import fcntl
    except ImportError as error:
        raise PageblocksError("the embedded Label Studio needs Linux or macOS; elsewhere set LABEL_STUDIO_URL") from error
    try:
        lock = open(folder / "server.lock", "ab")  # noqa: SIM115 (whoever takes it lets it go)
    except OSError as error:
        raise PageblocksError(f"cannot open {folder / 'server.lock'}: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _spawn(folder: Path, port: int, lock: IO[bytes], data: database.Postgres | None) -> Server:
    import importlib.util

    if importlib.util.find_spec("label_studio") is None:
        raise MissingExtra.of("Label Studio", "studio")
    (folder / "server.json").unlink(missing_ok=True)
    keys = credentials(folder) or _new_credentials(folder)
    command = [
        sys.executable,
        "-c",
        # A short word for `ps`, and the same interpreter: no hunt for a script on the PATH.
        "import sys; from label_studio.server import main; sys.argv[0] = 'label-studio'; sys.exit(main())",
        *("start", "--no-browser", "--internal-host", HOST, "--port", str(port)),
        *("--username", keys["user"], "--enable-legacy-api-token"),
    ]
    # Password and token go by the environment: a command line is there for every user of the machine to read.
    told = environment(folder) | {"LABEL_STUDIO_PASSWORD": keys["password"], "LABEL_STUDIO_USER_TOKEN": keys["token"]}
    told |= data.environment() if data is not None else {}
    with open(os.open(folder / "server.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env=told,
            start_new_session=True, pass_fds=(lock.fileno(),),
        )  # fmt: skip
    _reap()
    _children[process.pid] = process
    url = f"http://{HOST}:{port}"
    write_atomic(folder / "server.json", json.dumps({"pid": process.pid, "port": port, "url": url}) + "\n")
    return Server(url, keys["user"], keys["password"], keys["token"], process.pid, folder)


def _new_credentials(folder: Path) -> dict[str, str]:
    if not _fresh(folder):
        raise PageblocksError(
            f"{folder / 'credentials.json'} is gone but its database is there; put the file back, or move {folder} away"
        )
    keys = {"user": "admin@example.com", "password": secrets.token_urlsafe(15), "token": secrets.token_hex(20)}
    path = folder / "credentials.json"
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    # 0600 from its first byte on.
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as f:
        json.dump(keys, f)
        f.flush()
        os.fsync(f.fileno())
    os.replace(temporary, path)
    return keys


def _fresh(folder: Path) -> bool:
    return not ((folder / "data" / "label_studio.sqlite3").exists() or database.recorded(folder))


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise PageblocksError(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict):
        raise PageblocksError(f"{path} does not hold what pageblocks wrote; move it away")
    return found


def _free_port(port: int) -> int:
    for candidate in range(port, min(port + 1000, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind((HOST, candidate))
            except OSError:
                continue
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
            s.settimeout(1)
            # Label Studio asks "localhost" the same way, and would move on by itself without telling.
            if s.connect_ex(("localhost", candidate)) != 0:
                return candidate
    raise PageblocksError(f"no free port from {port} on; give another with --port")


def _get(url: str, token: str = "", timeout: float = 5) -> int:
    """The status of a GET to our own server, 0 when nobody answers. No proxy is asked: it is this machine."""
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"Authorization": f"Token {token}"} if token else {})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
    except (OSError, ValueError):
        return 0


def _wait(server: Server, deadline: float, quiet: bool) -> None:
    from rich.console import Console

    first = " for the first time: makes its database, about half a minute" if _fresh(server.folder) else ""
    text = "Label Studio starts" + first
    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        console.print(f"{text} ...")
    with console.status(text):
        while _get(f"{server.url}/health") != 200:
            if status(server.folder) is None:
                raise PageblocksError(f"Label Studio died at its start: {_last_line(server.log)} (all of it: {server.log})")
            if time.monotonic() > deadline:
                raise PageblocksError(f"Label Studio does not answer at {server.url} in time; see {server.log}")
            time.sleep(0.2)


def _check_token(server: Server) -> None:
    """That the one who answers is ours: it knows the token that only this folder holds."""
    answer = _get(f"{server.url}/api/current-user/whoami", server.token, timeout=30)
    if answer != 200:
        raise PageblocksError(
            f"the Label Studio at {server.url} does not take the token of {server.folder / 'credentials.json'} (status {answer});"
            " the file belongs to another database"
        )


def _last_line(log: Path) -> str:
    try:
        lines = log.read_bytes()[-20_000:].decode("utf-8", "replace").split("\n")
    except OSError:
        return "no log"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")[:300]


def _reap() -> None:
    """Take note of our own servers that ended, or they stay behind as zombies while this process lives."""
    for pid, child in list(_children.items()):
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0.1)  # the lock goes a moment before the process does
            del _children[pid]


def _gone(folder: Path, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        lock = _take_lock(folder, shared=True)
        if lock is not None:
            lock.close()
            _reap()
            return True
        time.sleep(0.05)
    return False
