"""Commands in the folder that holds both editors, with mounts and processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))  # chroot lies there

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


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
