"""What waits for a live session, and in which order; no daemon."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from neural_style_client import DaemonGone
from neural_style_client.live_work import CANCEL, FINISH, LiveWork

PATIENCE_S = 10
MOMENT_S = 0.05


class Waiting:
    """The session's thread, which waits for something to do."""

    def __init__(self) -> None:
        self.work = LiveWork()
        self._pool = ThreadPoolExecutor(1)

    def begin(self) -> Future[bool]:
        """It waits, for nothing is to be done yet."""
        waiting = self._pool.submit(self.work.wait)
        assert wait([waiting], MOMENT_S).not_done
        return waiting

    def close(self) -> None:
        self.work.end(CANCEL)
        self._pool.shutdown()


@pytest.fixture
def session() -> Iterator[Waiting]:
    waiting = Waiting()
    yield waiting
    waiting.close()


def test_a_change_a_frame_and_a_loss_are_work(session: Waiting) -> None:
    for add in (
        lambda: session.work.change({"size": 9}),
        lambda: session.work.see({"number": 1}),
        lambda: session.work.lose(DaemonGone("It does not answer.")),
    ):
        session.work = LiveWork()
        waiting = session.begin()
        add()
        assert waiting.result(PATIENCE_S) and not session.work.is_done


def test_at_the_end_nothing_is_work(session: Waiting) -> None:
    waiting = session.begin()
    session.work.end(CANCEL)
    assert not waiting.result(PATIENCE_S)
    session.work.change({"size": 9})
    assert not session.work.wait()


def test_how_it_ends_is_said_once() -> None:
    work = LiveWork()
    assert work.ending == ""
    assert work.end(FINISH) and not work.end(CANCEL)
    assert work.ending == FINISH


def test_nobody_waits_beyond_the_end() -> None:
    work = LiveWork()
    work.end(CANCEL)
    work.pause(10**6)


def test_of_each_field_the_newest_counts() -> None:
    work = LiveWork()
    work.change({"preset": "mosaic", "size": 9})
    work.change({"preset": "ink-wash"})
    assert work.take_changes() == {"preset": "ink-wash", "size": 9} and work.changes == {}


def test_changes_are_under_way_until_they_are_sent() -> None:
    work = LiveWork()
    work.change({"size": 9})
    work.take_changes()
    assert not work.is_done
    work.sent()
    assert work.is_done


def test_what_came_meanwhile_is_newer_than_what_is_put_back() -> None:
    work = LiveWork()
    work.change({"preset": "mosaic", "size": 9})
    changes = work.take_changes()
    work.change({"preset": "ink-wash"})
    work.put_back(changes)
    work.sent()
    assert work.changes == {"preset": "ink-wash", "size": 9} and not work.is_done


def test_a_frame_waits_until_the_canvas_is_free(session: Waiting) -> None:
    session.work.fill_canvas()
    session.work.see({"number": 1})
    waiting = session.begin()
    session.work.free_canvas()
    assert waiting.result(PATIENCE_S)


def test_changes_go_out_while_a_frame_waits(session: Waiting) -> None:
    session.work.fill_canvas()
    session.work.see({"number": 1})
    session.work.change({"size": 9})
    assert session.work.wait()


def test_a_frame_that_came_meanwhile_is_still_to_be_fetched() -> None:
    work, first, second = LiveWork(), {"number": 1}, {"number": 1}
    work.see(first)
    work.see(second)
    work.fetched(first)
    assert work.frame is second and not work.is_done
    work.fetched(second)
    assert work.frame is None and work.is_done


def test_after_a_loss_all_that_was_known_is_to_be_sent() -> None:
    work = LiveWork()
    work.see({"number": 7})
    work.change({"preset": "mosaic"})
    work.lose(DaemonGone("It does not answer."))
    work.begin_anew({"preset": "ink-wash", "size": 9})
    assert (work.lost, work.frame) == (None, None)
    assert work.take_changes() == {"preset": "mosaic", "size": 9}
