"""JSON files that may have been damaged, or replaced by something that is no file."""

import json
import os
import stat
from typing import IO, Any

LARGEST_BYTES = 16 << 20


def open_regular(path: str) -> IO[bytes]:
    """For reading, without waiting as for a FIFO. Raises OSError, also for what is no regular file."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise OSError("{} is not a regular file".format(path))
    return file


def read_json(path: str) -> Any:
    """The content. Raises OSError, or ValueError where it is no JSON that a program has written."""
    with open_regular(path) as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise ValueError("{} is too large".format(path))
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("{} is nested too deep".format(path)) from None
