"""The total variation by strips is that of `losses`, with its gradient."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.losses import total_variation
from neural_style_server.engine.memory import working_set
from neural_style_server.engine.memory.tensor_store import InMemoryStore
from neural_style_server.engine.total_variation import (
    SMOOTHING_RANGE,
    TYPICAL_ROUGHNESS,
    add_total_variation,
    roughness,
    smoothing,
)


@pytest.mark.parametrize("size", [(37, 23), (1, 40), (40, 1), (16, 300)])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("wrap", [False, True])
def test_strips_give_the_same_number_and_gradient(
    picture_of: Callable[..., Tensor],
    weight_of: Callable[..., Tensor],
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    weighted: bool,
    wrap: bool,
) -> None:
    monkeypatch.setattr(working_set, "STRIP_PIXELS", 100)
    image, weight = picture_of(*size), weight_of(*size, 3) if weighted else None
    leaf = image.clone().requires_grad_()
    expected = 0.3 * total_variation(leaf, weight, wrap=wrap)
    expected.backward()
    gradient = torch.ones_like(image)
    found = add_total_variation(image, gradient, 0.3, weight, wrap, InMemoryStore("cpu"))
    assert found == pytest.approx(expected.item(), rel=1e-10)
    assert torch.allclose(gradient - 1, leaf.grad, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("weighted", [False, True])
def test_roughness_is_the_total_variation_in_whatever_strips(
    picture_of: Callable[..., Tensor], weight_of: Callable[..., Tensor], monkeypatch: pytest.MonkeyPatch, weighted: bool
) -> None:
    image, weight = picture_of(37, 23), weight_of(37, 23, 3) if weighted else None
    whole = roughness(image, weight)
    monkeypatch.setattr(working_set, "STRIP_PIXELS", 100)
    assert roughness(image, weight) == whole == pytest.approx(float(total_variation(image, weight)), rel=1e-3)


def test_smoothing_is_one_for_a_typical_style_more_for_a_smooth_one_and_never_without_end() -> None:
    assert smoothing(TYPICAL_ROUGHNESS) == 1
    assert smoothing(TYPICAL_ROUGHNESS / 4) == pytest.approx(8)
    assert (smoothing(1.0), smoothing(0.0)) == SMOOTHING_RANGE


def test_strips_cover_all_rows_once() -> None:
    for height, width in ((1, 5), (5000, 3000), (20000, 1), (1, 20_000_000)):
        rows = [row for part in working_set.strips(height, width) for row in range(part.start, part.stop)]
        assert rows == list(range(height))
