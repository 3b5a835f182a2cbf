"""The memory that can be had now, and the ways in which it runs out."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from ...errors import OutOfMemory
from .allocator import give_memory_back, keep_apart, trim
from .working_set import free_bytes

ONEDNN_WORDS = ("could not create a memory object", "could not create a primitive", "could not execute a primitive")
"""What oneDNN says of memory that it could not have."""

ROOM_FOR_ARENAS = 256 << 20
"""Address space that the allocator and threads take without filling it."""


def memory_free(device: torch.device, limit: int | None = None) -> int | None:
    """Bytes that a job may plan with where the network runs, or None where nobody says. `limit`: the worker's own
    limit for all that it holds, of which what it holds already is taken off."""
    if device.type == "cuda":
        let_go(device)  # what an earlier job has left is free as well
        free: int | None = torch.cuda.mem_get_info(device)[0]
    else:
        free = free_bytes()
    if limit is None:
        return free
    left = max(0, limit - held_bytes())
    return left if free is None else min(left, free)


def keep_within(limit: int | None) -> int | None:
    """Let this process hold at most `limit` bytes besides what it holds now: what goes beyond is refused to it, and
    painted in smaller tiles. Answers the limit for all that it holds. Where the system has no such limit (Windows,
    macOS) only plans keep to it."""
    if limit is None:
        return None
    keep_apart()
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = _status_bytes("VmData") + limit + ROOM_FOR_ARENAS
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(hard, wanted), hard))
    return held_bytes() + limit


def held_bytes() -> int:
    """What this process holds that is not in files, where the system tells (Linux), else 0."""
    return _status_bytes("RssAnon")


def _status_bytes(key: str) -> int:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on the host or the device: torch has no one exception for it."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    words = ("can't allocate memory", "out of memory", *ONEDNN_WORDS, "bad_alloc")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)


@contextlib.contextmanager
def memory_out_is_told() -> Iterator[None]:
    """Raises OutOfMemory for memory that ran out where no smaller tiles would help."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise OutOfMemory("There is not enough memory for a picture of this size.") from None
        raise


def let_go(device: torch.device) -> None:
    """What has been freed on this device goes back to its other users; on a processor, to the system."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    else:
        trim()


def give_back_memory() -> None:
    """After memory ran out: what is held for later use goes back to the system, at once from now on."""
    keep_apart()
    keep_nothing()


def keep_nothing() -> None:
    """What is held for later use goes back to the system, a GPU's too, which editors draw with."""
    give_memory_back()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
