"""A film's still background over many frames: it neither flickers nor drifts away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.carried import Carried, along
from neural_style_server.engine.method import Method
from neural_style_server.engine.motion import AROUND, motion_between
from neural_style_server.engine.transfer import Region, Style, Task, Transfer
from neural_style_server.engine.vgg import Network

FRAMES, HEIGHT, WIDTH = 300, 32, 64
STILL = slice(16 + AROUND, WIDTH)
"""Columns that what moves never comes near."""


def frame(background: Tensor, number: int) -> Tensor:
    """A square goes up and down on the left."""
    found = background.clone()
    top = 4 + abs(number % 32 - 16)
    found[..., top : top + 8, 8:16] = 250
    return found


def pixels(picture: Tensor) -> Any:
    return picture[0].permute(1, 2, 0).round().numpy().astype("u1")


@pytest.mark.parametrize("loss", ["neighbours", "balanced"])
def test_a_still_background_stays_to_the_bit(tiny_vgg: Network, picture_of: Callable[..., Tensor], loss: str) -> None:
    background, style = picture_of(HEIGHT, WIDTH, 1).round(), picture_of(40, 40, 2)
    method = Method(loss=loss, iterations=2, scales=1, seed=3)
    first = last = background
    for number in range(FRAMES if loss == "balanced" else 20):
        carried: Carried | None = None
        if number:
            motion = motion_between(pixels(frame(background, number - 1)), pixels(frame(background, number)))
            carried = along(motion, last)
        run = Transfer(tiny_vgg, Task(frame(background, number), [Region([Style(style)])], carried=carried), method)
        for _ in run:
            pass
        before, last = last, run.picture().round()  # as it is delivered
        if number == 0:
            first = last
            assert float((first - background)[..., STILL].abs().mean()) > 4, "it is painted"
        else:
            assert torch.equal(last[..., STILL], first[..., STILL]), number
            assert not torch.equal(last, before), "what moves is painted"
