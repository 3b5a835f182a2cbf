"""Which style place each place of the picture is most like: all are compared on small canvases, else candidates.

Candidates come from the coarser scale, from neighbours and from chance (Barnes et al. 2009, "PatchMatch"), so that the
time grows with the number of places and not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .places import StylePlaces
from .prices import SHARE_STEP, Prices

QUERIES_AT_ONCE = 1024
"""Queries that are compared with all style places at a time."""

MOST_COMPARISONS = 1 << 28
"""Queries times style places up to which all are compared: 512 × 512 px with a style of that size."""

CANDIDATES_AT_ONCE = 1 << 15
"""Queries that are compared with one candidate each at a time."""

SAMPLED = 4096
"""Queries that the first prices are found with, at most about."""

ROUNDS, FIRST_ROUNDS = 2, 6
"""Rounds of candidates from neighbours and chance: after a coarser scale, and without one."""

STEPS = (4, 2, 1)
"""Distances of the neighbours whose matches are candidates, in places."""

NEIGHBOURS = ((0, 1), (1, 0), (0, -1), (-1, 0))

COHERENCE, COHERENCE_ROUNDS = 0.05, 3
"""What a match gains of the cosine for each neighbour that it continues. Calm places are all most like the same place
of the style, which repeated shows as a weave; continued, they get a stroke of the style."""

BALANCING = 10
"""Times that all is compared and prices are told, before the first search."""


def compare_all(queries: Tensor, places: StylePlaces, bias: Tensor) -> Tensor:
    """The most alike style place of each query, (N,). queries: (N, d), any length; bias: (M,), added to the cosine."""
    keys = places.keys.t()
    return torch.cat(
        [torch.addmm(bias, F.normalize(part, dim=1), keys).argmax(1) for part in torch.split(queries, QUERIES_AT_ONCE)]
    )


def balanced(queries: Tensor, places: StylePlaces, variety: float, weight: Tensor | None = None) -> Prices:
    """The prices with which crowded places give way to others, and each image gets its share of the canvas.

    variety: 0–1. weight: (N,) of the queries, or None for all alike. Compares all places several times: for the
    coarsest scale, from which `Matches.prices_of` takes them to the finer ones.
    """
    prices = Prices.none(places)
    if variety == 0 and len(places.shares) == 1:
        return prices
    for number in range(BALANCING):
        found = compare_all(queries, places, prices.bias(places))
        prices = prices.after(found, places, variety, weight, SHARE_STEP / (1 + number / 2))
    return prices


def refine(
    queries: Tensor, start: Tensor, grid: tuple[int, int], places: StylePlaces, bias: Tensor, seed: int, rounds: int
) -> Tensor:
    """The best of `start` and of candidates, (N,). queries: (N, d) of a grid (rows, columns); start: (N,)."""
    unit = F.normalize(queries, dim=1)
    best, score = start, likeness(unit, start, places, bias)
    generator = torch.Generator().manual_seed(seed)
    reach = max(max(layout.rows, layout.columns) for layout in places.layouts)
    for number in range(rounds):
        for step in STEPS:
            for down, right in NEIGHBOURS:
                candidates = _from_neighbour(best, grid, step * down, step * right, places)
                best, score = _better(unit, candidates, best, score, places, bias)
        radius = max(1, reach >> (2 * number + 1))
        while radius >= 1:
            away = [_random(len(best), radius, generator).to(best.device) for _ in range(2)]
            best, score = _better(unit, places.moved(best, *away), best, score, places, bias)
            radius //= 4
    return best


def cohere(
    queries: Tensor, start: Tensor, grid: tuple[int, int], places: StylePlaces, bias: Tensor, gain: float = COHERENCE
) -> Tensor:
    """Matches (N,) that continue their neighbours' where that costs little likeness: Ashikhmin 2001, "Synthesizing
    Natural Textures", as iterated conditional modes (Besag 1986) on every second place in turn."""
    unit = F.normalize(queries, dim=1)
    best, score = start, likeness(unit, start, places, bias)
    rows, columns = (torch.arange(side, device=start.device) for side in grid)
    odd = ((rows[:, None] + columns[None]) % 2).flatten().bool()
    for turn in (odd, ~odd) * COHERENCE_ROUNDS:
        continued = [_from_neighbour(best, grid, down, right, places) for down, right in NEIGHBOURS]
        top, top_score, top_value = best, score, _with_neighbours(best, score, continued, gain)
        for candidates in continued:
            found = likeness(unit, candidates, places, bias)
            value = _with_neighbours(candidates, found, continued, gain)
            wins = (value > top_value) & turn
            top, top_score = torch.where(wins, candidates, top), torch.where(wins, found, top_score)
            top_value = torch.where(wins, value, top_value)
        best, score = top, top_score
    return best


def _with_neighbours(numbers: Tensor, score: Tensor, continued: Sequence[Tensor], gain: float) -> Tensor:
    """The score plus the gain for each neighbour whose match these continue."""
    return score + gain * torch.stack([numbers == each for each in continued]).sum(0)


def likeness(unit: Tensor, numbers: Tensor, places: StylePlaces, bias: Tensor) -> Tensor:
    """The cosine with bias of unit queries (N, d) and one style place each, (N,)."""
    parts = [
        (part * places.keys[candidates]).sum(1) + bias[candidates]
        for part, candidates in zip(*(torch.split(each, CANDIDATES_AT_ONCE) for each in (unit, numbers)), strict=True)
    ]
    return torch.cat(parts)


def _better(
    unit: Tensor, candidates: Tensor, best: Tensor, score: Tensor, places: StylePlaces, bias: Tensor
) -> tuple[Tensor, Tensor]:
    found = likeness(unit, candidates, places, bias)
    wins = found > score
    return torch.where(wins, candidates, best), torch.where(wins, found, score)


def _from_neighbour(best: Tensor, grid: tuple[int, int], down: int, right: int, places: StylePlaces) -> Tensor:
    """For each place, where it would be if it continued what its neighbour matched; at an edge, its own match."""
    rows, columns = grid
    y = (torch.arange(rows, device=best.device) + down).clamp(0, rows - 1)
    x = (torch.arange(columns, device=best.device) + right).clamp(0, columns - 1)
    neighbour = best.view(rows, columns)[y][:, x].flatten()
    return places.moved(neighbour, -down, -right)


def _random(count: int, radius: int, generator: torch.Generator) -> Tensor:
    return torch.randint(-radius, radius + 1, (count,), generator=generator)
