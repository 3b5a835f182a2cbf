"""How far a clip is: the frame that is painted, and all of them with the time left."""

from __future__ import annotations

import pytest
from rich.progress import Progress

from neural_style_client.film import NextFrame
from neural_style_client.film_progress import Progress as FilmProgress
from neural_style_server.cli import video_bars
from neural_style_server.cli.video_bars import Bars, spoken


def shown(bar: Progress) -> list[tuple[str, float, float | None, str]]:
    return [(task.description, task.completed, task.total, task.fields["note"]) for task in bar.tasks]


def test_one_bar_counts_iterations_and_one_the_frames_with_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 130.0, 160.0, 170.0])
    monkeypatch.setattr(video_bars.time, "monotonic", lambda: next(clock))
    bar = Progress(disable=True)
    bars = Bars(bar, total=5, done=2)
    assert shown(bar) == [("all frames", 2, 5, "")]
    with bars.one() as one:
        one.show("next", NextFrame(3, "job"))
        one.show("state", "warming")
        assert shown(bar)[1] == ("frame 3: loading the network", 0, 1, "")
        one.show("state", "running")
        one.show("progress", FilmProgress(3, 2, 5, 20, 50, 9.0))
        assert shown(bar)[1] == ("frame 3: painting", 20, 50, "")
        bars.painted()
        assert shown(bar)[0] == ("all frames", 3, 5, "60 s left"), "two more at 30 s each"
        bars.painted()
        bars.painted()
    assert shown(bar) == [("all frames", 5, 5, "")]


@pytest.mark.parametrize(
    ("seconds", "said"), [(4.4, "4 s"), (99, "99 s"), (100, "2 min"), (5900, "98 min"), (12_000, "3 h 20 min")]
)
def test_a_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert spoken(seconds) == said
