"""Fixtures that several tests share: a real Label Studio, a real Chromium, pages."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.page import Blocks, Page
from toolkit.segment import segment

if TYPE_CHECKING:
    from toolkit.model import BlockClassifier

PORTS = 40  # of one run of the tests

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session", autouse=True)
def _own_environment() -> Iterator[None]:
    """The developer's own server and token are no part of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
            patch.delenv(name, raising=False)
        yield


def _cache() -> Path:
    """What the runs of one user on one machine share."""
    cache = Path(tempfile.gettempdir()) / f"pageblocks-tests-{os.getuid()}"
    cache.mkdir(mode=0o700, exist_ok=True)
    assert cache.stat().st_uid == os.getuid(), f"{cache} belongs to somebody else"
    return cache


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """The first of the ports of this run. Runs at the same time have others: a killed server's port must not be taken
    by them.
    """
    import fcntl

    for first in range(8300, 12300, PORTS):
        with open(_cache() / f"ports-{first}", "w") as mine:
            try:
                fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            yield first
            return
    raise AssertionError("a hundred runs of the tests at once")


@pytest.fixture(scope="session")
def studio_template(port: int) -> Path:
    """A data folder with a fresh database, made once a machine and release (half a minute) and copied from then on."""
    if importlib.util.find_spec("label_studio") is None:
        pytest.skip("Label Studio is not installed; pip install 'pageblocks[studio]'")
    import fcntl

    from toolkit.studio import server

    cache = _cache()
    ready = cache / f"studio-{importlib.metadata.version('label-studio')}"
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            making = ready.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            server.start(making, port=port, timeout=600, quiet=True)
            server.stop(making)
            making.rename(ready)
    return ready


@pytest.fixture
def studio_folder(studio_template: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, nothing runs in it yet; what the test started is stopped at its end."""
    return shutil.copytree(studio_template, tmp_path / "studio")


@pytest.fixture
def own_studio(studio_folder: Path, port: int) -> Iterator[Any]:
    """A server of the test's own, to be killed and stopped at will."""
    from toolkit.studio import server

    yield server.start(studio_folder, port=port, timeout=300, quiet=True)
    server.stop(studio_folder)


@pytest.fixture(scope="session")
def studio(studio_template: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The server that tests share; each makes a project of its own."""
    from toolkit.studio import server

    folder = shutil.copytree(studio_template, tmp_path_factory.mktemp("studio") / "folder")
    yield server.start(folder, port=port, timeout=300, quiet=True)
    server.stop(folder)


@pytest.fixture
def client(studio: Any) -> Iterator[Any]:
    from toolkit.studio.client import connect

    with connect(folder=studio.folder) as line:
        yield line


@pytest.fixture
def project(client: Any, request: pytest.FixtureRequest) -> Any:
    """An empty project of the default scheme, called after the test."""
    from toolkit.scheme import Scheme
    from toolkit.studio.projects import ensure_project

    return ensure_project(client, request.node.name[:50].ljust(3, "_"), Scheme.default(), overlap=2)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium through Playwright (Playwright's own builds are not needed)."""
    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(f"no Chromium ({', '.join(CHROMIUMS)}) on the PATH; on Debian and Ubuntu: apt-get install chromium")
    api = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed; pip install 'pageblocks[test]'"
    )
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def page_of() -> Callable[..., Blocks]:
    """page_of(id, body, url=...) -> the segmented page."""

    def make(id: str, body: str, url: str = "", title: str = "") -> Blocks:
        text = f"<!doctype html><title>{title or id}</title><body>{body}"
        return segment(Page(id, f"{id}.html", text.encode("utf-8", "surrogatepass"), url=url))

    return make


@pytest.fixture(scope="session")
def model() -> BlockClassifier:
    """The model that comes with the package."""
    from toolkit import load

    return load()
