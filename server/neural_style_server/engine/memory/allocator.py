"""Settings of the GNU C library's allocator. Other systems need none, and ignore them."""

from __future__ import annotations

import contextlib
import ctypes

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Parameters of `mallopt`, from malloc.h."""

SMALL_BLOCK_BYTES = 1 << 20
"""Blocks from this size on are mapped singly in the daemon, and in a worker under a memory limit."""

MAP_BYTES = 12 << 20
"""Blocks from this size on, the feature maps of large pictures, are always mapped singly."""


def limit_arenas() -> None:
    """Let all threads allocate from two arenas instead of one each. Each arena keeps what its busiest moment needed.

    Call it before threads start.
    """
    call("mallopt", M_ARENA_MAX, 2)


def map_large_blocks() -> None:
    """Map every block of MAP_BYTES or more singly, so that freeing it unmaps it.

    By default the heap takes blocks up to 32 MB and fragments: 0.3 GB more at 1024², in the same time.
    """
    call("mallopt", M_MMAP_THRESHOLD, MAP_BYTES)


def map_small_blocks() -> None:
    """Map every block of SMALL_BLOCK_BYTES or more singly: under a memory limit free fragments count as used.

    Costs a worker 5 to 10 % of the time.
    """
    call("mallopt", M_MMAP_THRESHOLD, SMALL_BLOCK_BYTES)


def can_map_blocks() -> bool:
    """Whether the system's allocator has these settings."""
    try:
        return hasattr(ctypes.CDLL(None), "mallopt")
    except (OSError, TypeError):
        return False


def call(function: str, *arguments: int) -> None:
    """Call a function of the C library, if it has one of this name."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
