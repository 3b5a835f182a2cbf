"""A job's checkpoint on the disk, and the one before it, which is used where the latest is damaged."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import torch

from ..engine.memory.out_of_memory import is_out_of_memory
from ..engine.tensor_files import load_tensors
from ..errors import NeuralStyleError, OutOfMemory, StorageError
from ..files import delete, replacing, set_aside, share_file
from ..jobs.task import CHECKPOINT, FORMER_CHECKPOINT

PASSES = (errno.ENOMEM, errno.EMFILE, errno.ENFILE)
"""Reasons why a file cannot be read now that say nothing against it."""

State = dict[str, Any]


class Checkpoints:
    """Those of the job in `folder`. They carry its name, so that another job's are not taken for them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._latest, self._former = folder / CHECKPOINT, folder / FORMER_CHECKPOINT
        self.damaged = 0

    def save(self, state: State) -> None:
        """Write a new one; the former stays until this one is safe, and beside it afterwards. Raises DiskFull,
        StorageError."""
        if self._latest.is_file():
            delete(self._former)  # never more than two at once
        with replacing(self._latest) as file:
            out = _Writer(file)
            try:
                torch.save({**state, "job": self._folder.name}, cast(IO[bytes], out))
            except RuntimeError:
                raise out.failure or StorageError("The checkpoint could not be written.") from None
            if self._latest.is_file():
                share_file(self._latest, self._former)

    def forget_former(self) -> None:
        """The job is done: one is enough."""
        delete(self._former)

    def restore(self, take: Callable[[State], None], device: torch.device) -> bool:
        """Have `take` go on from the newest one that is whole, of which it copies what it needs; answers whether there
        is one. Those that are `damaged` are counted and set aside."""
        for path in (self._latest, self._former):
            if not os.path.lexists(path):
                continue
            try:
                state = load_tensors(path, device, mapped=True)
                if state.get("job", self._folder.name) != self._folder.name:
                    raise ValueError("it is another job's")
                take(state)
                return True
            except NeuralStyleError:
                raise
            except Exception as error:  # a damaged file may raise any
                if is_out_of_memory(error):
                    raise OutOfMemory("There is not enough memory to take the job up where it was.") from None
                if isinstance(error, OSError) and error.errno in PASSES:
                    raise
                set_aside(path, error)
                self.damaged += 1
        return False


class _Writer:
    """Keeps the reason of a failed write, which torch replaces by its own error without it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._file.flush()
