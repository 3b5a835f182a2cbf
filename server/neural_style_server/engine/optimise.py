"""Steps of the image: Adam (Kingma and Ba 2015) and L-BFGS (Liu and Nocedal 1989), with the learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .objective import Losses
from .recipe import Recipe

SCHEDULE_FLOOR = 0.2
"""The share of the learning rate that a cosine schedule ends with."""

LBFGS_HISTORY = 20
"""Pairs of image-sized vectors that L-BFGS remembers."""

LBFGS_GAIN = 1e6
"""Relative losses are near 1 and their gradients near 1e-7 a pixel; L-BFGS's first step is 1/|g|."""

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]


def schedule(step: int, steps: int, recipe: Recipe) -> float:
    """The learning rate of a step as a share of the scale's own: 1 throughout, or a cosine to SCHEDULE_FLOOR."""
    if recipe.schedule == "constant" or steps < 2:
        return 1.0
    progress = min(1.0, step / (steps - 1))
    return SCHEDULE_FLOOR + (1 - SCHEDULE_FLOOR) * 0.5 * (1 + math.cos(math.pi * progress))


class Stepper:
    """Owns the image of one scale and its optimiser's state. image: (1, 3, H, W), 0–255."""

    def __init__(self, image: Tensor, recipe: Recipe, rate: float) -> None:
        self.image = image.clone().requires_grad_()
        self._recipe, self._rate = recipe, rate
        self._optimiser: torch.optim.Optimizer
        if recipe.optimiser == "lbfgs":
            self._optimiser = torch.optim.LBFGS(
                [self.image],
                lr=1.0,
                max_iter=1,
                history_size=LBFGS_HISTORY,
                tolerance_grad=0,
                tolerance_change=0,
            )
        else:
            self._optimiser = torch.optim.Adam(
                [self.image], lr=recipe.learning_rate, betas=(recipe.beta1, recipe.beta2), eps=1e-12, foreach=False
            )

    def step(self, evaluate: Evaluate, share: float) -> Losses:
        """One iteration; `share` is the schedule's. Adam's image stays within 0–255, as the delivered picture does."""
        if self._recipe.optimiser == "lbfgs":
            return self._step_lbfgs(evaluate)
        losses, gradient = evaluate(self.image.detach())
        if losses.finite:
            self._optimiser.param_groups[0]["lr"] = self._recipe.learning_rate * self._rate * share
            self.image.grad = gradient
            self._optimiser.step()
            with torch.no_grad():
                self.image.clamp_(0, 255)
        return losses

    def _step_lbfgs(self, evaluate: Evaluate) -> Losses:
        seen: list[Losses] = []
        gain = 1.0 if self._recipe.loss == "gram" else LBFGS_GAIN

        def closure() -> float:
            losses, gradient = evaluate(self.image.detach())
            seen.append(losses)
            self.image.grad = gradient * gain
            return losses.total * gain

        before = self.image.detach().clone()
        self._optimiser.step(closure)
        if not seen[0].finite:
            with torch.no_grad():
                self.image.copy_(before)
        return seen[0]

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on as if nothing had happened: the tensors themselves, so that a large canvas
        needs no second set of them. Save or copy it before the next step."""
        return {"image": self.image.detach(), "optimiser": self._optimiser.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`, whose optimiser's tensors are taken over."""
        with torch.no_grad():
            self.image.copy_(state["image"])
        self._optimiser.load_state_dict(state["optimiser"])
