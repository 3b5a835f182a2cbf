"""Steps of the image: Adam (Kingma and Ba 2015) and L-BFGS (Liu and Nocedal 1989), with the learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .memory.tensor_store import InMemoryStore, TensorStore, copy, fill
from .memory.working_set import LBFGS_HISTORY, strips
from .method import Method
from .terms import Losses

SCHEDULE_FLOOR = 0.2
"""The share of the learning rate that a cosine schedule ends with."""

LBFGS_GAIN = 1e6
"""What relative losses and their gradients, near 1e-7 per pixel, are multiplied by: L-BFGS's first step is 1/|g|."""

Evaluate = Callable[[Tensor], tuple[Losses, Tensor]]


def schedule(step: int, steps: int, method: Method) -> float:
    """The learning rate of a step as a share of the scale's: 1 throughout, or a cosine down to SCHEDULE_FLOOR."""
    if method.schedule == "constant" or steps < 2:
        return 1.0
    progress = min(1.0, step / (steps - 1))
    return SCHEDULE_FLOOR + (1 - SCHEDULE_FLOOR) * 0.5 * (1 + math.cos(math.pi * progress))


class Adam:
    """Adam in place, a strip of rows at a time; the same numbers as `torch.optim.Adam`."""

    EPSILON = 1e-12

    def __init__(self, image: Tensor, method: Method, store: TensorStore) -> None:
        self._betas, self._store = (method.beta1, method.beta2), store
        self._steps = 0
        self._first, self._second = (store.zeros(tuple(image.shape), image.dtype) for _ in range(2))

    def step(self, image: Tensor, gradient: Tensor, rate: float) -> None:
        """Change the image in place; it stays within 0–255."""
        beta1, beta2 = self._betas
        self._steps += 1
        size, root = rate / (1 - beta1**self._steps), (1 - beta2**self._steps) ** 0.5
        for rows in strips(*image.shape[-2:]):
            x, slope, first, second = (each[..., rows, :] for each in (image, gradient, self._first, self._second))
            first.lerp_(slope, 1 - beta1)
            second.mul_(beta2).addcmul_(slope, slope, value=1 - beta2)
            x.addcdiv_(first, (second.sqrt() / root).add_(self.EPSILON), value=-size).clamp_(0, 255)
            self._store.release()

    def state_dict(self) -> dict[str, Any]:
        return {"steps": self._steps, "first": self._first, "second": self._second}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._steps = int(state["steps"])
        fill(self._store, self._first, state["first"])
        fill(self._store, self._second, state["second"])


class ImageOptimiser:
    """Owns the image of one scale and its optimiser's state. image: (1, 3, H, W), 0–255; `rate` is the scale's."""

    def __init__(self, image: Tensor, method: Method, rate: float, store: TensorStore | None = None) -> None:
        self._store = store or InMemoryStore(image.device)
        self.image = copy(self._store, image.detach())
        self.rate = rate
        self._method = method
        self._optimiser: torch.optim.LBFGS | Adam
        if method.optimiser == "lbfgs":
            self._optimiser = torch.optim.LBFGS(
                [self.image.requires_grad_()],
                lr=1.0,
                max_iter=1,
                history_size=LBFGS_HISTORY,
                tolerance_grad=0,
                tolerance_change=0,
            )
        else:
            self._optimiser = Adam(self.image, method, self._store)

    def step(self, evaluate: Evaluate, share: float) -> Losses:
        """One iteration; `share` is the schedule's."""
        if isinstance(self._optimiser, torch.optim.LBFGS):
            return self._step_lbfgs(evaluate, self._optimiser)
        losses, gradient = evaluate(self.image)
        if losses.finite:
            self._optimiser.step(self.image, gradient, self._method.learning_rate * self.rate * share)
        return losses

    def _step_lbfgs(self, evaluate: Evaluate, optimiser: torch.optim.LBFGS) -> Losses:
        seen: list[Losses] = []
        gain = 1.0 if self._method.loss == "gram" else LBFGS_GAIN

        def closure() -> float:
            losses, gradient = evaluate(self.image.detach())
            seen.append(losses)
            self.image.grad = gradient * gain
            return losses.total * gain

        before = self.image.detach().clone()
        optimiser.step(closure)  # type: ignore[no-untyped-call]
        if not seen[0].finite:
            with torch.no_grad():
                self.image.copy_(before)
        return seen[0]

    def state(self) -> dict[str, Any]:
        """What `restore` needs to go on to the same picture. No copies: to be saved before the next step."""
        return {"image": self.image.detach(), "optimiser": self._optimiser.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`. All is copied: it may be mapped from a file that is to be replaced."""
        with torch.no_grad():
            fill(self._store, self.image, state["image"])
        own = state["optimiser"] if isinstance(self._optimiser, Adam) else copy_tensors(state["optimiser"])
        self._optimiser.load_state_dict(own)


def copy_tensors(state: Any) -> Any:
    """A nested state of dictionaries, lists and plain values, with its tensors copied."""
    if isinstance(state, Tensor):
        return state.clone()
    if isinstance(state, dict):
        return {key: copy_tensors(value) for key, value in state.items()}
    return [copy_tensors(value) for value in state] if isinstance(state, list) else state
