"""What a painter's layer is: alpha, masks, regions, and the colours under what cannot be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.method import COLOUR_METHODS, Method
from neural_style_server.engine.scales import Scale
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network

PictureOf = Callable[..., Tensor]
METHOD = Method(iterations=4, scales=1, learning_rate=4.0)
SCALES = [Scale(20, 24, 2, 1.0), Scale(40, 48, 3, 0.7)]


def painted(network: Network, task: Task, method: Method, **options: Any) -> Tensor:
    run = Transfer(network, task, method, **options)
    for _ in run:
        pass
    return run.picture()


def left_half(height: int = 40, width: int = 48) -> Tensor:
    mask = torch.zeros(1, 1, height, width, dtype=torch.float64)
    mask[..., : width // 2] = 1
    return mask


@pytest.mark.parametrize("loss", ["neighbours", "gram", "balanced", "wasserstein"])
@pytest.mark.parametrize("start", ["content", "mix"])
def test_what_lies_under_transparent_pixels_changes_nothing(
    tiny_vgg: Network, picture_of: PictureOf, loss: str, start: str
) -> None:
    alpha, content, styles = left_half(), picture_of(40, 48, 1), [Region([Style(picture_of(30, 30, 2))])]
    hidden = torch.where(alpha > 0, content, 255 - content)
    method = replace(METHOD, loss=loss, start=start, colour_method="match", colour=0.5)
    one, other = (
        painted(tiny_vgg, Task(picture, styles, alpha=alpha), method, scales=SCALES) for picture in (content, hidden)
    )
    assert torch.equal(one, other)


@pytest.mark.parametrize("method", COLOUR_METHODS)
def test_what_lies_under_masked_style_pixels_changes_nothing(
    tiny_vgg: Network, picture_of: PictureOf, method: str
) -> None:
    mask, image, content = left_half(32, 40), picture_of(32, 40, 2), picture_of(40, 48, 1)
    method = replace(METHOD, colour_method=method, colour=0.7, boldness=2.0, less_white=0.5)
    hidden = torch.where(mask > 0, image, 255 - image)
    one, other = (
        painted(tiny_vgg, Task(content, [Region([Style(style, mask=mask)])]), method) for style in (image, hidden)
    )
    assert torch.equal(one, other)


def test_an_opaque_alpha_is_the_same_as_none(tiny_vgg: Network, picture_of: PictureOf) -> None:
    task = Task(picture_of(40, 48, 1), [Region([Style(picture_of(30, 30, 2))])])
    opaque = replace(task, alpha=torch.ones(1, 1, 40, 48, dtype=torch.float64))
    assert torch.allclose(painted(tiny_vgg, task, METHOD), painted(tiny_vgg, opaque, METHOD), atol=1e-6)


@pytest.mark.parametrize("optimiser", ["adam", "lbfgs"])
@pytest.mark.parametrize("start", ["content", "noise", "style"])
def test_pixels_outside_the_mask_stay_the_contents(
    tiny_vgg: Network, picture_of: PictureOf, optimiser: str, start: str
) -> None:
    content, mask = picture_of(40, 48, 1), left_half()
    task = Task(content, [Region([Style(picture_of(30, 30, 2))])], mask=mask)
    picture = painted(tiny_vgg, task, replace(METHOD, optimiser=optimiser, start=start), scales=SCALES)
    outside = (mask == 0).expand_as(content)
    assert torch.equal(picture[outside], content[outside])
    assert not torch.equal(picture[~outside], content[~outside])


def test_two_areas_go_to_their_own_styles(tiny_vgg: Network, picture_of: PictureOf) -> None:
    """A dark and a light style: the halves of the picture end on their own side, and change sides with the styles."""
    dark, light = (Style(picture_of(40, 48, seed) * 0.3 + shift) for seed, shift in ((2, 0), (3, 170)))
    content, mask = picture_of(40, 48, 1), left_half()
    method = replace(METHOD, iterations=12, learning_rate=12.0, content_weight=0.0, tv_weight=0.0)
    for first, second in ((dark, light), (light, dark)):
        task = Task(content, [Region([first], mask), Region([second], 1 - mask)])
        picture = painted(tiny_vgg, task, method)
        left, right = float(picture[..., :24].mean()), float(picture[..., 24:].mean())
        assert (left < right) == (first is dark)


def test_a_share_is_the_part_of_the_canvas_that_an_area_covers(tiny_vgg: Network, picture_of: PictureOf) -> None:
    quarter = left_half() * left_half(48, 40).transpose(2, 3)
    run = Transfer(
        tiny_vgg,
        Task(picture_of(40, 48), [Region([Style(picture_of(30, 30, 2))], mask) for mask in (quarter, None)]),
        METHOD,
    )
    run.step()
    assert [region.share for region in run._objective._style._regions] == pytest.approx([0.25, 1.0])  # type: ignore[union-attr]


def test_regions_that_overlap_or_leave_gaps_are_painted(tiny_vgg: Network, picture_of: PictureOf) -> None:
    style, mask = Style(picture_of(30, 30, 2)), left_half()
    empty, dot = torch.zeros_like(mask), torch.zeros_like(mask)
    dot[..., 7, 9] = 1
    for masks in ((mask, mask), (mask, empty), (dot, dot), (empty, empty)):
        task = Task(picture_of(40, 48, 1), [Region([style], part) for part in masks])
        assert bool(torch.isfinite(painted(tiny_vgg, task, METHOD, scales=SCALES)).all())


def test_a_mask_and_an_area_count_where_both_do(tiny_vgg: Network, picture_of: PictureOf) -> None:
    content, mask = picture_of(40, 48, 1), left_half()
    task = Task(content, [Region([Style(picture_of(30, 30, 2))], 1 - mask)], mask=mask)
    method = replace(METHOD, tv_weight=0.0, start_colours=0.0)
    assert torch.allclose(painted(tiny_vgg, task, method), content, atol=1e-6)


def test_several_styles_pull_by_their_weights(tiny_vgg: Network, picture_of: PictureOf) -> None:
    """With weight 1 and 0 the second style is not there at all; swapped, the other."""
    one, two = picture_of(30, 30, 2), picture_of(30, 30, 3)
    content, method = picture_of(40, 48, 1), replace(METHOD, start_colours=0.0)
    alone = painted(tiny_vgg, Task(content, [Region([Style(one)])]), method)
    both = painted(tiny_vgg, Task(content, [Region([Style(one, 1.0), Style(two, 0.0)])]), method)
    mixed = painted(tiny_vgg, Task(content, [Region([Style(one, 1.0), Style(two, 1.0)])]), method)
    assert torch.equal(alone, both) and not torch.allclose(alone, mixed, atol=0.1)


def test_the_start_takes_the_colours_of_a_style_that_weighs_something(tiny_vgg: Network, picture_of: PictureOf) -> None:
    absent, present = Style(picture_of(30, 30, 3) * 0.2, 0.0), Style(picture_of(30, 30, 2), 1.0)
    content = picture_of(40, 48, 1)
    one = painted(tiny_vgg, Task(content, [Region([absent, present])]), METHOD)
    assert torch.equal(one, painted(tiny_vgg, Task(content, [Region([present])]), METHOD))


def test_without_style_the_picture_is_the_content(tiny_vgg: Network, picture_of: PictureOf) -> None:
    content = picture_of(40, 48, 1)
    method = replace(METHOD, style_weight=0.0, tv_weight=0.0, start_colours=0.0)
    assert torch.equal(painted(tiny_vgg, Task(content, [Region([Style(picture_of(30, 30, 2))])]), method), content)
