"""The distance of columns against its formula in plain torch, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from neural_style_server.engine.neighbours import distance
from neural_style_server.engine.neighbours.distance import column_distance
from neural_style_server.engine.neighbours.places import LayerTable


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def table_of(count: int, channels: int) -> LayerTable:
    columns, none = random(count, channels, seed=1), torch.zeros(0, dtype=torch.long)
    return LayerTable(columns, none, none, columns.mean(0), columns.square().sum(1).mean())


def plainly(features: Tensor, table: LayerTable, rows: Tensor, weight: Tensor | None) -> Tensor:
    target = table.columns[rows]
    cosine = torch.nn.functional.cosine_similarity(features - table.mean, target - table.mean, dim=1)
    each = 0.5 * (1 - cosine) + 0.5 * (features - target).square().sum(1) / table.energy
    return (each if weight is None else each * weight).sum()


@pytest.mark.parametrize("weighted", [False, True])
def test_distance_and_gradient_are_the_formulas(monkeypatch: pytest.MonkeyPatch, weighted: bool) -> None:
    monkeypatch.setattr(distance, "NUMBERS_AT_ONCE", 12)  # several parts, the last one shorter
    table, rows = table_of(9, 4), torch.tensor([3, 3, 0, 8, 5, 1, 2])
    weight = random(7, seed=3).abs() if weighted else None
    found, expected = [random(7, 4, seed=2).requires_grad_() for _ in range(2)]
    one, other = column_distance(found, table, rows, weight), plainly(expected, table, rows, weight)
    (3 * one).backward()
    (3 * other).backward()
    assert one.item() == pytest.approx(other.item(), rel=1e-12)
    assert found.grad is not None and torch.allclose(found.grad, expected.grad, rtol=1e-9, atol=1e-12)
    assert torch.autograd.gradcheck(lambda x: column_distance(x, table, rows, weight), random(7, 4).requires_grad_())


def test_columns_at_their_targets_have_no_distance() -> None:
    table, rows = table_of(9, 4), torch.tensor([3, 0, 8])
    assert float(column_distance(table.columns[rows], table, rows)) == pytest.approx(0, abs=1e-12)


def test_columns_without_a_direction_are_finite() -> None:
    """A flat style's columns are all at their mean."""
    table = table_of(9, 4)
    flat = LayerTable(table.mean.expand(9, 4), table.first, table.line, table.mean, table.energy)
    features = torch.stack([table.mean, random(4)]).requires_grad_()
    loss = column_distance(features, flat, torch.tensor([0, 1]))
    loss.backward()
    assert features.grad is not None and bool(torch.isfinite(features.grad).all()) and bool(torch.isfinite(loss))
