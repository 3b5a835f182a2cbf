"""Cooperative tasks: long work in an editor's main loop, written as a generator.

A task yields `None` between two pieces of work, so that others get their turn, and `WAIT` where it has nothing to do
for the moment. Whoever drives it (a ticker, a progress window, `run_to_end`) goes on at once after the former and lets
the editor's own event loop run after the latter. Its return value is its outcome.
"""

import time
from typing import Any, Callable, Generator

WAIT = object()
PAUSE_S = 0.01
Task = Generator[Any, None, Any]


def run_to_end(task: Task) -> Any:
    """Drive a task here and now; its outcome."""
    while True:
        try:
            step = next(task)
        except StopIteration as end:
            return end.value
        if step is WAIT:
            time.sleep(PAUSE_S)


def wait_until(condition: Callable[[], bool], timeout_s: float = 2.0) -> Task:
    """A task that ends when the condition holds; whether it did in time is its outcome."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        yield WAIT
    return True


def wait_for(seconds: float) -> Task:
    """A task that lets the editor's event loop run for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield WAIT
