"""Neural style transfer by optimisation, as the paper tells it: targets, a start image, and steps downhill.

`Transfer` is one job's run through the pyramid. Asking for the next step is the caller's affair, and so is
showing, storing, pausing (stop asking) and cancelling (never ask again).

    for progress in Transfer(network, task, method):
        show(progress)
    picture = transfer.picture()
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from ..errors import Diverged, ImageError
from .memory.allocator import trim
from .memory.limits import is_out_of_memory, let_go
from .memory.tensor_store import InMemoryStore, TensorStore, copy
from .memory.working_set import strips
from .method import Method
from .objective import Objective, RegionTerm
from .optimise import ImageOptimiser, schedule
from .pyramid import next_start, resize
from .scales import Scale, plan_scales, scaled
from .start_image import resized, start_image
from .targets import TargetCache, mixed
from .task import Region, Style, Task, prepared
from .terms import Losses
from .total_variation import roughness
from .vgg import Network

__all__ = ["Position", "Progress", "Region", "Style", "Task", "Transfer"]

PLATEAU_WINDOW = 10
EXTENSION_RATE = 0.35
"""An extension with a cosine schedule begins again at this share of the learning rate."""

LARGEST_STYLE_ENLARGEMENT = 2.0
"""A style image is enlarged at most so much; beyond it strokes would be blur."""


@dataclass(frozen=True)
class Progress:
    """After one iteration: its number from 1, of how many, on which scale and size, with which losses."""

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
    """Where a run stands; together with the optimiser's state it is the whole checkpoint."""

    scale: int = 0
    step: int = 0
    iteration: int = 0
    history: list[float] = field(default_factory=list)
    averaged: int = 0
    entered: int = -1
    """The scale that the optimiser's image belongs to; a scale is entered again where memory ran out on the way."""


class Transfer:
    """One run. Raises ImageError for a fully transparent content, Diverged when a loss is no longer finite.

    `store` has the image-sized tensors, by default where the network is; `replicas` are the network on more devices.
    """

    def __init__(
        self,
        network: Network,
        task: Task,
        method: Method,
        *,
        cache: TargetCache | None = None,
        tile_size: int | None = None,
        scales: Sequence[Scale] | None = None,
        store: TensorStore | None = None,
        replicas: Sequence[Network] = (),
    ) -> None:
        if task.alpha is not None and not bool((task.alpha > 0).any()):
            raise ImageError("The layer is fully transparent: there is nothing to paint.", hint="Choose another layer.")
        self.network, self.method, self._tile_size = network, method, tile_size
        self._store = store or InMemoryStore(network.device)
        self._replicas = tuple(replicas)
        self._cache = cache or TargetCache()
        self._task = prepared(task, method, self._store)
        height, width = task.content.shape[-2:]
        self.scales = list(scales or plan_scales(height, width, method, task.size))
        self.position = Position()
        self._optimiser: ImageOptimiser | None = None
        self._objective: Objective | None = None
        self._mean: Tensor | None = None
        self._paintable: Tensor | None = None
        self._clock = 0.0

    @property
    def iterations(self) -> int:
        """Iterations of all scales."""
        return sum(scale.iterations for scale in self.scales)

    @property
    def content(self) -> Tensor:
        """The content as it is painted, (1, 3, H, W), 0–255: filled in where it is transparent, and meeting itself
        where the picture is to tile."""
        return self._task.content

    @property
    def finished(self) -> bool:
        return self.position.scale >= len(self.scales)

    def __iter__(self) -> Iterator[Progress]:
        while not self.finished:
            yield self.step()

    def step(self) -> Progress:
        """One iteration. After it `picture()` is the image as it now is.

        Where memory runs out it can be asked for again, best after `use_tiles`: nothing has changed by then.
        """
        started = time.perf_counter()
        position = self.position
        scale = self.scales[position.scale]
        if position.entered != position.scale:
            self._enter()
        if self._objective is None:
            self._objective = self._objective_for(scale)
        assert self._optimiser is not None
        losses = self._optimiser.step(self._evaluate, schedule(position.step, scale.iterations, self.method))
        if self.network.device.type == "cpu":
            trim()  # else the heap grows into pieces that are free but too small for what comes next: 0.1 GB at 512 px
        if not losses.finite:
            raise Diverged("The loss is no longer a finite number, so the run was stopped.")
        position.step += 1
        position.iteration += 1
        position.history.append(losses.total)
        self._accumulate()
        self._clock += time.perf_counter() - started
        progress = Progress(
            position.iteration,
            self.iterations,
            position.scale,
            len(self.scales),
            scale.width,
            scale.height,
            losses,
            self._clock,
        )
        if position.step >= scale.iterations or self._on_plateau():
            self._leave(scale)
        return progress

    def picture(self) -> Tensor:
        """The image as it would be delivered now: (1, 3, h, w) of the current scale, within 0–255."""
        assert self._optimiser is not None
        image, count = self._optimiser.image.detach(), 1
        if self._mean is not None and self.position.averaged:
            image, count = self._mean, self.position.averaged
        picture = self._store.empty(tuple(image.shape), image.dtype)
        for rows in strips(*image.shape[-2:]):
            picture[..., rows, :] = (image[..., rows, :] / count).clamp(0, 255)
            self._store.release()
        return picture

    def extend(self, iterations: int) -> None:
        """So many more iterations at the finest scale, going on from the present image and optimiser's state.

        The picture is the same whether the run is extended before, at or after its end.
        """
        last = self.scales[-1]
        rate = 1.0 if self.method.schedule == "constant" else EXTENSION_RATE
        self.scales.append(Scale(last.height, last.width, iterations, rate * last.rate))
        self._mean, self.position.averaged = None, 0  # only the last iterates of all are averaged

    def use_tiles(self, size: int) -> None:
        """From the next step on evaluate tile by tile; the picture stays the same."""
        self._tile_size, self._objective = size, None

    def state(self) -> dict[str, Any]:
        """A checkpoint of plain values and tensors, for `restore`; to be saved before the next step."""
        return {
            "position": vars(self.position).copy() | {"history": list(self.position.history[-PLATEAU_WINDOW - 1 :])},
            "stepper": None if self._optimiser is None else self._optimiser.state(),
            "mean": self._mean,
            "network": self.network.sha256,
            "clock": self._clock,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, with the same task, method and scales (extensions may follow).

        Raises ImageError when that was with another network.
        """
        if state["network"] != self.network.sha256:
            raise ImageError(
                "The checkpoint was made with another network, so it cannot be continued.",
                hint="Choose the network that it was made with in the settings, or start the job again.",
            )
        position, mean, optimiser = Position(**state["position"]), state["mean"], None
        last = len(self.scales) - 1
        if position.scale <= last and (position.step == 0 or position.scale < last):
            mean, position.averaged = None, 0  # an extension begins a mean of its own
        if state["stepper"] is not None:
            rate = self.scales[min(max(position.entered, 0), last)].rate
            optimiser = ImageOptimiser(state["stepper"]["image"].to(self._store.device), self.method, rate, self._store)
            optimiser.restore(state["stepper"])
        self.position, self._optimiser, self._objective, self._clock = position, optimiser, None, state["clock"]
        self._mean = None if mean is None else copy(self._store, mean)

    # one scale

    def _evaluate(self, image: Tensor) -> tuple[Losses, Tensor]:
        assert self._objective is not None
        losses, gradient = self._objective.evaluate(image)
        if self._paintable is not None:
            for rows in strips(*gradient.shape[-2:]):
                gradient[..., rows, :] *= self._paintable[..., rows, :]
                self._store.release()
        return losses, gradient

    def _leave(self, scale: Scale) -> None:
        """On to the next scale, so that its start is what is shown."""
        position = self.position
        position.iteration += scale.iterations - position.step  # what a plateau left out
        position.scale, position.step, position.history = position.scale + 1, 0, []
        if not self.finished:
            try:
                self._enter()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise  # else the next step enters it, where the caller can choose smaller tiles

    def _enter(self) -> None:
        """Begin the scale that the position names. Nothing is changed until all is there."""
        position = self.position
        scale = self.scales[position.scale]
        self._objective = None
        if position.entered >= 0:
            let_go(self.network.device)  # what the coarser scale needed has other sizes
        objective = self._objective_for(scale)
        if self._optimiser is None:
            image = start_image(self._task, self._content_at(scale), self.method, self._store)
        elif tuple(self._optimiser.image.shape[-2:]) == (scale.height, scale.width):
            self._optimiser.rate, image = scale.rate, None  # an extension: the same image and optimiser's state
        else:
            image = next_start(
                self.picture(),
                self._content_at(scale),
                self._content_at(self.scales[position.entered]),
                self.method.detail_injection,
                wrap=self.method.seamless,
                store=self._store,
            )
        if image is not None:
            self._optimiser = ImageOptimiser(self._within_mask(image, scale), self.method, scale.rate, self._store)
        self._mean, position.averaged, position.entered = None, 0, position.scale
        self._objective = objective

    def _within_mask(self, start: Tensor, scale: Scale) -> Tensor:
        """The start image where something may be painted, the content elsewhere."""
        if self._paintable is None:
            return start
        content = self._content_at(scale)
        for rows in strips(scale.height, scale.width):
            own = content[..., rows, :]
            start[..., rows, :] = own + self._paintable[..., rows, :] * (start[..., rows, :] - own)
        return start

    def _objective_for(self, scale: Scale) -> Objective:
        size = (scale.height, scale.width)
        alpha = self._weight_at(self._task.alpha, size)
        mask = self._weight_at(self._task.mask, size)
        self._paintable = None if mask is None else (mask > 0).to(mask.dtype)
        regions = [self._region(region, alpha, scale) for region in self._task.regions]
        return Objective(
            self.network,
            self.method,
            self._content_at(scale),
            regions,
            visible=alpha,
            tile_size=self._tile_size,
            store=self._store,
            replicas=self._replicas,
        )

    def _region(self, region: Region, alpha: Tensor | None, scale: Scale) -> RegionTerm:
        size = (scale.height, scale.width)
        mask = _product(self._weight_at(region.mask, size), self._weight_at(self._task.mask, size))
        weight = mask if alpha is None else alpha if mask is None else mask * alpha
        share = 1.0
        if mask is not None and weight is not None:
            share = float(weight.sum() / (mask.numel() if alpha is None else alpha.sum()))
        parts, rough, total = [], 0.0, sum(style.weight for style in region.styles)
        for style in region.styles:
            image, inside = self._style_at(style, scale)
            targets = self._cache.get(self.network, image, self.method, inside, self._tile_size)
            parts.append((style.weight, targets))
            rough += style.weight / total * roughness(image, inside)
        return RegionTerm(weight, mixed(parts), share, rough)

    def _style_at(self, style: Style, scale: Scale) -> tuple[Tensor, Tensor | None]:
        """The style image at the size that gives the method's stroke size on this scale."""
        long_side = max(scale.height, scale.width) * self.method.style_scale
        own = (int(style.image.shape[-2]), int(style.image.shape[-1]))
        factor = min(LARGEST_STYLE_ENLARGEMENT, long_side / max(own))
        size = scaled(own, factor, replace(self.method, seamless=False))
        mask = None if style.mask is None else resize(style.mask, size).clamp(0, 1)
        return resize(style.image, size).clamp(0, 255), mask

    def _content_at(self, scale: Scale) -> Tensor:
        size = (scale.height, scale.width)
        return resized(self._task.content, size, 255, self._store, wrap=self.method.seamless)

    def _weight_at(self, weight: Tensor | None, size: tuple[int, int]) -> Tensor | None:
        return None if weight is None else resized(weight, size, 1, self._store)

    def _accumulate(self) -> None:
        """Iterate averaging (Polyak and Juditsky 1992) over the method's last iterations of the finest scale."""
        position, scale = self.position, self.scales[self.position.scale]
        last = position.scale == len(self.scales) - 1
        if not last or scale.iterations - position.step >= self.method.average:
            return
        assert self._optimiser is not None
        image = self._optimiser.image.detach()
        if self._mean is None:
            self._mean = self._store.zeros(tuple(image.shape), image.dtype)
        for rows in strips(scale.height, scale.width):
            self._mean[..., rows, :] += image[..., rows, :].clamp(0, 255)
            self._store.release()
        position.averaged += 1

    def _on_plateau(self) -> bool:
        history, tolerance = self.position.history, self.method.plateau
        if tolerance == 0 or self.position.step <= PLATEAU_WINDOW:
            return False
        return history[-1] > history[-1 - PLATEAU_WINDOW] * (1 - tolerance)


def _product(first: Tensor | None, second: Tensor | None) -> Tensor | None:
    return second if first is None else first if second is None else first * second
