"""Neural style transfer by optimisation, as the paper tells it: targets, a start image, and steps downhill.

`Transfer` is one job's run through the pyramid. The caller asks for each step, and shows, stores, pauses (stops asking)
and cancels (never asks again).

    transfer = Transfer(network, task, method)
    for progress in transfer:
        show(progress)
    picture = transfer.picture()
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from torch import Tensor

from ..errors import Diverged, ImageError
from .iterate_average import IterateAverage
from .memory.out_of_memory import is_out_of_memory
from .memory.release import release_cache, trim_heap
from .memory.tensor_store import InMemoryStore, TensorStore, copy
from .method import Method
from .neighbours.matches import Matches
from .objective import Objective
from .optimise import ImageOptimiser, schedule
from .progress import Position, Progress
from .scales import SEARCH_EVERY, Scale, plan_carried_scales, plan_scales
from .targets import TargetCache
from .task import Region, Style, Task
from .task_pyramid import ScaleInputs, TaskPyramid
from .vgg import Network

__all__ = ["Position", "Progress", "Region", "Style", "Task", "Transfer"]

SEARCH_LAST = 3
"""Fewer iterations than these would not follow new matches."""

EXTENSION_RATE = 0.35
"""An extension with a cosine schedule begins again at this share of the learning rate."""


class Transfer:
    """One run. Raises ImageError for a fully transparent content, Diverged when a loss is no longer finite.

    `store` has the image-sized tensors, by default where the network is; `replicas` are the network on more devices;
    `seconds` is what all steps so far have taken, pauses left out.
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
        self._pyramid = TaskPyramid(network, task, method, self._store, cache or TargetCache())
        height, width = task.content.shape[-2:]
        plan = plan_scales if task.carried is None else plan_carried_scales
        self.scales = list(scales or plan(height, width, method, task.size))
        self.position = Position()
        self._optimiser: ImageOptimiser | None = None
        self._objective: Objective | None = None
        self._average = IterateAverage(self._store)
        self._matches: list[Matches] | None = None
        self.seconds = 0.0

    @property
    def iterations(self) -> int:
        """Iterations of all scales."""
        return sum(scale.iterations for scale in self.scales)

    @property
    def content(self) -> Tensor:
        """The content as it is painted, (1, 3, H, W), 0–255: filled in where it is transparent, and periodic where the
        picture is to tile."""
        return self._pyramid.task.content

    @property
    def finished(self) -> bool:
        return self.position.scale >= len(self.scales)

    def __iter__(self) -> Iterator[Progress]:
        while not self.finished:
            yield self.step()

    def step(self) -> Progress:
        """One iteration. After it `picture()` is the new image.

        Where memory runs out nothing has changed, and the step can be asked for again, best after `use_tiles`.
        """
        started = time.perf_counter()
        position = self.position
        scale = self.scales[position.scale]
        if position.entered != position.scale:
            self._enter()
        if self._objective is None:
            self._objective = self._objective_of(self._pyramid.at(scale, self._tile_size))
        assert self._optimiser is not None
        if position.step > 0 and position.step % SEARCH_EVERY == 0 and scale.iterations - position.step >= SEARCH_LAST:
            self._search(self._objective, self._optimiser.image)
        losses = self._optimiser.step(self._objective.evaluate, schedule(position.step, scale.iterations, self.method))
        if self.network.device.type == "cpu":
            trim_heap()
        if not losses.finite:
            raise Diverged("The loss is no longer a finite number, so the run was stopped.")
        position.advance(losses.total)
        if position.scale == len(self.scales) - 1 and scale.iterations - position.step < self.method.average:
            self._average.add(self._optimiser.image.detach())
        reached = position.iteration, self.iterations, position.scale, len(self.scales)
        if position.step >= scale.iterations or position.on_plateau(self.method.plateau):
            self._leave(scale)
        self.seconds += time.perf_counter() - started
        return Progress(*reached, scale.width, scale.height, losses, self.seconds)

    def picture(self) -> Tensor:
        """The image as it would be delivered now: (1, 3, h, w) of the current scale, within 0–255."""
        assert self._optimiser is not None
        return self._average.picture(self._optimiser.image.detach())

    def extend(self, iterations: int) -> None:
        """Add iterations at the finest scale, which go on from the present image and optimiser's state.

        The picture is the same whether the run is extended before, at or after its end.
        """
        last = self.scales[-1]
        rate = 1.0 if self.method.schedule == "constant" else EXTENSION_RATE
        self.scales.append(Scale(last.height, last.width, iterations, rate * last.rate))
        self._average = IterateAverage(self._store)  # of the very last iterates alone

    def use_tiles(self, size: int) -> None:
        """From the next step on evaluate tile by tile; the picture stays the same."""
        self._tile_size, self._objective = size, None

    def state(self) -> dict[str, Any]:
        """A checkpoint of plain values and tensors, for `restore`; to be saved before the next step."""
        return {
            "position": {**self.position.state(), "averaged": self._average.count},
            "stepper": None if self._optimiser is None else self._optimiser.state(),
            "mean": self._average.total,
            "network": self.network.sha256,
            "matches": None if self._matches is None else [each.state() for each in self._matches],
            "clock": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`, with the same task, method and scales (extensions may follow). Its tensors are copied.

        Raises ImageError when it was made with another network, ValueError when with another canvas.
        """
        if state["network"] != self.network.sha256:
            raise ImageError(
                "The checkpoint was made with another network, so it cannot be continued.",
                hint="Choose the network that it was made with in the settings, or start the job again.",
            )
        saved = dict(state["position"])
        total, count = state["mean"], saved.pop("averaged")
        position, optimiser = Position(**saved), None
        last = len(self.scales) - 1
        if total is None or (position.scale <= last and (position.step == 0 or position.scale < last)):
            average = IterateAverage(self._store)  # an extension begins a mean of its own
        else:
            average = IterateAverage(self._store, copy(self._store, total), count)
        if state["stepper"] is not None:
            scale, image = self.scales[min(max(position.entered, 0), last)], state["stepper"]["image"]
            if tuple(image.shape) != (1, 3, scale.height, scale.width):
                raise ValueError(f"its image has the shape {tuple(image.shape)}")
            optimiser = ImageOptimiser(image.to(self._store.device), self.method, scale.rate, self._store)
            optimiser.restore(state["stepper"])
        known = state.get("matches")
        self._matches = None if known is None else [Matches.from_state(each, self.network.device) for each in known]
        self.position, self._optimiser, self._average = position, optimiser, average
        self._objective, self.seconds = None, state["clock"]

    def _leave(self, scale: Scale) -> None:
        """Go to the next scale, and enter it at once, so that its start image is what `picture` shows."""
        self.position.next_scale(scale.iterations)
        if not self.finished:
            try:
                self._enter()
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise  # else the next step enters it, and the caller can choose smaller tiles

    def _enter(self) -> None:
        """Begin the scale that the position names. Nothing changes until everything is there."""
        position = self.position
        scale = self.scales[position.scale]
        self._objective = None
        if position.entered >= 0:
            release_cache(self.network.device.type)  # the coarser scale's blocks have other sizes
        inputs = self._pyramid.at(scale, self._tile_size)
        objective = self._objective_of(inputs)
        if self._optimiser is not None and self._optimiser.image.shape[-2:] == (scale.height, scale.width):
            self._optimiser.rate = scale.rate  # an extension: the same image and optimiser's state
        else:
            if self._optimiser is None:
                start = self._pyramid.first_start(inputs.content)
            else:
                start = self._pyramid.finer_start(inputs.content, self.picture(), self.scales[position.entered])
            start = inputs.held(start, self._store)
            self._search(objective, start)
            if self._optimiser is None and self.method.start == "content" and self.method.start_colours > 0:
                start = objective.neighbours.in_matched_colours(start, self.method.start_colours)
                start = inputs.held(start, self._store)
            self._optimiser = ImageOptimiser(start, self.method, scale.rate, self._store)
        self._average, position.entered = IterateAverage(self._store), position.scale
        self._objective = objective

    def _search(self, objective: Objective, image: Tensor) -> None:
        """Match places anew. The seed depends on nothing but the job's and the position, as a resumed run's must."""
        objective.neighbours.search(image.detach(), self.method.seed + self.position.iteration)
        self._matches = objective.neighbours.matches

    def _objective_of(self, inputs: ScaleInputs) -> Objective:
        return Objective(
            self.network,
            self.method,
            inputs.content,
            inputs.regions,
            visible=inputs.visible,
            paintable=inputs.paintable,
            tile_size=self._tile_size,
            store=self._store,
            replicas=self._replicas,
            matches=self._matches,
            carried=inputs.carried,
        )
