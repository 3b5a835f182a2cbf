"""The real Krita 5, driven from within by a test's own plug-in."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.hosts.editor import Editor
from tests.hosts.inside import HERE
from tests.hosts.screen import Session

END_AT_ONCE = "from rig_driver import drive\n\n@drive\ndef test():\n    yield 1\n"
DESKTOP = """[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library={name}
X-Python-2-Compatible=false
Name={name}
"""


class KritaResult(NamedTuple):
    exit_code: int
    result: Any


class Krita(Editor):
    """Krita 5 with a profile of its own."""

    kept = (".local/share/krita", ".config/kritarc")
    proof = ".local/share/krita/resourcecache.sqlite"

    @property
    def resources(self) -> Path:
        return self.profile / ".local/share/krita"

    @property
    def log(self) -> str:
        """What the last run printed, errors of plug-ins among it."""
        return (self.profile / "krita.log").read_text(encoding="utf-8", errors="replace")

    def run(
        self,
        test_plugin: Path | str,
        extra_plugins: Sequence[Path] = (),
        documents: Sequence[Path] = (),
        timeout_s: float = 120,
    ) -> KritaResult:
        """Run Krita until the test's plug-in ends it: the exit status and the result it handed over."""
        session = self.start(test_plugin, extra_plugins, documents)
        code = session.wait(timeout_s)
        return KritaResult(code, self.result())

    def start(
        self, test_plugin: Path | str, extra_plugins: Sequence[Path] = (), documents: Sequence[Path] = ()
    ) -> Session:
        """Start Krita with a test's plug-in; `session.wait` waits until that ends it."""
        self._prepare()
        for plugin in [*extra_plugins, test_plugin]:
            self.place(plugin)
        shutil.copy2(HERE / "rig_driver.py", self._pykrita)
        self.enable(path.stem for path in self._pykrita.glob("*.desktop"))
        self._result_path.unlink(missing_ok=True)
        paths = [str(path.resolve()) for path in documents]
        self.environment.update(RIG_RESULT=str(self._result_path), RIG_DOCUMENTS=json.dumps(paths))
        folders = [path.parent for path in documents]
        return self._start(Session, ["krita", "--nosplash"], "krita.log", folders)

    def first_start(self) -> None:
        code, _ = self.run(END_AT_ONCE, timeout_s=300)
        if code != 0:
            raise RuntimeError(f"Krita's first start ended with {code}\n{self.log}")
        shutil.rmtree(self._pykrita)

    def result(self) -> Any:
        """What the test's plug-in handed over, or None."""
        if not self._result_path.exists():
            return None
        return json.loads(self._result_path.read_text(encoding="utf-8"))

    def place(self, plugin: Path | str) -> None:
        """Copy a plug-in in: a folder of .desktop files, a package, a module's file or (str) its text."""
        self._pykrita.mkdir(parents=True, exist_ok=True)
        if isinstance(plugin, str):
            self._place_text("rig_test", plugin)
        elif plugin.is_file():
            self._place_text(plugin.stem, plugin.read_text(encoding="utf-8"))
        elif (plugin / "__init__.py").exists():
            self._place_package(plugin)
        else:
            shutil.copytree(plugin, self._pykrita, dirs_exist_ok=True, ignore=_CACHES)

    def enable(self, names: Iterable[str]) -> None:
        """Enable plug-ins in kritarc, whose other settings stay."""
        path = self.profile / ".config/kritarc"
        path.parent.mkdir(parents=True, exist_ok=True)
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        wanted = "".join(f"enable_{name}=true\n" for name in sorted(names))
        path.write_text(f"[python]\n{wanted}\n{_without_section(old, 'python')}", encoding="utf-8")

    @property
    def _pykrita(self) -> Path:
        return self.resources / "pykrita"

    @property
    def _result_path(self) -> Path:
        return self.profile / "result.json"

    def _place_text(self, name: str, text: str) -> None:
        (self._pykrita / name).mkdir(exist_ok=True)
        (self._pykrita / name / "__init__.py").write_text(text, encoding="utf-8")
        self._describe(name)

    def _place_package(self, package: Path) -> None:
        shutil.copytree(package, self._pykrita / package.name, dirs_exist_ok=True, ignore=_CACHES)
        self._describe(package.name, package.with_name(f"{package.name}.desktop"))

    def _describe(self, name: str, desktop: Path | None = None) -> None:
        text = DESKTOP.format(name=name)
        if desktop is not None and desktop.exists():
            text = desktop.read_text(encoding="utf-8")
        (self._pykrita / f"{name}.desktop").write_text(text, encoding="utf-8")


_CACHES = shutil.ignore_patterns("__pycache__")


def _without_section(settings: str, name: str) -> str:
    return re.sub(rf"(?ms)^\[{re.escape(name)}\]$.*?(?=^\[|\Z)", "", settings)
