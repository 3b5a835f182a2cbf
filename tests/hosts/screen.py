"""A command inside with a screen of its own: keys, windows, screenshots."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from tests.hosts.inside import HERE, Inside, Running

S = TypeVar("S", bound="Session")

SCREEN = "1280x800"


def on_screen(inside: Inside, argv: Sequence[str]) -> list[str]:
    """The command, on a screen of its own."""
    # Display numbers are shared with the machine outside (abstract sockets): take one nobody else does.
    inside.environment["DISPLAY"] = f":{1000 + secrets.randbelow(50000)}"
    return [str(HERE / "screen.sh"), SCREEN, *argv]


class Session(Running):
    """A command inside on a screen of its own, which can be looked at and typed into."""

    def __init__(self, inside: Inside, argv: Sequence[str], log: Path) -> None:
        super().__init__(inside, on_screen(inside, argv), log)

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

    def wait_window(self, name: str, timeout_s: float = 120) -> str:
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
