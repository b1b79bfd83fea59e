"""The embedded server: a real one is started, killed and stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toolkit.errors import PageblocksError
from toolkit.scheme import Scheme
from toolkit.studio import server
from toolkit.studio.client import connect
from toolkit.studio.port import listen
from toolkit.studio.projects import ensure_project

pytestmark = pytest.mark.studio


def answers(url: str) -> int:
    with urllib.request.urlopen(f"{url}/health", timeout=120) as reply:
        return int(reply.status)


def until_down(folder: Path) -> None:
    while server.status(folder) is not None:
        time.sleep(0.02)


def test_the_life_of_a_server(studio_folder: Path) -> None:
    assert server.status(studio_folder) is None
    with socket.socket() as busy:  # a foreign server on the port that we ask for
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        started = server.start(studio_folder, port=taken, timeout=300, quiet=True)
        try:
            port = int(started.url.rsplit(":", 1)[1])
            assert port != taken
            assert answers(started.url) == 200
            assert server.status(studio_folder) == started
            assert json.loads((studio_folder / "server.json").read_text())["port"] == port
            assert server.start(studio_folder, port=taken, quiet=True) == started  # a second start finds the first
        finally:
            assert server.stop(studio_folder)
    assert server.status(studio_folder) is None
    assert not server.stop(studio_folder)
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port)) != 0


def test_it_listens_on_this_machine_only_and_tells_nobody_its_keys(own_studio: server.Server) -> None:
    port = int(own_studio.url.rsplit(":", 1)[1])
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert [row[1].split(":")[0] for row in listening if int(row[1].split(":")[1], 16) == port] == ["0100007F"]
    command = Path(f"/proc/{own_studio.pid}/cmdline").read_bytes().decode()
    log = own_studio.log.read_text()
    for secret in (own_studio.password, own_studio.token):
        assert secret not in command
        assert secret not in log
        assert secret not in repr(own_studio)
    for name in ("credentials.json", "server.log"):
        assert stat.S_IMODE((own_studio.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((own_studio.folder / "data").stat().st_mode) == 0o700
    assert (own_studio.folder / ".gitignore").read_text() == "*\n"


def test_after_kill_9_a_record_that_names_a_living_stranger_fools_nobody(own_studio: server.Server) -> None:
    folder = own_studio.folder
    os.kill(own_studio.pid, signal.SIGKILL)
    until_down(folder)
    record = json.loads((folder / "server.json").read_text())
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        (folder / "server.json").write_text(json.dumps(record | {"pid": stranger.pid}))
        assert server.status(folder) is None
        assert not server.stop(folder)
        assert stranger.poll() is None
        again = server.start(folder, port=record["port"], timeout=300, quiet=True)
        assert again.token == own_studio.token
        assert answers(again.url) == 200
    finally:
        stranger.kill()
        stranger.wait()


def test_copies_of_one_folder_that_start_at_once_are_servers_of_their_own(
    studio_folder: Path, tmp_path: Path, port: int
) -> None:
    """They have the same token, and are asked to take the same port."""
    folders = [studio_folder, shutil.copytree(studio_folder, tmp_path / "copy")]
    try:
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(lambda folder: server.start(folder, port, 300, quiet=True), folders))
        assert len({each.url for each in found}) == 2
        for each in found:
            with connect(each.url, each.token) as line:
                ensure_project(line, f"Of {each.folder.name}", Scheme.default())
        for folder in folders:  # each answers from its own database
            with connect(folder=folder) as line:
                titles = [row["title"] for row in line.get("api/projects")["results"]]
            assert titles == [f"Of {folder.name}"]
    finally:
        for folder in folders:
            server.stop(folder)


def test_a_start_right_after_kill_9(own_studio: server.Server) -> None:
    """The killed server may not be gone yet."""
    running = own_studio
    for _ in range(3):
        os.kill(running.pid, signal.SIGKILL)
        again = server.start(running.folder, port=int(running.url.rsplit(":", 1)[1]), timeout=300, quiet=True)
        assert again.pid != running.pid
        assert again.url == running.url
        assert answers(again.url) == 200
        running = again


def test_a_start_that_is_killed_leaves_a_server_that_the_next_one_finds(studio_folder: Path, port: int) -> None:
    code = "import sys; from toolkit.studio.server import start; start(sys.argv[1], int(sys.argv[2]), 300)"
    (studio_folder / "server.json").write_text(
        '{"pid": 1, "port": 1, "url": "http://127.0.0.1:1"}'
    )  # of a server that died
    first = subprocess.Popen([sys.executable, "-c", code, str(studio_folder), str(port)], stderr=subprocess.DEVNULL)
    try:
        while (seen := server.status(studio_folder)) is None:
            assert first.poll() is None
        assert seen.pid != 1  # whoever looks while a server is starting is not told of the dead one
        first.kill()
        first.wait()
        found = server.start(studio_folder, port=port + 1, timeout=300, quiet=True)
        assert found == seen
        assert answers(found.url) == 200
    finally:
        server.stop(studio_folder)


def test_a_killed_servers_socket_may_go_after_its_lock() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dying:
        taken = dying.getsockname()[1]
        with listen(taken) as other:
            assert other.getsockname()[1] > taken
        with ThreadPoolExecutor(1) as pool:
            waits = pool.submit(listen, taken, 60)
            dying.close()
            with waits.result() as ours:
                assert ours.getsockname()[1] == taken


def test_two_starts_at_once_make_one_server(studio_folder: Path, port: int) -> None:
    try:
        with ThreadPoolExecutor(3) as pool:
            found = [
                pool.submit(
                    server.start,
                    studio_folder,
                    port,
                    timeout=300,
                )
                for _ in range(3)
            ]
            assert len({each.result().pid for each in found}) == 1
    finally:
        server.stop(studio_folder)


def test_the_server_outlives_the_command_that_started_it(studio_folder: Path, port: int) -> None:
    code = "import sys; from toolkit.studio.server import start; start(sys.argv[1], int(sys.argv[2]), 300)"
    done = subprocess.run(
        [sys.executable, "-c", code, str(studio_folder), str(port)], capture_output=True, text=True, timeout=300
    )
    try:
        assert done.returncode == 0, done.stderr
        assert done.stdout == ""
        assert "Label Studio starts" in done.stderr
        running = server.status(studio_folder)
        assert running is not None
        assert answers(running.url) == 200
    finally:
        server.stop(studio_folder)


def test_a_server_that_dies_says_its_last_words(studio_folder: Path, port: int) -> None:
    (studio_folder / "data" / "label_studio.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(PageblocksError, match=r"died at its start: .*file is not a database.*server\.log") as caught:
        server.start(studio_folder, port=port, timeout=300, quiet=True)
    assert "\n" not in str(caught.value)
    assert server.status(studio_folder) is None


def test_lost_credentials_are_not_made_anew_over_an_old_database(studio_folder: Path, port: int) -> None:
    (studio_folder / "credentials.json").unlink()
    with pytest.raises(PageblocksError, match=r"credentials\.json is gone but its database is there"):
        server.start(studio_folder, port=port, quiet=True)
    assert server.status(studio_folder) is None


def test_another_databases_credentials_are_refused(studio_folder: Path, port: int) -> None:
    (studio_folder / "credentials.json").write_text(
        json.dumps({"user": "admin@example.com", "password": "x", "token": "0" * 40})
    )
    with pytest.raises(PageblocksError, match="belongs to another database") as caught:
        server.start(studio_folder, port=port, timeout=300, quiet=True)
    assert "0" * 40 not in str(caught.value)
    assert server.status(studio_folder) is None


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PageblocksError, match="cannot use .*file/studio"):
        server.start(tmp_path / "file" / "studio")


def test_the_desktops_names_do_not_reach_the_server(tmp_path: Path) -> None:
    base = {
        "HOST": "http://evil.example",
        "PORT": "1",
        "DEBUG": "1",
        "LABEL_STUDIO_HOST": "x",
        "POSTGRE_HOST": "db",
        "PATH": "/bin",
    }
    told = server.environment(tmp_path, base)
    assert not {"HOST", "PORT", "DEBUG", "LABEL_STUDIO_HOST", "POSTGRE_HOST"} & told.keys()
    assert told["PATH"] == "/bin"
    assert told["LABEL_STUDIO_COLLECT_ANALYTICS"] == told["LABEL_STUDIO_LATEST_VERSION_CHECK"] == "false"
    assert told["LABEL_STUDIO_SENTRY_DSN"] == told["LABEL_STUDIO_FRONTEND_SENTRY_DSN"] == ""


def test_a_copied_folder_is_a_server_of_its_own(own_studio: server.Server, tmp_path: Path) -> None:
    copy = shutil.copytree(own_studio.folder, tmp_path / "copy")
    assert server.status(copy) is None
