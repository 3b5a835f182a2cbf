"""The real GIMP 3, with and without a window."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.hosts.editor import Editor
from tests.hosts.inside import Inside, ensure_editors
from tests.hosts.screen import Session, on_screen

GIMPRC = """(show-welcome-dialog no)
(check-updates no)
(color-profile-policy keep)
(metadata-rotation-policy keep)
"""


@lru_cache(maxsize=1)
def gimp_version() -> str:
    """Such as "3.0": the program, its folder and GIMP's own in a profile are named after it."""
    (console,) = (ensure_editors() / "usr/bin").glob("gimp-console-3.*")
    return console.name.rpartition("-")[2]


class GimpSession(Session):
    """GIMP with a window."""

    def run_action(self, name: str) -> None:
        """Find a menu entry by its name, through GIMP's own search for actions, and choose it."""
        self._press_until("slash", lambda: self.wait_window("Search Actions", timeout_s=5))
        self.type(name)
        time.sleep(1)  # the search begins when typing has paused
        self._press_until("Return", lambda: self.wait_no_window("Search Actions", timeout_s=5))

    def _press_until(self, key: str, wait: Callable[[], object], tries: int = 5) -> None:
        """Press a key again where the wait for its effect runs out: a busy GIMP swallows keys."""
        for remaining in reversed(range(tries)):
            self.keys(key)
            try:
                wait()
                return
            except TimeoutError:
                if not remaining:
                    raise


class Gimp(Editor):
    """GIMP 3 with a profile of its own."""

    def __init__(self, *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        self._version = gimp_version()
        self.proof = f".config/GIMP/{self._version}/pluginrc"
        # GIMP adds its version to gimprc; without it, it greets the user and asks every plug-in anew.
        self.kept = (f".config/GIMP/{self._version}/gimprc", self.proof)

    @property
    def plug_ins(self) -> Path:
        return self._configuration / "plug-ins"

    @property
    def _configuration(self) -> Path:
        return self.profile / ".config/GIMP" / self._version

    def place(self, folder: Path, name: str | None = None) -> Path:
        """Copy a plug-in's folder in; without a name, it is that of the folder's one script."""
        if name is None:
            scripts = [path.stem for path in folder.glob("*.py") if path.read_bytes().startswith(b"#!")]
            name = folder.name if folder.name in scripts or len(scripts) != 1 else scripts[0]
        target = self.plug_ins / name
        shutil.copytree(folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (target / f"{name}.py").chmod(0o755)
        return target

    def batch(
        self, script: Path | str, timeout_s: float = 60, screen: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a Python script in GIMP without a window; status 0, or 64 after any exception. With a `screen` the script
        can make windows of its own."""
        path = self._script(script)
        code = f"exec(compile(open({str(path)!r}).read(), {str(path)!r}, 'exec'))"
        options = ["--no-interface", "--no-data", "--no-fonts", "--batch-interpreter=python-fu-eval"]
        self._prepare()
        inside = Inside(self.profile, [*self.shared, path.parent], self.environment)
        argv = [f"gimp-console-{self._version}", *options, "-b", code, "--quit"]
        return _finished(inside.command(on_screen(inside, argv) if screen else argv), timeout_s)

    def interactive(self, image: Path | None = None) -> GimpSession:
        """Start GIMP with a window; the session ends it."""
        self._prepare()
        images = [] if image is None else [image.resolve()]
        argv = [f"gimp-{self._version}", "--no-splash", *map(str, images)]
        return self._start(GimpSession, argv, "gimp.log", [path.parent for path in images])

    def first_start(self) -> None:
        self.batch("print('started')", timeout_s=300).check_returncode()

    def _prepare(self) -> None:
        super()._prepare()
        self.environment.setdefault("GIMP3_DIRECTORY", str(self._configuration))
        self._configuration.mkdir(parents=True, exist_ok=True)
        gimprc = self._configuration / "gimprc"
        if not gimprc.exists():
            gimprc.write_text(GIMPRC, encoding="utf-8")

    def _script(self, script: Path | str) -> Path:
        if isinstance(script, Path):
            return script.resolve()
        path = self.profile / "batch.py"
        path.write_text(script, encoding="utf-8")
        return path


def _finished(command: Sequence[str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=timeout_s)
        except BaseException as failure:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            if not isinstance(failure, subprocess.TimeoutExpired):
                raise
            raise TimeoutError(f"not finished after {timeout_s} s:\n{output}\n{errors}") from None
    return subprocess.CompletedProcess(list(command), process.returncode, output, errors)
