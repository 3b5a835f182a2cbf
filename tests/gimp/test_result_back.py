"""An earlier result comes back as a new layer, with records for layers and a daemon that paints nothing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon
from tests.gimp.fake_editor import FakeEditor, FakeImage, FakeLayer
from tests.gimp.test_layers_run import CYAN, Watching, make, names

from neural_style_client import connect
from neural_style_client.errors import PainterError
from neural_style_client.masks import mask_pixels
from neural_style_client.parameters import INSTEAD, Parameters
from neural_style_client.regions import EACH, Region
from neural_style_client.tasks import run_to_end
from run.job_start import ResultBack
from run.layers_run import LayersRun
from run.records import EarlierJob

DONE = "Neural Style: ink-wash (iteration 30)"
EARLIER = EarlierJob("job0", 12, 30, 7, (0, 0, 1, 1), (4, 5, 1, 1), (9, 9))


def painted(fake_daemon: FakeDaemon) -> None:
    run_to_end(make()[1].task())
    assert fake_daemon.jobs["job0"].state == "done"


def back(view: Any = None, earlier: EarlierJob = EARLIER, **chosen: Any) -> tuple[FakeImage, LayersRun]:
    """A run that brings it back into an image which has another layer now."""
    image, parameters = FakeImage(FakeLayer("sea")), Parameters(preset="ink-wash", **chosen)
    editor = FakeEditor(image)
    start = ResultBack(editor, image, parameters, earlier)
    return image, LayersRun(editor, image, image.layers, parameters, connect, start, view)


@pytest.mark.parametrize("view", [None, Watching()])
def test_it_comes_back_at_its_place_in_one_undo_step(fake_daemon: FakeDaemon, view: Any) -> None:
    painted(fake_daemon)
    image, run = back(view, place=INSTEAD)
    made = run_to_end(run.task())
    assert names(image) == [DONE, "sea"] and image.undo_steps == [[DONE]]
    assert made[0].data == CYAN and len(fake_daemon.jobs) == 1
    assert run._editor.made[0].place == (4, 5, 1, 1)


def test_what_was_selected_is_its_mask(fake_daemon: FakeDaemon) -> None:
    painted(fake_daemon)
    mask = connect().upload(mask_pixels(1, 1, b"\xff").data, 1, 1)["id"]
    fake_daemon.jobs["job0"].body["mask"] = mask
    image, run = back()
    run_to_end(run.task())
    assert run._editor.made[0].mask == b"\xff" and names(image) == [DONE, "sea"]


def test_it_can_be_a_group_of_what_marks_the_regions_now(fake_daemon: FakeDaemon) -> None:
    painted(fake_daemon)
    image, run = back(regions=[Region("moon", "mosaic")], region_result=EACH)
    run._editor.weights = {"moon": b"\x80"}
    run_to_end(run.task())
    parts = [(one.name, one.data) for one in run._editor.groups[DONE]]
    assert parts == [("ink-wash", CYAN + b"\xff"), ("moon", CYAN + b"\x80")] and names(image) == [DONE, "sea"]


def test_where_a_mark_is_gone_it_is_one_layer(fake_daemon: FakeDaemon) -> None:
    painted(fake_daemon)
    image, run = back(regions=[Region("moon", "mosaic")], region_result=EACH)

    def gone(*_: Any) -> Any:
        raise PainterError("“moon” is not in this image.")
        yield

    run._editor.read_regions = gone
    run_to_end(run.task())
    assert run._editor.told == ["“moon” is not in this image. So the result is one layer."]
    assert names(image) == [DONE, "sea"] and not run._editor.groups


@pytest.mark.parametrize(
    ("state", "earlier", "said"),
    [
        ("done", EARLIER._replace(canvas=(8, 9)), "another size when this was painted"),
        ("done", EARLIER._replace(job="job9"), "has this painting no longer"),
        ("done", EARLIER._replace(place=(0, 0, 3, 3)), "another picture under this name"),
        ("cancelled", EARLIER, "which was cancelled"),
    ],
)
def test_why_it_cannot_come_back_is_said(fake_daemon: FakeDaemon, state: str, earlier: EarlierJob, said: str) -> None:
    painted(fake_daemon)
    fake_daemon.jobs["job0"].state = state
    image, run = back(earlier=earlier)
    with pytest.raises(PainterError, match=said):
        run_to_end(run.task())
    assert names(image) == ["sea"] and image.undo_steps == []
