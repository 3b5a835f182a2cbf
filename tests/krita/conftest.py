"""The plug-in as it is installed, and the daemons that its tests talk to."""

from __future__ import annotations

import builtins
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.client.fake_daemon import fake_daemon  # noqa: F401
from tests.hosts.fixtures import editors  # noqa: F401
from tests.hosts.fonts import place_font
from tests.hosts.rig import Krita, Session
from tests.hosts.stand_ins import Anything

from neural_style_client import Client

REPOSITORY = Path(__file__).resolve().parents[2]
CLIENT = REPOSITORY / "server/neural_style_client"
SOURCE = REPOSITORY / "krita_plugin"


def assemble(folder: Path, starts: Sequence[str] = ()) -> Path:
    """The plug-in as the installer writes it into `pykrita`: its own files, the client, how to start a daemon."""
    not_shipped = shutil.ignore_patterns("__pycache__", "*.action")
    shutil.copytree(SOURCE, folder, ignore=not_shipped, dirs_exist_ok=True)
    shutil.copytree(CLIENT, folder / "neural_style" / CLIENT.name, ignore=not_shipped, dirs_exist_ok=True)
    if starts:
        config = json.dumps({"command": list(starts)})
        (folder / "neural_style" / "neural_style_config.json").write_text(config, encoding="utf-8")
    return folder


def _package(folder: Path) -> types.ModuleType:
    """The package without running its `__init__`, which registers with Krita."""
    package = types.ModuleType("neural_style")
    package.__path__ = [str(folder / "neural_style")]
    return package


_INSTALLED = tempfile.TemporaryDirectory(prefix="neural-style-krita-")
sys.modules["neural_style"] = _package(assemble(Path(_INSTALLED.name)))


# --- the real Krita ---------------------------------------------------------------------------------------

DRIVERS = Path(__file__).parent / "drivers"
SHARED = ("driving", "brush", "following", "strokes")
"""What drivers have in common, laid beside each of them."""

MOST_STARTS = 3
"""Krita has ended in the middle of a driver, why is not known yet; a test tried again then gets a new start."""


class Driven:
    """What a driver's checks gave in one start of Krita."""

    def __init__(self, result: dict[str, Any] | None, log: str, end: str = "") -> None:
        self.result, self.log, self.end = result or {}, log, end

    def passed(self, name: str) -> None:
        """Fails with the check's own traceback, or with Krita's last words where it never got there."""
        found = self.result.get("checks", {}).get(name)
        last_words = "\n".join(self.log.splitlines()[-25:])
        told = f"{self.end} {self.result.get('traceback', '')}\n{last_words}"
        assert found is not None, f"Krita never got to it: {told}"
        assert found == "ok", found

    @property
    def measured(self) -> dict[str, Any]:
        return self.result.get("measured", {})


def imported(path: Path, **modules: Any) -> dict[str, Any]:
    """The names that a driver's module defines. `modules` are those of its imports that are real."""

    def import_(name: str, *details: Any) -> Any:
        if name.split(".")[0] in sys.stdlib_module_names:
            return builtins.__import__(name, *details)
        return modules.get(name, Anything())

    names: dict[str, Any] = {"__name__": path.stem, "__builtins__": {**vars(builtins), "__import__": import_}}
    exec(compile(path.read_text(encoding="utf-8"), path, "exec"), names)
    return names


def checks_of(driver: str, folder: Path = DRIVERS) -> list[str]:
    """The names of a driver's checks, in their order, however they are decorated or made."""
    driving = imported(DRIVERS / "driving.py")
    imported(folder / f"{driver}.py", driving=types.SimpleNamespace(**driving))
    return [check.__name__ for check in driving["CHECKS"]]


def place_plug_in(krita: Krita, folder: Path, starts: Sequence[str] = ()) -> list[Path]:
    """What `install-plugins` puts into Krita's folder; the plug-ins to enable."""
    actions = krita.resources / "actions"
    actions.mkdir(parents=True, exist_ok=True)
    shutil.copy2(SOURCE / "neural_style.action", actions)
    return [assemble(folder / "plug-in", starts), *(DRIVERS / f"{name}.py" for name in SHARED)]


def _wait(session: Session, timeout_s: float) -> str:
    """How it ended; what a driver that never ended has found out until then is not lost."""
    try:
        return f"exit status {session.wait(timeout_s)}"
    except TimeoutError as error:
        return str(error)


def _choose_theme(krita: Krita, theme: str) -> None:
    path = krita.profile / ".config/kritarc"
    path.parent.mkdir(parents=True, exist_ok=True)
    name = {"dark": "Krita dark", "light": "Krita bright"}[theme]
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"[theme]\nTheme={name}\n\n{old}", encoding="utf-8")


def _choose_language(krita: Krita, language: str) -> None:
    """As Settings → Switch Application Language does."""
    path = krita.profile / ".config/klanguageoverridesrc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[Language]\nkrita={language}\n", encoding="utf-8")
    place_font(krita.profile)


class Driving:
    """Runs drivers in Krita, each once, against a daemon whose home is given; once more where Krita died on the way and
    a test is tried again.

    KRITA_ARTEFACTS names the folder for screenshots; KRITA_SAMPLE a photo, of which `test_looks` then paints
    the picture for the documentation (a minute more).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artefacts = Path(os.environ.get("KRITA_ARTEFACTS", folder / "artefacts"))
        self.artefacts.mkdir(parents=True, exist_ok=True)
        self._done: dict[str, Driven] = {}
        self._starts: Counter[str] = Counter()

    def krita(self, name: str, home: Path, **environment: str) -> Krita:
        krita = Krita(self.folder / name, shared=[self.folder, self.artefacts, home])
        krita.environment.update(NEURAL_STYLE_HOME=str(home), DRIVE_ARTEFACTS=str(self.artefacts), **environment)
        if sample := os.environ.get("KRITA_SAMPLE"):
            krita.environment["DRIVE_SAMPLE"] = str(shutil.copy(sample, self.folder))
        return krita

    def run(
        self,
        driver: str,
        home: Path,
        theme: str = "dark",
        timeout_s: float = 600,
        starts: Sequence[str] = (),
        language: str = "",
    ) -> Driven:
        """What a driver gave. `starts`: the command that starts a daemon; `language`: Krita's, where not English."""
        name = "-".join(filter(None, (driver, theme if theme != "dark" else "", language)))
        known = self._done.get(name)
        complete = known is not None and set(checks_of(driver)) <= set(known.result.get("checks", {}))
        if known is None or (not complete and self._starts[name] < MOST_STARTS):
            chosen = {"DRIVE_THEME": theme, **({"DRIVE_LANGUAGE": language} if language else {})}
            with self.started(driver, home, name, starts, **chosen) as (krita, session):
                end = _wait(session, timeout_s)
                known = self._done[name] = Driven(krita.result(), krita.log, end)
        return known

    @contextmanager
    def started(
        self, driver: str, home: Path, name: str = "", starts: Sequence[str] = (), **environment: str
    ) -> Iterator[tuple[Krita, Session]]:
        """Krita with a driver, ended at the end.

        Each start has a folder of its own: what a driver left for the test outside is never found by the next try.
        """
        name = name or driver
        self._starts[name] += 1
        folder = f"{name}-{self._starts[name]}"
        krita = self.krita(folder, home, **environment)
        krita.environment.update(DRIVE_FOLDER=str(krita.profile))
        try:
            plugins = place_plug_in(krita, self.folder / f"{folder}-plug-in", starts)
            _choose_theme(krita, environment.get("DRIVE_THEME", "dark"))
            if language := environment.get("DRIVE_LANGUAGE"):
                _choose_language(krita, language)
            yield krita, krita.start(DRIVERS / f"{driver}.py", plugins)
        finally:
            krita.close()
            shutil.rmtree(krita.resources, ignore_errors=True)


@pytest.fixture(scope="session")
def driving(editors: Path, tmp_path_factory: pytest.TempPathFactory) -> Driving:  # noqa: F811
    return Driving(tmp_path_factory.mktemp("krita"))


class Daemon:
    """The real daemon with a home of its own; ended by its process id."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "NEURAL_STYLE_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "server")}
        self.log = (home / "test.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "neural_style_server", "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def client(self) -> Client:
        found = json.loads((self.home / "daemon.json").read_text(encoding="utf-8"))
        return Client(found["url"], found["token"])

    def wait_until_warm(self, timeout_s: float = 90) -> None:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.client().health()["warm"]:
                    return
            except Exception:
                pass
            time.sleep(0.2)
        raise RuntimeError(f"the daemon is not ready: {(self.home / 'test.log').read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """As an out-of-memory killer does; the worker ends by itself."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()
        self.log.close()


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One warm daemon for all tests that do not end it."""
    daemon = Daemon(tmp_path_factory.mktemp("daemon"))
    try:
        daemon.wait_until_warm()
        yield daemon
    finally:
        daemon.close()
