"""Tensors that `torch.save` has written, read with a check of their sums.

The file is a ZIP archive whose parts have CRC-32 sums. `torch.load` does not look at them, and a mapped file with a
wrong bit would be taken for the right numbers.
"""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import torch


def load_tensors(path: Path, device: torch.device, *, mapped: bool = False) -> Any:
    """The state, whole; `mapped` leaves it in the file. Never waits, as for a FIFO.

    Raises OSError, and for a damaged file nearly anything: what a ZIP archive or a pickle makes of it.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        with zipfile.ZipFile(file) as archive:
            wrong = archive.testzip()
    if wrong is not None:
        raise ValueError(f"the check sum of its part {wrong!r} is wrong")
    return torch.load(path, map_location=device, weights_only=True, mmap=mapped)
