"""Where image-sized tensors live: in memory, or for large canvases in files that the system pages in and out.

Both hold the same numbers, so that a picture is the same to the bit wherever it was painted. The files have no name
and vanish with their tensors, or with the process, however it ends.
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


class TensorStore(Protocol):
    """Makes image-sized tensors. `device` is where they are; the network may be elsewhere."""

    device: torch.device

    def empty(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        """A tensor of undefined numbers. Raises OSError where the disk is full."""
        ...

    def zeros(self, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor: ...

    def release(self) -> None:
        """Give the memory back that holds pages of the store's files; they are read again when needed."""
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
        return self.empty(shape, dtype)  # as every new file reads

    def release(self) -> None:
        advice = getattr(mmap, "MADV_DONTNEED", None)
        if advice is not None:
            for pages in list(self._maps):
                pages.madvise(advice)


def store_for(pixels: int, device: torch.device, folder: Path | None, numbers: MemoryProfile) -> TensorStore:
    """Where the tensors of a canvas of so many pixels live."""
    return InMemoryStore(device) if folder is None or pixels <= numbers.held_pixels else MappedStore(folder)


def copy(store: TensorStore, tensor: Tensor) -> Tensor:
    """The numbers of a tensor (…, H, W) in one of the store's, channels last in memory where they are so there: sums
    over either are taken in the same order."""
    shape = tuple(tensor.shape)
    if tensor.dim() == 4 and tensor.stride(1) == 1 < shape[1]:
        batch, channels, height, width = shape
        target = store.empty((batch, height, width, channels), tensor.dtype).permute(0, 3, 1, 2)
    else:
        target = store.empty(shape, tensor.dtype)
    return fill(store, target, tensor)


def fill(store: TensorStore, target: Tensor, source: Tensor) -> Tensor:
    """Copy the numbers of `source` (…, H, W) into `target`, which is answered."""
    for rows in strips(*target.shape[-2:]):
        target[..., rows, :] = source[..., rows, :]
        store.release()
    return target


def reserve(handle: int, size: int) -> None:
    """Take the disk space now: a mapped page that the disk has no room for would end the process. Raises OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
        return
    for start in range(0, size, len(ZEROS)):
        part = ZEROS[: size - start]
        if os.write(handle, part) != len(part):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
