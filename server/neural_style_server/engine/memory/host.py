"""What the operating system says about memory. No torch."""

from __future__ import annotations

from pathlib import Path


def free_bytes() -> int | None:
    """Host memory that can be had without swapping, or None where psutil is not installed."""
    try:
        import psutil
    except ImportError:  # the engine also runs where only torch is installed
        return None
    return int(psutil.virtual_memory().available)


def held_bytes() -> int:
    """Memory of this process that is not in files (Linux), elsewhere 0."""
    return process_bytes("RssAnon")


def process_bytes(key: str) -> int:
    """An entry of Linux's /proc/self/status, elsewhere 0."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    return 0
