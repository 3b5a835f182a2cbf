"""The plug-in as it is installed, and the daemons that its tests talk to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.client.fake_daemon import FakeDaemon, fake_daemon  # noqa: F401
from tests.hosts.fixtures import editors, gimp, krita  # noqa: F401
from tests.hosts.rig import Gimp

from neural_style_client import Client

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CLIENT = REPOSITORY / "server/neural_style_client"


def assemble(folder: Path) -> Path:
    """The plug-in's folder as the installer writes it: its own files and the client package."""
    target, no_bytecode = folder / "neural-style", shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "gimp_plugin/neural-style", target, ignore=no_bytecode, dirs_exist_ok=True)
    shutil.copytree(CLIENT, target / CLIENT.name, ignore=no_bytecode, dirs_exist_ok=True)
    return target


_INSTALLED = tempfile.TemporaryDirectory(prefix="neural-style-gimp-")
sys.path.insert(0, str(assemble(Path(_INSTALLED.name))))  # the modules import each other by their plain names


@pytest.fixture(scope="session")
def fake_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of a daemon that turns colours round: exact values to compare with."""
    home = tmp_path_factory.mktemp("fake")
    with FakeDaemon(home):
        yield home


@pytest.fixture(scope="session")
def real_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the real daemon with the real network, one for all tests."""
    home = tmp_path_factory.mktemp("home")
    with real_daemon(home) as process:
        wait_until_warm(home, process)
        yield home


@contextmanager
def real_daemon(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon of that home, which is not warm yet."""
    environment = dict(os.environ, NEURAL_STYLE_HOME=str(home), PYTHONPATH=str(REPOSITORY / "server"))
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "neural_style_server", "serve"], env=environment, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def wait_until_warm(home: Path, process: subprocess.Popen[bytes], timeout_s: float = 90) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and process.poll() is None:
        if (home / "daemon.json").exists() and client_of(home).health().get("worker") in ("ready", "busy"):
            return
        time.sleep(0.2)
    raise RuntimeError(f"The daemon did not become ready:\n{(home / 'serve.log').read_text()[-2000:]}")


def client_of(home: Path) -> Client:
    """A client of the daemon of that home."""
    found = json.loads((home / "daemon.json").read_text())
    return Client(found["url"], found["token"])


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("documents") / "photo.png"
    with Image.open(REPOSITORY / "presets/_sample.jpg") as sample:
        sample.convert("RGB").resize((480, 320)).save(path)
    return path


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots are kept: NEURAL_STYLE_TEST_ARTEFACTS, else the test's own folder."""
    folder = Path(os.environ.get("NEURAL_STYLE_TEST_ARTEFACTS") or tmp_path) / "gimp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def placed(editors: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Gimp]]:  # noqa: F811
    """Makes GIMPs with the plug-in placed, talking to the daemon of a home."""
    made = []

    def make(home: Path, **environment: str) -> Gimp:
        folder = tmp_path_factory.mktemp("gimp")
        placed_gimp = Gimp(folder / "profile", shared=[folder, home, HERE], environment=environment)
        placed_gimp.environment.update(NEURAL_STYLE_HOME=str(home), GIMP_SCRIPTS=str(HERE / "scripts"))
        placed_gimp.environment["GIMP_REPORT"] = str(folder / "report.json")
        placed_gimp.place(assemble(folder / "installed"))
        made.append(placed_gimp)
        return placed_gimp

    yield make
    for one in made:
        one.close()


def reported(placed_gimp: Gimp, script: str, timeout_s: float = 240, screen: bool = False) -> dict[str, Any]:
    """What a script of ours found out in GIMP; with a `screen`, in windows of its own."""
    done = placed_gimp.batch(HERE / "scripts" / script, timeout_s=timeout_s, screen=screen)
    report = Path(placed_gimp.environment["GIMP_REPORT"])
    assert done.returncode == 0 and report.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    return found
