"""Where a run stands: for the caller after each iteration (`Progress`), and for its checkpoint (`Position`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .terms import Losses

PLATEAU_WINDOW = 10
"""Iterations over which a scale's loss is compared with itself."""


@dataclass(frozen=True)
class Progress:
    """After one iteration: its number from 1, of how many, on which scale and size, with which losses.

    `seconds` is the time that all iterations so far have taken, with the beginning of each scale that was entered.
    """

    iteration: int
    iterations: int
    scale: int
    scales: int
    width: int
    height: int
    losses: Losses
    seconds: float


@dataclass
class Position:
    """The scale, the steps done on it, the iterations done in all, and the scale's total losses so far.

    `entered` is the scale that the optimiser's image belongs to: a scale is entered again if memory ran out meanwhile.
    """

    scale: int = 0
    step: int = 0
    iteration: int = 0
    history: list[float] = field(default_factory=list)
    entered: int = -1

    def advance(self, loss: float) -> None:
        """One iteration of the scale is done."""
        self.step += 1
        self.iteration += 1
        self.history.append(loss)

    def next_scale(self, iterations: int) -> None:
        """Leave a scale of so many iterations; those that a plateau left out count as done."""
        self.iteration += iterations - self.step
        self.scale, self.step, self.history = self.scale + 1, 0, []

    def on_plateau(self, tolerance: float) -> bool:
        """Whether the last PLATEAU_WINDOW iterations lowered the loss by less than this share; never for 0."""
        if tolerance == 0 or self.step <= PLATEAU_WINDOW:
            return False
        return self.history[-1] > self.history[-1 - PLATEAU_WINDOW] * (1 - tolerance)

    def state(self) -> dict[str, object]:
        """The fields, and of the history what `on_plateau` reads."""
        return vars(self) | {"history": self.history[-PLATEAU_WINDOW - 1 :]}
