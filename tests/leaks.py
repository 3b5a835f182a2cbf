"""The promise that no test leaves a thread behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

PATIENCE_S = 3.0
"""A thread that is just ending may do so."""


@pytest.fixture(autouse=True)
def no_thread_leaks() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE_S
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"threads left behind: {sorted(thread.name for thread in left)}"
