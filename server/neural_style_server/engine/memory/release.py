"""Giving freed memory back: the heap's to the system, a device's cache to the programs that share the device.

No torch, so that the daemon can use it.
"""

from __future__ import annotations

import gc
import sys

from .allocator import call, map_small_blocks


def trim_heap() -> None:
    """Return the heap's free pages to the system; for use after each step.

    Otherwise the heap fragments: 0.1 GB more at 512 px.
    """
    call("malloc_trim", 0)


def release_cache(device_type: str) -> None:
    """Return what torch caches on a device; for use between scales, and before free memory is read."""
    if device_type == "cpu":
        trim_heap()
    else:
        getattr(sys.modules["torch"], device_type).empty_cache()


def release_all() -> None:
    """Collect garbage, then empty the heap and the device's cache; for use between jobs. Takes about 0.1 s."""
    gc.collect()
    trim_heap()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch is not None and torch.backends.mps.is_available():
        torch.mps.empty_cache()


def release_after_out_of_memory() -> None:
    """Release all, and keep small blocks out of the heap from now on; for use before smaller tiles are tried."""
    map_small_blocks()
    release_all()
