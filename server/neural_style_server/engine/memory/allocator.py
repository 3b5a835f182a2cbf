"""The GNU C library's allocator, which keeps freed memory for each thread apart. Other systems see to it themselves."""

from __future__ import annotations

import contextlib
import ctypes
import gc

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""From malloc.h."""

APART_BYTES = 1 << 20
MAP_BYTES = 12 << 20
"""Feature maps of large pictures."""


def share_arenas() -> None:
    """Before threads start: let all of them take memory from two pools instead of from one each, of which every one
    keeps what its busiest moment needed."""
    _ask("mallopt", M_ARENA_MAX, 2)


def keep_maps_apart() -> None:
    """From now on every block of MAP_BYTES or more is mapped by itself and unmapped when it is freed. Left to itself
    the library soon has those below 32 MB in its heap, which they leave in pieces: 0.3 GB more at 1024², and no less
    time."""
    _ask("mallopt", M_MMAP_THRESHOLD, MAP_BYTES)


def can_keep_apart() -> bool:
    """Whether the system's allocator does what it is asked for here."""
    try:
        return hasattr(ctypes.CDLL(None), "mallopt")
    except (OSError, TypeError):
        return False


def keep_apart() -> None:
    """The same with every block of APART_BYTES or more, where there is a limit of memory, which scattered free pieces
    count against. A twentieth to a tenth slower."""
    _ask("mallopt", M_MMAP_THRESHOLD, APART_BYTES)


def give_memory_back() -> None:
    """What has been freed goes back to the system, with what only waits for the garbage collector; a tenth of a
    second."""
    gc.collect()
    trim()


def trim() -> None:
    """What has been freed goes back to the system."""
    _ask("malloc_trim", 0)


def _ask(function: str, *numbers: int) -> None:
    """Call the C library's function, where it has one of this name."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), function)(*numbers)
