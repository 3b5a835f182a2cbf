"""A task on a smaller canvas."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from neural_style_server.engine.task import Region, Style, Task, small

PictureOf = Callable[..., Tensor]


def test_a_small_task_has_small_pictures_and_the_same_styles(picture_of: PictureOf, weight_of: PictureOf) -> None:
    styles = [Style(picture_of(48, 40, 7))]
    whole = Task(
        picture_of(64, 96),
        [Region(styles, weight_of(64, 96, 1)), Region(styles)],
        alpha=weight_of(64, 96, 2),
        init=picture_of(32, 48, 3),
        mask=weight_of(64, 96, 4),
        size=80,
    )
    found = small(whole, (16, 24))
    masks = [found.alpha, found.mask, found.regions[0].mask, found.init, found.content]
    assert all(each is not None and each.shape[-2:] == (16, 24) for each in masks)
    assert found.regions[0].styles == styles and found.regions[1].mask is None
    assert found.size == 80
    expected = whole.content.reshape(1, 3, 16, 4, 24, 4).mean((3, 5))
    assert torch.allclose(found.content, expected, atol=1e-3)


def test_a_picture_that_is_smaller_already_is_enlarged(picture_of: PictureOf) -> None:
    found = small(Task(picture_of(8, 96), [Region([Style(picture_of(48, 40, 7))])]), (16, 24))
    assert found.content.shape[-2:] == (16, 24)
