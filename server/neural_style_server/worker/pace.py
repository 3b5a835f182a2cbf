"""How fast a run is beside what the calibration foretells, and how long the rest of it takes at that pace. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.memory.duration import ScaleSeconds
from ..engine.progress import Position
from ..engine.scales import SEARCH_EVERY, Scale

RECENT = SEARCH_EVERY
"""Iterations that the pace is about a mean of, one with a search among them. Those of a finer scale take longer, and so
soon outweigh the coarser."""

MOST = 3.0
"""An iteration counts as at most so many times as slow as those before it: a computer that slept was not slow."""


class Pace:
    """Measured over foretold seconds of the latest iterations."""

    def __init__(self) -> None:
        self._took = self._expected = 0.0

    @property
    def known(self) -> bool:
        return self._expected > 0

    @property
    def value(self) -> float:
        return self._took / self._expected if self.known else 1.0

    def add(self, took: float, expected: float) -> None:
        """Of one iteration, both above 0."""
        if self.known:
            took = min(took, MOST * self.value * expected)
        kept = 1 - 1 / RECENT
        self._took, self._expected = kept * self._took + took, kept * self._expected + expected


def step_seconds(costs: Sequence[ScaleSeconds], scale: int, begun: range) -> float:
    """Foretold for an iteration on this scale, and for the beginning of those that were begun with it."""
    return costs[scale].iteration + sum(costs[index].begin for index in begun)


def seconds_left(scales: Sequence[Scale], costs: Sequence[ScaleSeconds], position: Position) -> float:
    """Foretold for all that follows."""
    left = 0.0
    for index, (scale, cost) in enumerate(zip(scales, costs, strict=True)):
        if index >= position.scale:
            done = position.step if index == position.scale else 0
            left += max(0, scale.iterations - done) * cost.iteration
        if index > position.entered:
            left += cost.begin
    return left
