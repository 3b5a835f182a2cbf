"""A live job in the worker, with a network of three channels: what stays, what is painted anew, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.engine.conftest import _one_thread, tiny_vgg  # noqa: F401

from neural_style_server.engine.method import Method
from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import ImageError
from neural_style_server.jobs.messages import FrameWritten
from neural_style_server.jobs.picture_files import read_picture, write_picture
from neural_style_server.jobs.task import TaskFile, TaskRegion, TaskStyle
from neural_style_server.pixels import Picture
from neural_style_server.worker.live_run import LiveRun

METHOD: dict[str, Any] = {"iterations": 8, "scales": 2, "learning_rate": 4.0}
SIDE = 64
FAR = (slice(None), slice(0, 16))
"""What is not near the stroke."""


def photo(seed: int) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 4), "u1")
    pixels[..., 3] = 255
    return Picture(pixels, "RGBA8")


def stroke(picture: Picture, value: int) -> Picture:
    pixels = picture.pixels.copy()
    pixels[24:40, 48:60, :3] = value
    return Picture(pixels, "RGBA8")


class Easel:
    """A live job's folder, and its run."""

    def __init__(self, home: Path, network: Network) -> None:
        self.home, self.network, self.folder = home, network.to("cpu", torch.float32), home / "job"
        self.folder.mkdir()
        for name, seed in (("style", 99), ("other", 98)):
            write_picture(home / name, photo(seed))
        self.ask(photo(1))

    def ask(self, content: Picture, style: str = "style", revision: int = 0, **method: Any) -> None:
        write_picture(self.home / f"content-{revision}", content)
        TaskFile(
            method=Method(**{**METHOD, **method}).as_dict(),
            frames={"seconds": 0.1},
            content=f"content-{revision}",
            regions=[TaskRegion(mask=None, styles=[TaskStyle(image=style, weight=1.0)])],
            live=True,
            revision=revision,
        ).write(self.folder)

    def begin(self) -> LiveRun:
        return LiveRun("job", self.folder, self.home, self.network, TargetCache())

    def last(self) -> NDArray[Any]:
        numbers = [int(path.stem) for path in (self.folder / "frames").glob("*.json")]
        found = read_picture(self.folder / "frames" / str(max(numbers)))
        assert found is not None
        return found[0].pixels


@pytest.fixture
def easel(tmp_path: Path, tiny_vgg: Network) -> Iterator[Easel]:  # noqa: F811
    yield Easel(tmp_path, tiny_vgg)


def settle(run: LiveRun) -> list[FrameWritten]:
    frames = [each for each in run.begin() if isinstance(each, FrameWritten)]
    for _ in range(1000):
        if run.rests:
            return frames
        frames += [each for each in run.advance() if isinstance(each, FrameWritten)]
    raise AssertionError("it does not settle")


def test_it_settles_with_a_frame_of_the_whole_and_every_frame_has_its_revision(easel: Easel) -> None:
    frames = settle(easel.begin())
    assert frames and {frame.revision for frame in frames} == {0}
    assert frames[-1].iteration == METHOD["iterations"]


def test_what_is_far_from_a_stroke_stays_to_the_bit_and_the_stroke_shows(easel: Easel) -> None:
    run = easel.begin()
    settle(run)
    before = easel.last()
    easel.ask(stroke(photo(1), 255), revision=1)
    run.take_change()
    assert not run.rests
    first = next(each for each in run.advance() if isinstance(each, FrameWritten))
    assert first.revision == 1 and np.array_equal(easel.last()[FAR], before[FAR])
    frames = settle(run)
    assert {frame.revision for frame in frames} == {1}
    after = easel.last()
    assert np.array_equal(after[FAR], before[FAR])
    assert np.abs(after[24:40, 48:60].astype(int) - before[24:40, 48:60]).mean() > 3


def test_a_change_that_shows_nothing_is_answered_with_the_picture_that_is_there(easel: Easel) -> None:
    run = easel.begin()
    settle(run)
    before = easel.last()
    easel.ask(photo(1), revision=1)
    run.take_change()
    assert run.rests
    assert [frame.revision for frame in run.begin()] == [1]
    assert np.array_equal(easel.last(), before)


def test_a_picture_that_tiles_is_painted_whole_and_stays_so(easel: Easel) -> None:
    seamless = {"seamless": True, "colour": 0.5}
    easel.ask(photo(1), **seamless)
    run = easel.begin()
    settle(run)
    before = easel.last()
    easel.ask(stroke(photo(1), 255), revision=1, **seamless)
    run.take_change()
    assert run._plan is not None and run._plan.box is None
    settle(run)
    assert np.array_equal(easel.last()[:, :8], before[:, :8])


def test_what_is_unfinished_is_known_where_the_picture_is(easel: Easel) -> None:
    run = easel.begin()
    assert run._live._unfinished is not None and run._live._inputs is not None
    assert run._live._unfinished.device == run._live._inputs.planes.device
    assert run._live._unfinished.dtype == run._live._inputs.planes.dtype


def test_of_several_changes_the_newest_is_painted_and_nothing_unfinished_is_forgotten(easel: Easel) -> None:
    run = easel.begin()
    settle(run)
    easel.ask(stroke(photo(1), 255), revision=1)
    run.take_change()
    list(run.advance())  # the stroke has begun
    away = photo(1)
    away.pixels[4:12, 48:60, :3] = 0
    easel.ask(stroke(away, 255), revision=2)
    run.take_change()
    settle(run)
    alone = easel.last()
    assert run.revision == 2
    # the first stroke is painted to its end, though the second began before
    assert run._live._unfinished is None
    assert np.abs(alone[24:40, 48:60].astype(int) - stroke(photo(1), 255).pixels[24:40, 48:60]).mean() > 1


def test_it_rests_in_its_checkpoint_and_another_run_goes_on_from_it(easel: Easel) -> None:
    run = easel.begin()
    settle(run)
    run.save_checkpoint()
    before = easel.last()
    again = easel.begin()
    assert again.rests and np.array_equal((list(again.begin()), easel.last())[1], before)
    easel.ask(stroke(photo(1), 255), revision=1)
    later = easel.begin()
    assert not later.rests
    settle(later)
    assert np.array_equal(easel.last()[FAR], before[FAR])


def test_it_takes_up_what_was_unfinished_when_it_was_saved(easel: Easel) -> None:
    run = easel.begin()
    list(run.advance())
    run.save_checkpoint()
    assert not easel.begin().rests


@pytest.mark.parametrize("change", [{"style": "other"}, {"style_weight": 3.0}])
def test_other_styles_and_settings_change_the_whole_picture(easel: Easel, change: dict[str, Any]) -> None:
    run = easel.begin()
    settle(run)
    before = easel.last()
    easel.ask(photo(1), revision=1, **change)
    run.take_change()
    settle(run)
    assert not np.array_equal(easel.last()[FAR], before[FAR])


def test_another_size_of_the_canvas_is_painted_anew(easel: Easel) -> None:
    run = easel.begin()
    settle(run)
    easel.ask(Picture(photo(1).pixels[:40], "RGBA8"), revision=1)
    run.take_change()
    settle(run)
    assert easel.last().shape == (40, SIDE, 4)


def test_finishing_gives_the_picture_as_it_is(easel: Easel) -> None:
    run = easel.begin()
    list(run.finish())
    found = read_picture(easel.folder / "result")
    assert found is not None and np.array_equal(found[0].pixels, easel.last())


def test_a_picture_that_went_with_a_newer_change_is_not_missed(easel: Easel, monkeypatch: pytest.MonkeyPatch) -> None:
    run = easel.begin()
    settle(run)
    easel.ask(photo(2), revision=1)
    real, calls = TaskFile.read, []

    def read(folder: Path) -> TaskFile:
        """Between this reading and that of the picture the next change comes, and takes the picture away."""
        found = real(folder)
        if not calls:
            calls.append(found)
            (easel.home / "content-1.raw").unlink()
            easel.ask(photo(3), revision=2)
        return found

    monkeypatch.setattr(TaskFile, "read", staticmethod(read))
    run.take_change()
    assert run.revision == 2


def test_a_picture_that_is_missing_is_said(easel: Easel) -> None:
    run = easel.begin()
    easel.ask(photo(2), revision=1)
    (easel.home / "content-1.raw").unlink()
    with pytest.raises(ImageError, match="no longer there"):
        run.take_change()
