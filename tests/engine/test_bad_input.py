"""Pictures that hardly are any, with the real network: a right picture or a clear refusal, never numbers that are none,
and never one place of the style everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.engine.real_pictures import flat, gradient, photo, style
from torch import Tensor

from neural_style_server.engine.method import Method
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import ImageError
from neural_style_server.weights import load_network

SIDE = 72
METHOD = Method(iterations=12, scales=2, average=2)
MOST_USED = 0.25
"""Share of the picture that one place of the style may fill."""


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(None, Path()).to("cpu", torch.float32)


def painted(network: Network, task: Task, method: Method = METHOD) -> tuple[Tensor, float, int]:
    """The picture, the share of it that the most used style place fills, and how many different ones there are."""
    run = Transfer(network, task, method)
    for progress in run:
        assert progress.losses.finite
    picture = run.picture()
    assert bool(torch.isfinite(picture).all()) and 0 <= float(picture.min()) <= float(picture.max()) <= 255
    (found,) = run.state()["matches"][:1]
    image, y, x = found["coordinates"].flatten(1).numpy()
    sizes = [tuple(part.shape) for part in found["prices"]]
    places = [
        (int(i), int(v * sizes[int(i)][0]), int(u * sizes[int(i)][1])) for i, v, u in zip(image, y, x, strict=True)
    ]
    counts = np.unique(np.asarray(places), axis=0, return_counts=True)[1]
    return picture, float(counts.max() / counts.sum()), len(counts)


def task(content: Tensor, image: Tensor, mask: Tensor | None = None, style_mask: Tensor | None = None) -> Task:
    return Task(content, [Region([Style(image, mask=style_mask)])], mask=mask)


@pytest.mark.parametrize(
    ("name", "image"),
    [
        ("32 px", style(32)),
        ("a gradient", gradient(64, 96)),
        ("a line", style(96)[..., :6, :].contiguous()),
    ],
)
def test_a_poor_style_is_used_as_far_as_it_goes(network: Network, name: str, image: Tensor) -> None:
    _, most, count = painted(network, task(photo(SIDE), image))
    assert most < MOST_USED and count > 8, name


def test_a_style_of_one_colour_gives_a_picture_in_that_colour(network: Network) -> None:
    colour = (200.0, 60.0, 40.0)
    picture, most, _ = painted(network, task(photo(SIDE), flat(64, 64, *colour)))
    assert most < MOST_USED
    red, green, blue = picture.mean((0, 2, 3)).tolist()
    assert red > green + 40 and red > blue + 40
    assert float(picture.std()) > 5  # the subject is still seen


@pytest.mark.parametrize("colour", [(0.0, 0.0, 0.0), (255.0, 255.0, 255.0), (70.0, 120.0, 190.0)])
def test_a_content_of_one_colour_is_not_one_place_of_the_style(network: Network, colour: Any) -> None:
    _, most, count = painted(network, task(flat(48, SIDE, *colour), style(96)))
    assert most < MOST_USED and count > 8


def test_a_style_of_more_than_8000_px_is_made_smaller_in_its_own_shape(network: Network) -> None:
    large = F.interpolate(style(96), size=(80, 8400), mode="nearest")
    picture, most, count = painted(network, task(photo(SIDE), large))
    assert picture.shape[-2:] == photo(SIDE).shape[-2:]
    assert most < MOST_USED and count > 8


def test_a_mask_of_a_few_pixels_is_painted_and_nothing_else_is(network: Network) -> None:
    content = photo(SIDE)
    mask = torch.zeros(1, 1, *content.shape[-2:])
    mask[..., 20:22, 30:33] = 1
    picture, _, _ = painted(network, task(content, style(96), mask))
    changed = (picture - content).abs().amax(1, keepdim=True) > 1e-3
    assert bool(changed[mask > 0].any()) and not bool(changed[mask == 0].any())


def test_a_style_mask_that_is_almost_empty_gives_a_picture_of_what_it_leaves(network: Network) -> None:
    mask = torch.zeros(1, 1, *style(96).shape[-2:])
    mask[..., 40:48, 40:48] = 1
    _, _, count = painted(network, task(photo(SIDE), style(96), style_mask=mask), replace(METHOD, scales=1))
    assert 1 <= count <= 9  # places of 4 px


@pytest.mark.parametrize("side", [1, 4])
def test_a_style_mask_that_leaves_no_place_at_some_scale_is_refused(network: Network, side: int) -> None:
    mask = torch.zeros(1, 1, *style(96).shape[-2:])
    mask[..., 40 : 40 + side, 40 : 40 + side] = 1
    with pytest.raises(ImageError, match="too small to find anything") as caught:
        painted(network, task(photo(SIDE), style(96), style_mask=mask))
    assert caught.value.hint
