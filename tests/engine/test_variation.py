"""The total variation by strips is that of `losses`, with its gradient."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from neural_style_server.engine import working_set
from neural_style_server.engine.losses import total_variation
from neural_style_server.engine.store import Memory
from neural_style_server.engine.variation import add_total_variation


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
    found = add_total_variation(image, gradient, 0.3, weight, wrap, Memory("cpu"))
    assert found == pytest.approx(expected.item(), rel=1e-10)
    assert torch.allclose(gradient - 1, leaf.grad, rtol=1e-9, atol=1e-14)


def test_strips_cover_all_rows_once() -> None:
    for height, width in ((1, 5), (5000, 3000), (20000, 1), (1, 20_000_000)):
        rows = [row for part in working_set.strips(height, width) for row in range(part.start, part.stop)]
        assert rows == list(range(height))
