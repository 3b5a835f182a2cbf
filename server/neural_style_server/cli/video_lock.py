"""One command at a time paints the frames of a clip: two would mix their pictures, and delete each other's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import Conflict
from ..files import delete

NAME = ".neural-style-video-{}-{}.lock"
_NAMED = re.compile(re.escape(NAME).replace(r"\{\}", r"(\d+)"))

ALL = (0, 999_999_999)
"""Of a video, whose parts are of one command."""


def is_lock(name: str) -> bool:
    return _NAMED.fullmatch(name) is not None


@contextmanager
def alone(folder: Path, span: tuple[int, int], *, passing: bool) -> Iterator[None]:
    """Nobody else paints a frame from the first to the last of `span` into the folder meanwhile. It is made where it is
    not there; an empty one goes at the end if it was, or if it is a `passing` one. However a program ends, it holds
    nothing any more.

    Raises Conflict where another command paints one of them.
    """
    is_new = not folder.exists()
    with suppress(OSError):  # told by whoever writes there
        folder.mkdir()
    try:
        with ExitStack() as stack:
            if folder.is_dir():
                _take(stack, folder / NAME.format(*span))
                _check_others(folder, span)
            yield
    finally:
        if is_new or passing:
            with suppress(OSError):
                folder.rmdir()


def _check_others(folder: Path, span: tuple[int, int]) -> None:
    """A lock that nobody holds is that of a program which was killed; it goes."""
    for path in folder.iterdir():
        found = _NAMED.fullmatch(path.name)
        other = (int(found[1]), int(found[2])) if found else span
        if other != span and other[0] <= span[1] and span[0] <= other[1]:
            with ExitStack() as stack:
                _take(stack, path)


def _take(stack: ExitStack, path: Path) -> None:
    """Hold a lock until the stack is closed. Where the file system has none, there is none."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Conflict(
            f"Another command is painting these frames into {path.parent} now.",
            hint="Wait until it has ended, or stop it; the same command goes on then. Or name another result with -o.",
            code="running",
        ) from None
    except (OSError, NotImplementedError):
        return
    stack.callback(delete, path)
    stack.callback(lock.release)  # is called first: Windows deletes no file that is open
