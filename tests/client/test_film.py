"""Frames through a sequence and back in order, against a daemon that paints nothing, over real HTTP."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon
from tests.waiting import wait_for

from neural_style_client import Client, DaemonGone, Pixels, connect
from neural_style_client.drawing import Drawing, DrawnTo
from neural_style_client.errors import PainterError
from neural_style_client.film import AHEAD, FilmFrame, FilmSession
from neural_style_client.film_progress import Progress
from neural_style_client.masks import mask_pixels

BODY = {"preset": "ink-wash", "on_disconnect": "cancel", "frames": {"every": 1}, "seed": 3, "size": 48}
EMPTY = Pixels(2, 1, "RGBA8", bytes(8))


def grey(level: int) -> Pixels:
    return Pixels(2, 1, "RGBA8", bytes([level, level, level, 255] * 2))


class Editor:
    """Gives its drawings, numbered from `first`, one whenever the film wants one."""

    def __init__(self, drawings: Sequence[Pixels], first: int = 5, find: Callable[[], Client] = connect) -> None:
        self.said: list[tuple[str, Any]] = []
        self.drawings = [Drawing(one) for one in drawings]
        self.given = 0
        self._first = first
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.session = FilmSession(find, self.hear, len(drawings), lambda found: found.data)

    def hear(self, name: str, value: Any) -> None:
        self.said.append((name, value))
        if name == "want":
            self.give()
        self._queue.put((name, value))

    def give(self) -> None:
        if self.given == len(self.drawings):
            self.session.no_more()
            return
        drawing = self.drawings[self.given]
        self.session.give(self._first + self.given, lambda: drawing)
        self.given += 1

    def paint(self, **body: Any) -> Editor:
        self.session.begin({**BODY, **body})
        return self

    def until(self, *wanted: str) -> Any:
        while True:
            name, value = self._queue.get(timeout=10)
            if name in wanted:
                return value
            assert name not in ("failed", "ended"), value

    def all(self, name: str) -> list[Any]:
        return [value for said, value in self.said if said == name]

    @property
    def frames(self) -> list[FilmFrame]:
        return self.all("frame")


def test_results_come_in_order(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10), grey(20), grey(30), grey(40), grey(50)]).paint()
    assert editor.until("ended") == "done"
    painted = [245, 235, 225, 215, 205]
    assert editor.frames == [FilmFrame(5 + place, grey(level).data, False) for place, level in enumerate(painted)]
    assert [value.number for value in editor.all("next")] == [5, 6, 7, 8, 9]
    assert fake_daemon.sequences["sequence0"]["body"] == {
        "preset": "ink-wash", "seed": 3, "size": 48, "on_disconnect": "cancel"
    }  # fmt: skip


def test_nothing_stays_with_the_daemon(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(level) for level in range(6)]).paint()
    editor.until("ended")
    wait_for(lambda: fake_daemon.sequences["sequence0"]["deleted"])
    assert fake_daemon.deleted == ["job0", "job1", "job2", "job3", "job4"]  # each when the next was done


def test_only_a_few_frames_are_sent_ahead(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.2)
    editor = Editor([grey(level) for level in range(9)]).paint(method={"iterations": 20000})
    editor.until("progress")
    assert (editor.given, len(fake_daemon.jobs)) == (AHEAD, AHEAD)
    editor.session.stop()


def test_an_editor_that_is_busy_keeps_no_painted_frame_unfollowed(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10), grey(20)])
    give = editor.give
    editor.give = lambda: give() if editor.given == 0 else None  # type: ignore[method-assign]
    editor.paint()
    assert editor.until("frame").number == 5
    assert len(editor.all("want")) == 2 and editor.given == 1
    give()
    editor.give = give  # type: ignore[method-assign]
    assert editor.until("ended") == "done"
    assert [one.number for one in editor.frames] == [5, 6]


def test_further_workers_have_frames_too_and_results_come_in_order(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.2, workers=3)
    editor = Editor([grey(level) for level in range(9)]).paint(method={"iterations": 20000})
    editor.until("progress")
    assert (editor.given, len(fake_daemon.jobs)) == (AHEAD + 2, AHEAD + 2)
    editor.session.stop()
    fake_daemon.behave(step_s=0.0)
    editor = Editor([grey(level) for level in range(7)]).paint()
    editor.until("ended")
    assert [one.number for one in editor.frames] == list(range(5, 12))


def test_a_held_drawing_is_not_sent_again(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10), grey(10), grey(20), grey(10)]).paint()
    editor.until("ended")
    assert [(one.held, one.picture[0]) for one in editor.frames] == [
        (False, 245), (True, 245), (False, 235), (False, 245)
    ]  # fmt: skip
    assert len(fake_daemon.jobs) == 3


def test_an_empty_frame_stays_as_it_is(fake_daemon: FakeDaemon) -> None:
    editor = Editor([EMPTY, grey(10), EMPTY, EMPTY, grey(10)]).paint()
    editor.until("ended")
    assert [(one.held, one.picture) for one in editor.frames] == [
        (False, EMPTY.data), (False, grey(245).data), (False, EMPTY.data), (True, EMPTY.data), (False, grey(245).data)
    ]  # fmt: skip
    assert len(fake_daemon.jobs) == 2


def test_what_is_deep_and_clear_is_empty_too(fake_daemon: FakeDaemon) -> None:
    clear, faint = (Pixels(1, 1, "RGBA16", b"\xff" * 6 + alpha) for alpha in (b"\0\0", b"\0\1"))
    editor = Editor([clear, faint]).paint()
    editor.until("ended")
    assert len(fake_daemon.jobs) == 1


def test_a_mask_goes_out_too(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10)])
    editor.drawings = [Drawing(grey(10), mask_pixels(2, 1, bytes([0, 255])))]
    editor.paint().until("ended")
    assert editor.frames[0].picture == bytes([10, 10, 10, 255, 245, 245, 245, 255])


@pytest.mark.parametrize(
    ("mask", "content"),
    [
        (mask_pixels(2, 1, bytes([0, 0])), grey(10)),
        (mask_pixels(2, 1, bytes([255, 0])), Pixels(2, 1, "RGBA8", bytes([9, 9, 9, 0, 9, 9, 9, 255]))),
        (Pixels(2, 1, "RGBA8", bytes([255, 255, 255, 0] * 2)), grey(10)),
        (Pixels(2, 1, "RGBA16", bytes([0, 0, 0, 0, 0, 0, 255, 255] * 2)), grey(10)),
    ],
)
def test_a_frame_of_which_nothing_is_selected_stays_as_it_is(
    fake_daemon: FakeDaemon, mask: Pixels, content: Pixels
) -> None:
    """The daemon would refuse it."""
    editor = Editor([content, grey(10)])
    editor.drawings = [Drawing(content, mask), Drawing(grey(20), mask_pixels(2, 1, bytes([0, 255])))]
    editor.paint().until("ended")
    assert [bytes(one.picture) for one in editor.frames] == [content.data, bytes([20] * 3 + [255] + [235] * 3 + [255])]
    assert len(fake_daemon.jobs) == 1


def test_a_key_is_its_frame_s_result_whatever_is_selected(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10)])
    editor.drawings = [Drawing(grey(10), mask_pixels(2, 1, bytes(2)), key=grey(99))]
    editor.paint().until("ended")
    assert editor.frames[0].picture == grey(99).data
    (job,) = fake_daemon.jobs.values()
    assert "mask" not in job.body


def test_a_painted_key_is_the_result_and_others_are_drawn_to_it(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10), grey(20)])
    key = DrawnTo(grey(99), grey(20), 1)
    editor.drawings = [Drawing(grey(10), drawn_to=key), Drawing(grey(20), key=grey(99))]
    editor.paint().until("ended")
    assert [one.picture for one in editor.frames] == [grey(245).data, grey(99).data]
    first, second = (job.body for job in fake_daemon.jobs.values())
    sent = first["drawn_to"]
    assert [fake_daemon.images[sent[name]][3] for name in ("image", "content")] == [grey(99).data, grey(20).data]
    assert sent["frames"] == 1 and "key" not in first
    assert fake_daemon.images[second["key"]][3] == grey(99).data and "drawn_to" not in second


def test_what_is_held_after_a_key_shows_the_key(fake_daemon: FakeDaemon) -> None:
    editor = Editor([])
    editor.drawings = [Drawing(grey(10), key=grey(99)), Drawing(grey(10)), Drawing(grey(10), key=grey(77))]
    editor.paint().until("ended")
    assert [(one.held, one.picture[0]) for one in editor.frames] == [(False, 99), (True, 99), (False, 77)]


def test_between_two_keys_a_held_drawing_changes_too(fake_daemon: FakeDaemon) -> None:
    editor = Editor([])
    key = DrawnTo(grey(99), grey(20), 2)
    editor.drawings = [Drawing(grey(10), drawn_to=key, time=time) for time in (0, 1)]
    editor.paint().until("ended")
    assert not any(one.held for one in editor.frames) and len(fake_daemon.jobs) == 2


def test_the_shares_of_two_keys_are_those_of_the_time_between_them(fake_daemon: FakeDaemon) -> None:
    """Uneven holds: an empty frame, which is not sent, counts with the one that follows it."""
    editor, key = Editor([]), DrawnTo(grey(99), grey(20), 24)
    drawings = {0: Drawing(grey(10), key=grey(50)), 3: Drawing(EMPTY), **{
        time: Drawing(grey(10), drawn_to=key) for time in (10, 12, 20)
    }}  # fmt: skip
    editor.drawings = [drawing._replace(time=time) for time, drawing in drawings.items()]
    editor.paint().until("ended")
    first, shares = 1.0, []
    for job in [*fake_daemon.jobs.values()][1:]:
        first *= 1 - 1 / (job.body["drawn_to"]["frames"] + 1)
        shares.append(first)
    assert shares == pytest.approx([(24 - time) / 24 for time in (10, 12, 20)])


def test_a_frame_can_have_a_style_of_its_own(fake_daemon: FakeDaemon) -> None:
    editor = Editor([])
    editor.drawings = [Drawing(grey(10)), Drawing(grey(20), options={"preset": "mosaic", "blend": []})]
    editor.paint().until("ended")
    assert [job.body["preset"] for job in fake_daemon.jobs.values()] == ["ink-wash", "mosaic"]
    assert editor.session.sequence == "sequence0"


def test_progress_counts_frames_and_iterations(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10), grey(20)]).paint()
    editor.until("ended")
    first, *_, last = editor.all("progress")
    assert isinstance(first, Progress) and (first.number, first.done, first.total, first.left_s) == (5, 0, 2, None)
    assert (last.number, last.done, last.iteration, last.iterations) == (6, 1, 30, 30) and last.left_s == 0


def test_a_full_daemon_is_asked_again(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_client.film_sender.BUSY_S", 0.01)
    fake_daemon.behave(full=2)
    editor = Editor([grey(10)]).paint()
    assert editor.until("ended") == "done"


def test_a_failed_frame_is_named(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10), grey(20), grey(30)])
    fake_daemon.behave(fail={"detail": "No memory.", "hint": "Choose a smaller size."})
    said = editor.paint().until("failed")
    assert said == "Frame 5: No memory. Choose a smaller size."
    assert editor.frames == [] and not editor.all("ended")


def test_a_frame_that_cannot_be_read_is_named(fake_daemon: FakeDaemon) -> None:
    def refuse() -> Drawing:
        raise PainterError("The picture was closed.")

    editor = Editor([])
    editor.give = lambda: editor.session.give(12, refuse)  # type: ignore[method-assign]
    assert editor.paint().until("failed") == "Frame 12: The picture was closed."


def test_a_daemon_that_goes_away_is_told_with_the_frame(fake_daemon: FakeDaemon) -> None:
    class Going(Client):
        """Ends after the first frame."""

        def result(self, job_id: str) -> Pixels:
            if job_id == "job1":
                raise DaemonGone("The daemon does not answer.")
            return super().result(job_id)

    def find() -> Client:
        found = connect()
        return Going(found.url, "secret")

    editor = Editor([grey(10), grey(20), grey(30)], find=find).paint()
    assert editor.until("failed").startswith("Frame 6: The daemon does not answer.")
    assert [one.number for one in editor.frames] == [5]


def test_an_unknown_preset_is_said_before_anything_is_asked_for(fake_daemon: FakeDaemon) -> None:
    editor = Editor([grey(10)]).paint(preset="ink-wish")
    assert "ink-wash" in editor.until("failed")
    assert editor.given == 0 and not fake_daemon.sequences


def test_a_frame_cancelled_elsewhere_ends_the_film(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.5)
    editor = Editor([grey(10), grey(20)]).paint(method={"iterations": 20000})
    job = editor.until("next").job
    connect().cancel(job)
    assert editor.until("failed").startswith("Frame 5: It was cancelled elsewhere.")


def test_stopping_says_nothing_more_and_leaves_nothing(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.5)
    editor = Editor([grey(10), grey(20)]).paint(method={"iterations": 20000})
    editor.until("progress")
    editor.session.stop()
    editor.session.join(10)
    said = len(editor.said)
    assert fake_daemon.sequences["sequence0"]["deleted"]
    assert [job.state for job in fake_daemon.jobs.values()] == ["cancelled", "cancelled"]
    assert not editor.all("failed") + editor.all("ended") and len(editor.said) == said


def test_stopping_while_a_frame_is_wanted_ends_the_thread(fake_daemon: FakeDaemon) -> None:
    editor = Editor([])
    editor.give = lambda: None  # type: ignore[method-assign]
    editor.paint().until("want")
    editor.session.stop()
    editor.session.join(10)
    assert not any(thread.is_alive() for thread in editor.session._threads)
    assert fake_daemon.sequences["sequence0"]["deleted"] and not fake_daemon.jobs


def test_why_a_frame_waits_is_told(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(queued=True, warm=False)
    editor = Editor([grey(10)]).paint()
    editor.until("ended")
    assert editor.all("state") == ["starting", "warming", "running"]


def test_that_a_frame_waits_for_the_one_before_is_not_told(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(queued=True)
    editor = Editor([grey(10), grey(20)]).paint()
    editor.until("ended")
    assert editor.all("state") == ["starting", "queued", "running", "running"]


def test_a_pause_that_the_daemon_does_not_hear_is_told(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_daemon.behave(step_s=0.1)
    editor = Editor([grey(10), grey(20)]).paint(method={"iterations": 20000})
    editor.until("progress")

    def lost(*_: object) -> None:
        raise DaemonGone("The daemon does not answer at http://127.0.0.1:1 (refused).")

    monkeypatch.setattr(Client, "pause", lost)
    editor.session.pause()
    assert editor.until("notice").startswith("The daemon does not answer")
    editor.session.stop()


def test_a_film_is_held_and_goes_on(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(step_s=0.05)
    editor = Editor([grey(10)]).paint(method={"iterations": 20000})
    editor.until("progress")
    editor.session.pause()
    wait_for(lambda: "paused" in editor.all("state"))
    editor.session.resume()
    wait_for(lambda: editor.all("state")[-1] == "running")
    editor.session.stop()
