"""A run in regions: what is sent, and the group that its result may become."""

from __future__ import annotations

from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon
from tests.gimp.test_layers_run import CYAN, Watching, make, names

from neural_style_client.errors import Cancelled
from neural_style_client.regions import EACH, Region
from neural_style_client.tasks import run_to_end

MOON, FOG = Region("moon", "mosaic"), Region("fog", "night-swirl")
DONE = "Neural Style: ink-wash (iteration 30)"


def parts(run: Any, name: str = DONE) -> list[tuple[str, bytes]]:
    return [(one.name, one.data) for one in run._editor.groups[name]]


def test_regions_are_read_for_each_layer_and_empty_ones_told(fake_daemon: FakeDaemon) -> None:
    regions = [Region("moon", "mosaic"), Region("fog", "night-swirl")]
    _, run = make(regions=regions)
    run._editor.weights = {"moon": b"\x80", "fog": b"\0"}
    run_to_end(run.task())
    assert run._editor.told == ["Nothing is marked here by “fog”: it was left out."]
    assert [one["preset"] for one in fake_daemon.jobs["job0"].body["regions"]] == ["mosaic", "ink-wash"]


def test_a_group_has_a_layer_for_each_region_and_the_rest_in_one_undo_step(fake_daemon: FakeDaemon) -> None:
    image, run = make(regions=[MOON, FOG], region_result=EACH)
    run._editor.weights = {"moon": b"\x80", "fog": b"\x10"}
    run_to_end(run.task())
    assert parts(run) == [("ink-wash", CYAN + b"\xff"), ("fog", CYAN + b"\x10"), ("moon", CYAN + b"\x80")]
    assert names(image) == [DONE, "sky"] and image.undo_steps == [[DONE]]


@pytest.mark.parametrize("weights", [{"moon": b"\xff", "fog": b"\0"}, {"moon": b"\0", "fog": b"\0"}])
def test_what_is_one_region_only_stays_one_layer(fake_daemon: FakeDaemon, weights: dict[str, bytes]) -> None:
    image, run = make(regions=[MOON, FOG], region_result=EACH)
    run._editor.weights = weights
    run_to_end(run.task())
    assert run._editor.groups == {} and names(image) == [DONE, "sky"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_cancelled_run_leaves_a_group_of_its_last_picture_or_nothing(fake_daemon: FakeDaemon, keep: bool) -> None:
    def cancel(view: Any) -> None:
        view.cancelled = bool(run._results and run._results[0].is_shown)

    image, run = make(view=Watching(cancel, keep), regions=[MOON], region_result=EACH)
    run._editor.weights = {"moon": b"\x80"}
    fake_daemon.step_s = 0.05
    if keep:
        run_to_end(run.task())
        ((name, made),) = run._editor.groups.items()
        assert [one.name for one in made] == ["ink-wash", "moon"] and names(image) == [name, "sky"]
    else:
        with pytest.raises(Cancelled):
            run_to_end(run.task())
        assert run._editor.groups == {} and names(image) == ["sky"]
