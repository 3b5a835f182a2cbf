"""A task at its scales: sizes, where each scale starts, and what lies over the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.carried import Carried
from neural_style_server.engine.memory.tensor_store import InMemoryStore
from neural_style_server.engine.method import Method
from neural_style_server.engine.pyramid import next_start, resize
from neural_style_server.engine.scales import Scale
from neural_style_server.engine.start_image import noise_like
from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.task import Region, Style, Task
from neural_style_server.engine.task_pyramid import ScaleInputs, TaskPyramid
from neural_style_server.engine.vgg import Network

PictureOf = Callable[..., Tensor]
COARSE, FINE = Scale(32, 32, 5, 1.0), Scale(64, 64, 5, 0.7)
STORE = InMemoryStore(torch.device("cpu"))


@pytest.fixture
def pyramid_of(tiny_vgg: Network, picture_of: PictureOf) -> Callable[..., TaskPyramid]:
    """pyramid_of(method's fields, **task's fields): of a content of the size of FINE."""

    def make(method: dict[str, Any] | None = None, **task: Any) -> TaskPyramid:
        styles = [Style(picture_of(48, 40, 7))]
        whole = Task(picture_of(64, 64), [Region(styles)], **task)
        return TaskPyramid(tiny_vgg, whole, Method(**(method or {})), STORE, TargetCache())

    return make


def test_everything_has_the_size_of_its_scale(pyramid_of: Callable[..., TaskPyramid], weight_of: PictureOf) -> None:
    mask, still = weight_of(64, 64), torch.zeros(1, 1, 64, 64, dtype=torch.float64)
    carried = Carried(torch.full((1, 3, 64, 64), 9.0, dtype=torch.float64), weight_of(64, 64, 1), still)
    pyramid = pyramid_of(mask=mask, carried=carried)
    for scale in (COARSE, FINE):
        inputs, size = pyramid.at(scale, None), (scale.height, scale.width)
        assert inputs.carried is not None and inputs.paintable is not None
        assert inputs.carried.still is not None and inputs.regions[0].weight is not None
        shown = (inputs.content, inputs.paintable, inputs.carried.picture, inputs.carried.trust, inputs.carried.still)
        assert {tuple(each.shape[-2:]) for each in (*shown, inputs.regions[0].weight)} == {size}
        assert set(inputs.paintable.unique().tolist()) <= {0.0, 1.0}


def test_the_first_scale_starts_as_the_method_says(pyramid_of: Callable[..., TaskPyramid]) -> None:
    content = pyramid_of().content(COARSE)
    plain = pyramid_of({"start": "content", "start_colours": 0.0}).first_start(content)
    noise = pyramid_of({"start": "noise", "seed": 3}).first_start(content)
    assert plain is content
    assert torch.equal(noise, noise_like(content, 3, STORE))


def test_a_finer_scale_starts_at_the_coarser_one_s_picture_with_its_own_detail(
    pyramid_of: Callable[..., TaskPyramid], picture_of: PictureOf
) -> None:
    pyramid, picture = pyramid_of({"detail_injection": 0.5}), picture_of(32, 32, 5)
    content, coarser = pyramid.content(FINE), pyramid.content(COARSE)
    start = pyramid.finer_start(content, picture, COARSE)
    assert torch.equal(start, next_start(picture, content, coarser, 0.5, wrap=False))
    assert not torch.equal(start, resize(picture, (64, 64)))


def test_what_is_carried_lies_over_a_copy_of_the_start_and_what_is_not_painted_over_both() -> None:
    def flat(value: float, channels: int = 3) -> Tensor:
        return torch.full((1, channels, 8, 8), value, dtype=torch.float64)

    paintable, trust = flat(1.0, 1), flat(0.0, 1)
    paintable[..., :4] = 0
    trust[..., 2:6] = 0.5
    start = flat(100.0)
    inputs = ScaleInputs(flat(50.0), [], None, paintable, Carried(flat(200.0), trust))
    held = inputs.held(start, STORE)
    assert held[0, 0, 0].tolist() == [50.0] * 4 + [150.0] * 2 + [100.0] * 2
    assert torch.equal(start, flat(100.0))


def test_a_start_that_nothing_lies_over_stays_the_same_tensor() -> None:
    start = torch.ones(1, 3, 8, 8)
    assert ScaleInputs(torch.zeros(1, 3, 8, 8), [], None, None, None).held(start, STORE) is start
