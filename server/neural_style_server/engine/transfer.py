"""Neural style transfer by optimisation, as the paper tells it: targets, a start image, and steps downhill.

`Transfer` is one job's run through the pyramid. Asking for the next step is the caller's affair, and so is
showing, storing, pausing (stop asking) and cancelling (never ask again).

    for progress in Transfer(network, task, recipe):
        show(progress)
    picture = transfer.picture()
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from ..errors import Diverged, ImageError
from . import colour
from .objective import Losses, Objective, Region
from .optimise import Stepper, schedule
from .plan import Scale, plan_scales, scaled
from .pyramid import fill_transparent, next_start, resize
from .recipe import Recipe
from .targets import TargetCache, mixed
from .vgg import Network

PLATEAU_WINDOW = 10
EXTENSION_RATE = 0.35
"""An extension with a cosine schedule begins again at this share of the learning rate."""

LARGEST_STYLE_ENLARGEMENT = 2.0
"""A style image is enlarged at most so much; beyond it strokes would be blur."""


@dataclass(frozen=True, eq=False)
class Style:
    """A style image (1, 3, H, W), 0–255, with its weight among others and a mask (1, 1, H, W) of what counts in it."""

    image: Tensor
    weight: float = 1.0
    mask: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Area:
    """Styles and where on the content they apply: mask (1, 1, H, W) in 0–1, or None for everywhere."""

    styles: Sequence[Style]
    mask: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Task:
    """What is painted: content (1, 3, H, W), 0–255; alpha (1, 1, H, W) in 0–1 or None; areas; a start image;
    mask (1, 1, H, W) in 0–1 or None: where it is 0 the image stays the content and takes no part in the style."""

    content: Tensor
    areas: Sequence[Area]
    alpha: Tensor | None = None
    init: Tensor | None = None
    mask: Tensor | None = None
    size: int | None = None


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
    """Where a run stands; together with the stepper's state it is the whole checkpoint."""

    scale: int = 0
    step: int = 0
    iteration: int = 0
    history: list[float] = field(default_factory=list)
    averaged: int = 0


class Transfer:
    """One run. Raises ImageError for a fully transparent content, Diverged when a loss is no longer finite."""

    def __init__(
        self,
        network: Network,
        task: Task,
        recipe: Recipe,
        *,
        cache: TargetCache | None = None,
        tile_size: int | None = None,
        scales: Sequence[Scale] | None = None,
    ) -> None:
        if task.alpha is not None and not bool((task.alpha > 0).any()):
            raise ImageError("The layer is fully transparent: there is nothing to paint.", hint="Choose another layer.")
        self.network, self.recipe, self._tile_size = network, recipe, tile_size
        self._cache = cache or TargetCache()
        self._task = _prepared(task, recipe)
        height, width = task.content.shape[-2:]
        self.scales = list(scales or plan_scales(height, width, recipe, task.size))
        self.position = Position()
        self._stepper: Stepper | None = None
        self._objective: Objective | None = None
        self._mean: Tensor | None = None
        self._paintable: Tensor | None = None
        self._clock = 0.0

    @property
    def iterations(self) -> int:
        """Iterations of all scales."""
        return sum(scale.iterations for scale in self.scales)

    @property
    def finished(self) -> bool:
        return self.position.scale >= len(self.scales)

    def __iter__(self) -> Iterator[Progress]:
        while not self.finished:
            yield self.step()

    def step(self) -> Progress:
        """One iteration. After it `picture()` is the image as it now is."""
        started = time.perf_counter()
        position = self.position
        scale = self.scales[position.scale]
        if self._stepper is None:
            self._enter(scale)
        assert self._stepper is not None and self._objective is not None
        losses = self._stepper.step(self._evaluate, schedule(position.step, scale.iterations, self.recipe))
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
        if self._mean is not None and self.position.averaged:
            return (self._mean / self.position.averaged).clamp(0, 255)
        assert self._stepper is not None
        return self._stepper.image.detach().clamp(0, 255)

    def extend(self, iterations: int) -> None:
        """So many more iterations at the finest scale, going on from the present image and optimiser's state.

        The picture is the same whether the run is extended before, at or after its end.
        """
        finished = self.finished
        last = self.scales[-1]
        rate = 1.0 if self.recipe.schedule == "constant" else EXTENSION_RATE
        self.scales.append(Scale(last.height, last.width, iterations, rate * last.rate))
        self._mean, self.position.averaged = None, 0  # only the last iterates of all are averaged
        if finished and self._stepper is not None:
            self._continue_at(self.scales[-1])

    def use_tiles(self, size: int) -> None:
        """From the next step on evaluate tile by tile; the picture stays the same."""
        self._tile_size = size
        if self._objective is not None and not self.finished:
            self._objective = self._objective_for(self.scales[self.position.scale])

    def state(self) -> dict[str, Any]:
        """A checkpoint of plain values and tensors, for `restore`; to be saved before the next step."""
        return {
            "position": vars(self.position).copy() | {"history": list(self.position.history[-PLATEAU_WINDOW - 1 :])},
            "stepper": None if self._stepper is None else self._stepper.state(),
            "mean": self._mean,
            "network": self.network.sha256,
            "clock": self._clock,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on where `state` was taken, with the same task, recipe and scales (extensions may follow).

        Raises ImageError when that was with another network.
        """
        if state["network"] != self.network.sha256:
            raise ImageError(
                "The checkpoint was made with another network, so it cannot be continued.",
                hint="Choose the network that it was made with in the settings, or start the job again.",
            )
        self.position = Position(**state["position"])
        self._mean, self._clock = state["mean"], state["clock"]
        if not self.finished and (self.position.step == 0 or self.position.scale < len(self.scales) - 1):
            self._mean, self.position.averaged = None, 0  # an extension begins a mean of its own
        if state["stepper"] is not None:
            image = state["stepper"]["image"].to(self.network.device)
            scale = self.scales[min(self.position.scale, len(self.scales) - 1)]
            self._objective = None if self.finished else self._objective_for(scale)
            self._stepper = Stepper(image, self.recipe, scale.rate)
            self._stepper.restore(state["stepper"])

    # one scale

    def _evaluate(self, image: Tensor) -> tuple[Losses, Tensor]:
        assert self._objective is not None
        losses, gradient = self._objective.evaluate(image)
        return losses, gradient if self._paintable is None else gradient * self._paintable

    def _enter(self, scale: Scale) -> None:
        self._objective = self._objective_for(scale)
        self._stepper = Stepper(self._within_mask(self._start(scale), scale), self.recipe, scale.rate)

    def _leave(self, scale: Scale) -> None:
        position = self.position
        position.iteration += scale.iterations - position.step  # what a plateau left out
        position.scale, position.step, position.history = position.scale + 1, 0, []
        if self.finished:
            return
        finer = self.scales[position.scale]
        if (finer.height, finer.width) == (scale.height, scale.width):
            self._continue_at(finer)
            return
        result = self.picture()
        content, coarser = self._content_at(finer), self._content_at(scale)
        start = next_start(result, content, coarser, self.recipe.detail_injection, wrap=self.recipe.seamless)
        self._mean, position.averaged = None, 0
        self._objective = self._objective_for(finer)
        self._stepper = Stepper(self._within_mask(start, finer), self.recipe, finer.rate)

    def _within_mask(self, start: Tensor, scale: Scale) -> Tensor:
        """The start image where something may be painted, the content elsewhere."""
        if self._paintable is None:
            return start
        content = self._content_at(scale)
        return content + self._paintable * (start - content)

    def _continue_at(self, scale: Scale) -> None:
        """An extension: the same size, image and optimiser's state."""
        assert self._stepper is not None
        state = self._stepper.state()
        self._mean, self.position.averaged = None, 0
        self._objective = self._objective_for(scale)
        self._stepper = Stepper(state["image"], self.recipe, scale.rate)
        self._stepper.restore(state)

    def _objective_for(self, scale: Scale) -> Objective:
        size = (scale.height, scale.width)
        alpha = self._weight_at(self._task.alpha, size)
        mask = self._weight_at(self._task.mask, size)
        self._paintable = None if mask is None else (mask > 0).to(mask.dtype)
        regions = [self._region(area, alpha, scale) for area in self._task.areas]
        return Objective(
            self.network,
            self.recipe,
            self._content_at(scale),
            regions,
            visible=alpha,
            tile_size=self._tile_size,
        )

    def _region(self, area: Area, alpha: Tensor | None, scale: Scale) -> Region:
        size = (scale.height, scale.width)
        mask = _product(self._weight_at(area.mask, size), self._weight_at(self._task.mask, size))
        weight = mask if alpha is None else alpha if mask is None else mask * alpha
        share = 1.0
        if mask is not None and weight is not None:
            share = float(weight.sum() / (mask.numel() if alpha is None else alpha.sum()))
        parts = [(style.weight, self._targets(style, scale)) for style in area.styles]
        return Region(weight, mixed(parts), share)

    def _targets(self, style: Style, scale: Scale) -> Any:
        image, mask = self._style_at(style, scale)
        return self._cache.get(self.network, image, self.recipe, mask, self._tile_size)

    def _style_at(self, style: Style, scale: Scale) -> tuple[Tensor, Tensor | None]:
        """The style image at the size that gives the recipe's stroke size on this scale."""
        long_side = max(scale.height, scale.width) * self.recipe.style_scale
        own = (int(style.image.shape[-2]), int(style.image.shape[-1]))
        factor = min(LARGEST_STYLE_ENLARGEMENT, long_side / max(own))
        size = scaled(own, factor, replace(self.recipe, seamless=False))
        return resize(style.image, size).clamp(0, 255), self._weight_at(style.mask, size)

    def _content_at(self, scale: Scale) -> Tensor:
        return resize(self._task.content, (scale.height, scale.width), wrap=self.recipe.seamless).clamp(0, 255)

    def _weight_at(self, weight: Tensor | None, size: tuple[int, int]) -> Tensor | None:
        return None if weight is None else resize(weight, size).clamp(0, 1)

    def _start(self, scale: Scale) -> Tensor:
        """The start image of the first scale (1, 3, h, w), 0–255."""
        recipe, content = self.recipe, self._content_at(scale)
        if recipe.start == "image":
            if self._task.init is None:
                raise ImageError("The start 'image' needs a picture in `init`.", hint="Upload one and name its id.")
            return resize(self._task.init, (scale.height, scale.width)).clamp(0, 255)
        style = self._task.areas[0].styles[0]
        if recipe.start == "style":
            return resize(style.image, (scale.height, scale.width)).clamp(0, 255)
        generator = torch.Generator().manual_seed(recipe.seed)
        noise = (torch.rand(content.shape, generator=generator) * 255).to(content)
        if recipe.start == "noise":
            return noise
        start = self._in_style_colours(content)
        return start if recipe.start == "content" else start + recipe.start_noise * (noise - start)

    def _in_style_colours(self, content: Tensor) -> Tensor:
        """The content with each area in its style's colour statistics: half of relu1_1's way for no iteration."""
        size = (int(content.shape[-2]), int(content.shape[-1]))
        alpha = self._weight_at(self._task.alpha, size)
        start = content
        for area in self._task.areas:
            mask = self._weight_at(area.mask, size)
            style = area.styles[0]
            matched = colour.match_covariance(content, style.image, self.recipe.start_colours, alpha, style.mask).clamp(
                0, 255
            )
            start = matched if mask is None else start + mask * (matched - start)
        return start

    def _accumulate(self) -> None:
        """Iterate averaging (Polyak and Juditsky 1992) over the recipe's last iterations of the finest scale."""
        position, scale = self.position, self.scales[self.position.scale]
        last = position.scale == len(self.scales) - 1
        if not last or scale.iterations - position.step >= self.recipe.average:
            return
        assert self._stepper is not None
        image = self._stepper.image.detach().clamp(0, 255)
        self._mean = image.clone() if self._mean is None else self._mean + image
        position.averaged += 1

    def _on_plateau(self) -> bool:
        history, tolerance = self.position.history, self.recipe.plateau
        if tolerance == 0 or self.position.step <= PLATEAU_WINDOW:
            return False
        return history[-1] > history[-1 - PLATEAU_WINDOW] * (1 - tolerance)


def _product(first: Tensor | None, second: Tensor | None) -> Tensor | None:
    return second if first is None else first if second is None else first * second


def _prepared(task: Task, recipe: Recipe) -> Task:
    """The task with the painter's colour wishes carried out on its pictures, and nothing under transparency."""
    content = task.content if task.alpha is None else fill_transparent(task.content, task.alpha)
    areas = []
    for area in task.areas:
        styles = [_prepared_style(style, content, task.alpha, recipe) for style in area.styles if style.weight > 0]
        if not styles:
            raise ImageError("No style image has any weight.", hint="Give at least one a weight above 0.")
        areas.append(Area(styles, area.mask))
    return replace(task, content=content, areas=areas)


def _prepared_style(style: Style, content: Tensor, alpha: Tensor | None, recipe: Recipe) -> Style:
    image = style.image if style.mask is None else fill_transparent(style.image, style.mask)
    image = colour.less_white(colour.boldness(image, recipe.boldness), recipe.less_white)
    if recipe.colour_method == "match":
        image = colour.match_covariance(image, content, recipe.colour, style.mask, alpha)
    elif recipe.colour_method == "histogram":
        image = colour.match_histogram(image, content, recipe.colour)
    elif recipe.colour_method == "luminance":
        image = colour.match_luma(image, content, recipe.colour)
    return Style(image.clamp(0, 255), style.weight, style.mask)
