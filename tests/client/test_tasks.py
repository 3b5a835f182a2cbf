"""Cooperative tasks: work that yields, and waits that end."""

from __future__ import annotations

import time

from neural_style_client.tasks import WAIT, Task, run_to_end, wait_for, wait_until


def test_a_tasks_return_value_is_its_outcome() -> None:
    def work() -> Task:
        yield
        yield WAIT
        found = yield from wait_until(lambda: True)
        return ["done", found]

    assert run_to_end(work()) == ["done", True]


def test_a_wait_ends_with_its_condition_or_its_time() -> None:
    seen: list[int] = []
    assert run_to_end(wait_until(lambda: seen.append(1) or len(seen) > 2)) is True  # type: ignore[func-returns-value]
    assert run_to_end(wait_until(lambda: False, 0.05)) is False
    assert set(wait_until(lambda: False, 0.01)) == {WAIT}


def test_a_pause_lasts_as_long_as_it_says() -> None:
    began = time.monotonic()
    run_to_end(wait_for(0.05))
    assert time.monotonic() - began >= 0.05
