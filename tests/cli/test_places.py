"""As many jobs at once as there are workers, and one more, also when workers come."""

from __future__ import annotations

import threading

import pytest
from tests.waiting import wait_for

from neural_style_server.cli import places as module
from neural_style_server.cli.places import Places


@pytest.mark.parametrize(("workers", "most", "at_once"), [(0, 99, 2), (1, 99, 2), (4, 99, 5), (64, 12, 12)])
def test_so_many_are_under_way_at_once(workers: int, most: int, at_once: int) -> None:
    places, leave = Places(lambda: workers, most), threading.Event()
    inside = []

    def work() -> None:
        with places:
            inside.append(1)
            assert leave.wait(20)

    threads = [threading.Thread(target=work) for _ in range(at_once + 3)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(inside) == at_once)
    assert len(inside) == at_once
    leave.set()
    for thread in threads:
        thread.join(20)
    assert len(inside) == at_once + 3


def test_workers_that_come_later_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFRESH_S", 0.01)
    found, inside, leave = [1], [], threading.Event()
    places = Places(lambda: found[0], 99)

    def work() -> None:
        with places:
            inside.append(1)
            assert leave.wait(20)

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(inside) == 2)
    found[0] = 4
    wait_for(lambda: len(inside) == 5)
    leave.set()
    for thread in threads:
        thread.join(20)
