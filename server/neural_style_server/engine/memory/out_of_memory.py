"""Recognising that memory ran out: torch and its libraries have no single exception for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from ...errors import OutOfMemory

ONEDNN_MESSAGES = ("could not create a memory object", "could not create a primitive", "could not execute a primitive")
"""oneDNN's messages when an allocation fails."""

MESSAGES = ("can't allocate memory", "out of memory", "bad_alloc", *ONEDNN_MESSAGES)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, on the host or on a device."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(message in str(error) for message in MESSAGES)


@contextlib.contextmanager
def raising_out_of_memory() -> Iterator[None]:
    """Raise OutOfMemory for memory that runs out where smaller tiles would not help."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise OutOfMemory("There is not enough memory for a picture of this size.") from None
        raise
