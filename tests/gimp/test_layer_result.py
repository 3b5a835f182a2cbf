"""What becomes of one layer's frames, with records for layers and neither a daemon nor GIMP."""

from __future__ import annotations

import pytest
from tests.gimp.fake_editor import FakeEditor, FakeImage, FakeLayer, Source

from document.pixels import Picture
from neural_style_client import Pixels
from neural_style_client.job_session import Frame
from neural_style_client.parameters import Parameters
from neural_style_client.region_layers import RegionLayer
from neural_style_client.regions import Region
from neural_style_client.tasks import run_to_end
from run import records
from run.layer_result import LayerResult

PAINTING = "Neural Style: ink-wash (painting…)"
PARAMETERS = Parameters(preset="ink-wash")
REGIONS = [RegionLayer(None, b"\xff"), RegionLayer(Region("moon", "mosaic"), b"\x80")]


def frame(iteration: int, kept: bool = False, final: bool = False) -> Frame:
    return Frame(Pixels(1, 1, "RGBA8", bytes([iteration, 0, 0, 255])), iteration, kept, final)


class Painted:
    """A picture with one layer, and what is painted of that."""

    def __init__(self) -> None:
        self.image = FakeImage(FakeLayer("sky"))
        self.editor = FakeEditor(self.image)
        source = Source(self.image.layers[0], Picture(1, 1, "RGBA8", [bytes(4)]), b"", (2, 3, 1, 1))
        self.result = LayerResult(self.editor, self.image, source, PARAMETERS)

    def write(self, *frames: Frame) -> Painted:
        for one in frames:
            run_to_end(self.result.write(one))
        return self

    def show(self, *frames: Frame) -> Painted:
        """The first of them is shown, and so are the others."""
        self.write(frames[0]).result.show()
        return self.write(*frames[1:])

    def keep(self, *iterations: int) -> Painted:
        for iteration in iterations:
            run_to_end(self.result.keep(frame(iteration, kept=True)))
        return self

    def finish(self) -> Painted:
        run_to_end(self.result.finish())
        return self

    @property
    def names(self) -> list[str]:
        return [layer.name for layer in self.image.layers]

    def finished(self) -> list[tuple[str, int]]:
        """Their names, and the red of their first pixel."""
        return [(one.name, one.layer.data[0]) for one in self.result.finished_layers(instead=False)]


def name(iteration: int) -> str:
    return f"Neural Style: ink-wash (iteration {iteration})"


def test_before_the_first_frame_there_is_nothing_to_insert() -> None:
    painted = Painted()
    assert not painted.result.is_painted() and not painted.result.was_deleted()
    painted.result.remove()
    assert painted.names == ["sky"]


def test_every_frame_rewrites_the_one_live_layer() -> None:
    painted = Painted().show(frame(10), frame(20))
    assert painted.names == [PAINTING, "sky"] and painted.image.layers[0].data[0] == 20
    assert painted.result.is_shown and not painted.result.is_whole


def test_a_last_picture_that_was_never_shown_is_inserted_as_it_is() -> None:
    painted = Painted().write(frame(30, final=True))
    assert painted.names == ["sky"] and painted.result.is_whole and not painted.result.is_shown
    assert painted.finished() == [(name(30), 30)]


def test_the_live_layer_leaves_the_image_when_all_is_finished() -> None:
    painted = Painted().show(frame(10), frame(30, final=True))
    live = painted.image.layers[0]
    (finished,) = painted.result.finished_layers(instead=False)
    assert painted.names == ["sky"] and not live.is_valid() and finished.layer.data == live.data


def test_kept_frames_lie_below_the_last_picture() -> None:
    painted = Painted().keep(10, 20).write(frame(30, final=True)).finish()
    assert painted.finished() == [(name(10), 10), (name(20), 20), (name(30), 30)]


def test_a_kept_frame_that_is_the_last_picture_is_one_layer() -> None:
    painted = Painted().keep(10, 30).write(frame(30, final=True)).finish()
    assert painted.finished() == [(name(10), 10), (name(30), 30)]


def test_a_live_layer_that_the_painter_took_away_is_noticed() -> None:
    painted = Painted().show(frame(10))
    assert not painted.result.was_deleted()
    painted.image.layers.pop(0)
    assert painted.result.was_deleted()


@pytest.mark.parametrize("marked", [True, False])
def test_regions_become_layers_of_the_last_picture(marked: bool) -> None:
    painted = Painted()
    painted.result.regions = REGIONS if marked else []
    painted.write(frame(30, final=True)).finish()
    (finished,) = painted.result.finished_layers(instead=False)
    shown = [(part.name, part.data[0], part.data[-1]) for part in finished.parts]
    assert shown == ([("ink-wash", 30, 0xFF), ("moon", 30, 0x80)] if marked else [])


def test_they_are_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    painted, calls = Painted(), []
    cut = painted.editor.cut
    monkeypatch.setattr(painted.editor, "cut", lambda *values: calls.append(values) or cut(*values))
    painted.result.regions = REGIONS
    run_to_end(painted.result.cut())
    assert not calls  # nothing is painted yet
    painted.write(frame(30, final=True)).finish()
    run_to_end(painted.result.cut())
    assert len(calls) == 1


def test_nothing_of_it_stays_when_it_is_removed() -> None:
    painted = Painted()
    painted.result.regions = REGIONS
    painted.keep(10).show(frame(20)).finish()
    painted.result.remove()
    made = painted.editor.made
    assert painted.names == ["sky"] and len(made) == 4 and not any(layer.is_valid() for layer in made)


def test_layers_of_a_closed_image_are_left_alone() -> None:
    painted = Painted().show(frame(10))
    live = painted.image.layers[0]
    painted.image.open = False
    painted.result.remove()
    assert live.is_valid()


def test_each_layer_says_how_it_can_go_on() -> None:
    painted = Painted().keep(10).write(frame(30, final=True))
    painted.result.job, painted.result.seed, painted.result.last_event = "job0", 7, 12
    found = [records.earlier_job(one.record) for one in painted.result.finished_layers(instead=False)]
    assert found == [
        records.EarlierJob("job0", 12, iteration, 7, (2, 3, 1, 1), (0, 0, 1, 1), (9, 9)) for iteration in (10, 30)
    ]
