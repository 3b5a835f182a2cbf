"""Runs the real GIMP 3 and the real Krita 5 without a screen, for tests.

Both live in a folder of Debian 13 that `setup.sh` builds once (four minutes) into the user's cache; with
NEURAL_STYLE_TEST_EDITORS=newest in one of Debian's unstable suites, with the newest of both. A command
runs inside with mounts and processes of its own: when it ends, or the test does, all it started and mounted
is gone. The network is the machine's, so a daemon at 127.0.0.1 outside answers inside; its process id means
nothing there. Paths are the same inside and outside, but only the profile, `shared` paths and the documents'
folders can be seen, and no variable of the environment but those given.

In tests use the fixtures; `tests/gimp/conftest.py` and `tests/krita/conftest.py` need this one line each:

    from tests.hosts.fixtures import editors, gimp, krita  # noqa: F401

GIMP, without a window (Path = a script's file, str = a script's text):

    @pytest.mark.gimp
    def test_gimp(gimp, tmp_path):                     # a fresh profile; tmp_path is shared
        gimp.place(repository / "gimp_plugin")         # the folder NAME with NAME.py, as plug-in NAME
        gimp.environment["NEURAL_STYLE_HOME"] = str(tmp_path / "home")
        done = gimp.batch(Path("script.py"), timeout_s=60)   # imports its own gi, Gimp, Gegl
        assert done.returncode == 0, done.stderr       # 64 after any exception; traceback in done.stderr

GIMP, with a window:

        with gimp.interactive(tmp_path / "photo.png") as session:
            session.wait_window("photo", timeout_s=60)
            session.keys("alt+r")                      # several keys: session.keys("Down", "Return")
            session.run_action("neural style")         # a menu entry by its name, whatever menu it is in
            session.screenshot(tmp_path / "menu.png")

Krita, driven from within by a test-only plug-in (see rig_driver.py for what it can do):

    @pytest.mark.krita
    def test_krita(krita, tmp_path):
        code, result = krita.run(Path("drive_docker.py"), extra_plugins=[repository / "krita_plugin"],
                                 documents=[tmp_path / "photo.png"], timeout_s=120)
        assert code == 0, krita.log

A plug-in for Krita is a folder of `NAME.desktop` + `NAME/`, a package folder, a `.py` file or (str) a source
text. `krita.start(...)` takes the same and gives a session with keys and screenshots; end it with
`session.wait(timeout_s)` and read `krita.result()`. HOME inside is the profile: what `install-plugins` writes
with HOME=profile outside is found inside (GIMP: .config/GIMP/3.0, Krita: .local/share/krita).

What an editor does at its very first start is done once and kept beside the folder; every profile starts from
that. Then GIMP without a window takes 2 s, with one 6 s, Krita 4 s on two idle cores.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

S = TypeVar("S", bound="Session")

HERE = Path(__file__).resolve().parent
os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))  # chroot lies there

SCREEN = "1280x800"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
GIMPRC = """(show-welcome-dialog no)
(check-updates no)
(color-profile-policy keep)
(metadata-rotation-policy keep)
"""
END_AT_ONCE = "from rig_driver import drive\n\n@drive\ndef test():\n    yield 1\n"
DESKTOP = """[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library={name}
X-Python-2-Compatible=false
Name={name}
"""


class EditorsUnavailable(Exception):
    """The editors cannot be had on this machine; the message is one plain sentence."""


@lru_cache(maxsize=1)
def _set_up() -> tuple[Path | None, str]:
    done = subprocess.run(["bash", str(HERE / "setup.sh")], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    lines = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    last = lines[-1] if lines else f"setup.sh ended with status {done.returncode} and said nothing."
    return (Path(last), "") if done.returncode == 0 else (None, last)


def ensure_editors() -> Path:
    """The folder that holds both editors, built when it is not there yet."""
    folder, reason = _set_up()
    if folder is None:
        raise EditorsUnavailable(reason)
    return folder


@lru_cache(maxsize=1)
def gimp_version() -> str:
    """Such as "3.0": the program, its folder and GIMP's own in a profile are named after it."""
    (console,) = (ensure_editors() / "usr/bin").glob("gimp-console-3.*")
    return console.name.rpartition("-")[2]


# --- running inside ---------------------------------------------------------------------------------------


class Inside:
    """How commands are run in the folder of editors: with which home, paths and environment."""

    def __init__(self, home: Path, shared: Iterable[Path], environment: Mapping[str, str]) -> None:
        self.editors = ensure_editors()
        self.home = home.resolve()
        self.shared = _outermost([self.home, HERE, *shared])
        self.environment = {**self._own_environment(), **environment}
        (self.home / ".run").mkdir(mode=0o700, parents=True, exist_ok=True)

    def _own_environment(self) -> dict[str, str]:
        return {
            "PATH": PATH,
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.home / ".run"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_AT_BRIDGE": "1",
        }

    def command(self, argv: Sequence[str]) -> list[str]:
        """What starts a command in new namespaces; when the starter dies, so does all inside."""
        paths = [str(path) for path in self.shared]
        enter = [str(HERE / "enter.sh"), str(self.editors), *paths, "--", *self._within(argv)]
        namespaces = ["unshare", *_as_root(), "--mount", "--pid", "--fork", "--kill-child"]
        return ["setpriv", "--pdeathsig", "KILL", *namespaces, *enter]

    def joining_command(self, argv: Sequence[str], pid: int) -> list[str]:
        """What starts a command in the namespaces of `command`, whose process id is given."""
        user = ["--user", "--preserve-credentials"] if os.geteuid() else []
        namespaces = ["--target", str(pid), "--mount", f"--pid=/proc/{pid}/ns/pid_for_children", *user]
        return ["nsenter", *namespaces, "chroot", str(self.editors / "mnt"), *self._within(argv)]

    def _within(self, argv: Sequence[str]) -> list[str]:
        return ["env", "-i", *(f"{name}={value}" for name, value in self.environment.items()), *argv]


def _as_root() -> list[str]:
    return ["--map-root-user"] if os.geteuid() else []


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """The paths, absolute and sorted, without those that lie in another."""
    kept: list[Path] = []
    for path in sorted(path.resolve() for path in paths):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


class Running:
    """A command inside; its output goes to a file. `close` ends it with all that it started."""

    def __init__(self, inside: Inside, argv: Sequence[str], log: Path) -> None:
        self.inside = inside
        self.log_path = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                inside.command(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def also(self, *argv: str, timeout_s: float = 20) -> subprocess.CompletedProcess[bytes]:
        """Run one more command in there, on the same screen."""
        limited = ["timeout", "--kill-after=1", str(timeout_s), *argv]
        command = self.inside.joining_command(limited, self.process.pid)
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)

    def wait(self, timeout_s: float) -> int:
        """The command's exit status (128 + signal after a crash)."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.close()
            raise TimeoutError(f"not finished after {timeout_s} s; its last words:\n{self.tail()}") from None

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.splitlines()[-lines:])

    def close(self) -> None:
        with suppress(ProcessLookupError):
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _on_screen(inside: Inside, argv: Sequence[str]) -> list[str]:
    """The command, on a screen of its own."""
    # Display numbers are shared with the machine outside (abstract sockets): take one nobody else does.
    inside.environment["DISPLAY"] = f":{1000 + secrets.randbelow(50000)}"
    return [str(HERE / "screen.sh"), SCREEN, *argv]


class Session(Running):
    """A command inside on a screen of its own, which can be looked at and typed into."""

    def __init__(self, inside: Inside, argv: Sequence[str], log: Path) -> None:
        super().__init__(inside, _on_screen(inside, argv), log)

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _do(self, *argv: str) -> bytes:
        done = self.also(*argv)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)} failed: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Press keys one after the other, each as xdotool names it: `alt+r`, `Down`, `Return`."""
        self._do("xdotool", "key", "--clearmodifiers", "--delay", "80", *keys)

    def type(self, text: str) -> None:
        self._do("xdotool", "type", "--delay", "30", "--", text)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self._do("xdotool", "mousemove", str(x), str(y), "sleep", "0.1", "click", str(button))

    def hold(self, x: int, y: int) -> None:
        """Press the mouse's button there, and keep it pressed until `release`."""
        self._do("xdotool", "mousemove", str(x), str(y), "sleep", "0.1", "mousedown", "1")

    def release(self) -> None:
        self._do("xdotool", "mouseup", "1")

    def maximise(self, name: str) -> None:
        """Let the window fill the screen whose title contains `name`."""
        self._do("wmctrl", "-r", name, "-b", "add,maximized_vert,maximized_horz")

    def focus(self, name: str) -> None:
        """Bring the window to the front whose title contains `name`."""
        self._do("wmctrl", "-a", name)

    def screenshot(self, path: Path) -> Path:
        """Write a picture (PNG) of the whole screen."""
        path.write_bytes(self._do("import", "-window", "root", "png:-"))
        return path

    def windows(self) -> list[str]:
        """The titles of the windows on the screen; menus are not among them."""
        lines = self.also("wmctrl", "-l").stdout.decode(errors="replace").splitlines()
        return [line.split(maxsplit=3)[3] if len(line.split()) > 3 else "" for line in lines]

    def wait_window(self, name: str, timeout_s: float = 60) -> str:
        """Wait for a window whose title contains `name`; its title."""
        for titles in self._watch(timeout_s, f"no window {name!r}"):
            found = [title for title in titles if name in title]
            if found:
                return found[0]
        raise AssertionError("unreachable")

    def wait_no_window(self, name: str, timeout_s: float = 30) -> None:
        """Wait until no window's title contains `name`."""
        for titles in self._watch(timeout_s, f"window {name!r} still there"):
            if not any(name in title for title in titles):
                return

    def _watch(self, timeout_s: float, complaint: str) -> Iterator[list[str]]:
        deadline = time.monotonic() + timeout_s
        while True:
            titles = self.windows()
            yield titles
            if self.process.poll() is not None:
                raise RuntimeError(f"{complaint}: ended with {self.process.returncode}\n{self.tail()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{complaint} after {timeout_s} s among {titles}\n{self.tail()}")
            time.sleep(0.2)


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


class Editor:
    """An editor with a profile of its own. `environment` is what it sees beside the rig's own variables.

    kept: the parts of a profile that an editor fills at its first start; proof: the file that says it did.
    """

    kept: Sequence[str]
    proof: str

    def __init__(
        self,
        profile_dir: Path,
        shared: Iterable[Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.profile = profile_dir.resolve()
        self.profile.mkdir(parents=True, exist_ok=True)
        self.shared = list(shared)
        self.environment = dict(environment or {})
        self._started: list[Running] = []
        self._from_used_profile = True

    def first_start(self) -> None:
        """Start and end the editor, so that it fills its profile."""
        raise NotImplementedError

    def _prepare(self) -> None:
        """Give the profile what the first start makes, unless it has it."""
        if not self._from_used_profile or (self.profile / self.proof).exists():
            return
        used_profile = self._used_profile()
        for part in self.kept:
            _copy_over(used_profile / part, self.profile / part)

    def _used_profile(self) -> Path:
        """The profile after a first start, made beside and renamed when it is not there yet."""
        editors = ensure_editors()
        profile = editors.with_name(f"{editors.name}.{type(self).__name__.lower()}")
        if profile.is_dir():
            return profile
        with tempfile.TemporaryDirectory(dir=editors.parent) as folder:
            editor = type(self)(Path(folder) / "profile")
            editor._from_used_profile = False
            editor.first_start()
            editor.close()
            with suppress(OSError):  # another run was quicker
                editor.profile.rename(profile)
        return profile

    def _start(self, kind: type[S], argv: Sequence[str], log: str, more_shared: Iterable[Path] = ()) -> S:
        inside = Inside(self.profile, [*self.shared, *more_shared], self.environment)
        session = kind(inside, argv, self.profile / log)
        self._started.append(session)
        return session

    def close(self) -> None:
        """End all that was started."""
        for running in self._started:
            running.close()
        self._started.clear()


def _copy_over(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


# --- GIMP -------------------------------------------------------------------------------------------------


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
        return _finished(inside.command(_on_screen(inside, argv) if screen else argv), timeout_s)

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


# --- Krita ------------------------------------------------------------------------------------------------


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
