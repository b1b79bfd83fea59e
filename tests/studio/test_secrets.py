"""The token and the password stand in one file that only its owner can read, and in nothing that is said, logged or
written.
"""

from __future__ import annotations

import gzip
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from toolkit.corpus.folder import create
from toolkit.page import Page
from toolkit.studio import server

pytestmark = pytest.mark.studio
ROOT = Path(__file__).parents[2]


def files(folder: Path) -> dict[str, bytes]:
    """What each file says, also inside of what is packed."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            found[str(path)] = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            if path.suffix == ".zip":
                with zipfile.ZipFile(path) as packed:
                    found |= {f"{path}/{name}": packed.read(name) for name in packed.namelist()}
    return found


def test_no_command_tells_the_token(own_studio: server.Server, tmp_path: Path, port: int) -> None:
    pytest.importorskip("uvicorn", reason="uvicorn is not installed; pip install 'pageblocks[serve]'")
    secrets = {"token": own_studio.token.encode(), "password": own_studio.password.encode()}
    assert all(len(value) > 8 for value in secrets.values())
    create(tmp_path / "c", [(Page("p1", "p1", b"<h1>Head</h1><p>Story</p>", url="https://a.example/"), {})])
    env = os.environ | {"PYTHONPATH": str(ROOT), "PAGEBLOCKS_DEBUG": "1", "HTTPX_LOG_LEVEL": "trace"}
    told = env | {"LABEL_STUDIO_URL": own_studio.url, "LABEL_STUDIO_API_KEY": own_studio.token}
    wrong = told | {"LABEL_STUDIO_URL": f"{own_studio.url}/nowhere"}
    project = ["--project", "Secrets"]
    said: dict[str, bytes] = {}

    def run(*words: str, env: dict[str, str] = told) -> int:
        command = [sys.executable, "-m", "toolkit.cli", *words]
        ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, timeout=300)
        said[f"{len(said)} {' '.join(words)}"] = ran.stdout + ran.stderr
        return ran.returncode

    assert run("push", "c", *project, "--model", "none") == 0
    assert run("pull", *project, "--out", "c", "--json") == 0
    assert run("studio", "invite") == 0
    assert run("studio", "backup", *project, "--out", "b.zip") == 0
    assert run("studio", "restore", "b.zip", "--project", "Again") == 0
    assert run("studio", "status", "--json", "--folder", "studio", env=env) == 0
    assert run("pull", "--project", "Nothing", "--out", "c") == 1
    assert run("push", "c", *project, "--model", "none", env=wrong) == 1
    assert run("push", "c", *project, "--model", "none", env=told | {"LABEL_STUDIO_URL": "http://127.0.0.1:9"}) == 1

    command = [sys.executable, "-m", "toolkit.cli", "studio", "backend", "--corpus", "c", *project]
    command += ["--port", str(port + 30)]
    with open(tmp_path / "backend.log", "wb") as log:
        backend = subprocess.Popen(command, cwd=tmp_path, env=told, stdout=log, stderr=log)
        try:
            while b"Ctrl-C" not in (tmp_path / "backend.log").read_bytes():
                assert backend.poll() is None, (tmp_path / "backend.log").read_text()
                time.sleep(0.1)
            command_line = Path(f"/proc/{backend.pid}/cmdline").read_bytes() if Path("/proc").exists() else b""
        finally:
            backend.send_signal(signal.SIGINT)
            backend.wait(60)
    said["the backend's command line"] = command_line

    keys = own_studio.folder / "credentials.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    there = files(tmp_path)
    assert str(own_studio.log) in there
    assert any("/raw/" in name or name.endswith("b.zip/tasks.jsonl") for name in there)
    # Label Studio's own database has them, in a folder that is closed to others.
    own = (str(keys), str(own_studio.folder / "data"))
    kept = {name: text for name, text in there.items() if not name.startswith(own)}
    for what, secret in secrets.items():
        assert [name for name, text in (said | kept).items() if secret in text] == [], what
        assert secret in there[str(keys)]  # it is looked for in the right way
