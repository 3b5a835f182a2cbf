"""Where image-sized tensors live: in memory, or for large canvases in memory-mapped files.

Both hold the same numbers, so that a picture is the same to the bit in either. The files have no name and vanish
with their tensors, or with the process, however it ends.
"""

from __future__ import annotations

import errno
import math
import mmap
import os
import tempfile
import weakref
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from .working_set import MemoryProfile, strips

ZEROS = bytes(1 << 20)
"""Written repeatedly to reserve disk space where the system has no call for it."""


class TensorStore(Protocol):
    """Makes image-sized tensors. `device` is where they are; the network may be elsewhere."""

    device: torch.device

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """A tensor of undefined numbers. Raises OSError where the disk is full."""
        ...

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor: ...

    def release(self) -> None:
        """Free the memory that holds pages of the store's files; they are read again when needed."""
        ...


class InMemoryStore:
    """In the device's own memory."""

    def __init__(self, device: torch.device | str) -> None:
        self.device = torch.device(device)

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        return torch.empty(shape, dtype=dtype, device=self.device)

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        return torch.zeros(shape, dtype=dtype, device=self.device)

    def release(self) -> None:
        pass


class MappedStore:
    """In nameless files of a folder, each mapped into memory."""

    device = torch.device("cpu")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        size = math.prod(shape) * dtype.itemsize
        with tempfile.TemporaryFile(dir=self._folder, prefix=".scratch-") as file:
            reserve(file.fileno(), size)
            pages = mmap.mmap(file.fileno(), size)
        self._maps.add(pages)
        return torch.frombuffer(pages, dtype=dtype).view(shape)

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        return self.empty(shape, dtype)  # a new file reads as zeros

    def release(self) -> None:
        advice = getattr(mmap, "MADV_DONTNEED", None)
        if advice is not None:
            for pages in list(self._maps):
                pages.madvise(advice)


def store_for(pixels: int, device: torch.device, folder: Path | None, profile: MemoryProfile) -> TensorStore:
    """The store for a canvas of so many pixels."""
    return InMemoryStore(device) if folder is None or pixels <= profile.held_pixels else MappedStore(folder)


def copy(store: TensorStore, tensor: Tensor) -> Tensor:
    """A copy of a tensor (…, H, W) in the store, in the same memory layout: sums over either add in the same order."""
    shape = tuple(tensor.shape)
    if tensor.dim() == 4 and tensor.stride(1) == 1 < shape[1]:
        batch, channels, height, width = shape
        target = store.empty((batch, height, width, channels), tensor.dtype).permute(0, 3, 1, 2)
    else:
        target = store.empty(shape, tensor.dtype)
    return fill(store, target, tensor)


def fill(store: TensorStore, target: Tensor, source: Tensor) -> Tensor:
    """Copy `source` (…, H, W) into `target`, and return `target`."""
    for rows in strips(*target.shape[-2:]):
        target[..., rows, :] = source[..., rows, :]
        store.release()
    return target


def reserve(handle: int, size: int) -> None:
    """Take the disk space now: writing to a mapped page on a full disk would kill the process. Raises OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
        return
    for start in range(0, size, len(ZEROS)):
        part = ZEROS[: size - start]
        if os.write(handle, part) != len(part):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
