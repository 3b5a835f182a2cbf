"""How much memory this process may take: what is free, and the limit from the settings."""

from __future__ import annotations

import sys

import torch

from .allocator import map_small_blocks
from .host import free_bytes, held_bytes, process_bytes
from .release import release_cache

RESERVED_ADDRESS_BYTES = 256 << 20
"""Address space that the allocator and threads reserve without using it."""


def available_bytes(device: torch.device, limit: int | None = None) -> int | None:
    """Memory that a job may plan with where the network runs, or None where it is unknown.

    CUDA devices have their own memory; Metal shares the host's. `limit` is what `limit_process` returned; what the
    process holds already is subtracted from it.
    """
    if device.type == "cuda":
        release_cache(device.type)
        free: int | None = torch.cuda.mem_get_info(device)[0]
    else:
        free = free_bytes()
    if limit is None:
        return free
    left = max(0, limit - held_bytes())
    return left if free is None else min(left, free)


def limit_process(limit: int | None) -> int | None:
    """Let this process take at most `limit` bytes more than it holds now. Returns the limit for all that it holds.

    Linux refuses what goes beyond, and smaller tiles are tried. On other systems only plans respect the limit.
    """
    if limit is None:
        return None
    map_small_blocks()
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = process_bytes("VmData") + limit + RESERVED_ADDRESS_BYTES
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(hard, wanted), hard))
    return held_bytes() + limit
