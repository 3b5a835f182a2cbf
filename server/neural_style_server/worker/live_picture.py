"""What a live job shows, and how its picture goes on after a change.

What did not change stays as it is, to the bit: the new run is held to it, and is shown only where something changed. A
change of settings goes on from the whole picture at its finest scales; other styles begin anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..engine.carried import Carried
from ..engine.memory.tensor_store import TensorStore
from ..engine.method import Method
from ..engine.scales import Scale, plan_carried_scales, plan_scales
from ..engine.start_image import resized
from ..engine.task import Task

REACH = 1 / 16
"""How far around a change the picture may change with it, as a share of the long side."""

VISIBLE = 0.75
"""Difference of 0–255 from which on a pixel at the painted size counts as changed."""

LEAST_SHOWN = 0.4
"""Share of the finest side from which on a run that begins anew is shown over the picture before."""

AROUND = 16
"""Pixels around what changes that a part sees."""

LEAST_PART, LARGEST_PART = 1 / 3, 0.6
"""A part is at least this share of each side, so that its statistics are those of a picture; and at most this share of
the area, else all is painted."""

LEAST_SIDE = 20
"""Short side of a part's coarsest scale."""

Box = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Inputs:
    """What a picture is painted from. planes: (1, C, h, w), 0–255, the content and all weights at the painted size.
    styles, method: what they are, in any form that can be compared."""

    planes: Tensor
    styles: str
    method: str


@dataclass(frozen=True, eq=False)
class Plan:
    """How to paint a change. `carried`: what is shown where nothing changed, at the painted size, or None; `box`: the
    part of the picture that is painted, (rows, columns), or None for all."""

    task: Task
    method: Method
    scales: Sequence[Scale]
    carried: Carried | None = None
    first_shown: int = 0
    box: Box | None = None


class LivePicture:
    """`picture`: (1, 3, h, w), 0–255, as it was last shown, or None."""

    def __init__(self) -> None:
        self.picture: Tensor | None = None
        self._inputs: Inputs | None = None
        self._unfinished: Tensor | None = None
        """(1, 1, h, w), 1 where a change is not painted to its end; None where all is."""

    def plan(self, task: Task, method: Method, inputs: Inputs, store: TensorStore) -> Plan | None:
        """How to go on with these inputs; None where there is nothing to do."""
        height, width = task.content.shape[-2:]
        whole = plan_scales(height, width, method, task.size)
        known, picture = self._inputs, self.picture
        self._inputs = inputs
        if known is None or picture is None or known.styles != inputs.styles:
            shown = [scale.width >= LEAST_SHOWN * whole[-1].width for scale in whole].index(True)
            return self._all(Plan(task, method, whole, first_shown=0 if picture is None else shown))
        if known.method != inputs.method or known.planes.shape != inputs.planes.shape:
            task, method = replace(task, init=picture), replace(method, start="image")
            return self._all(Plan(task, method, plan_carried_scales(height, width, method, task.size)[-2:]))
        changed = (inputs.planes - known.planes).abs().amax(1, keepdim=True) > VISIBLE
        if self._unfinished is not None:
            changed |= self._unfinished > 0
        if not bool(changed.any()):
            return None
        self._unfinished = changed.to(picture.dtype)
        carried = Carried(picture, 1 - _spread(self._unfinished))
        box = _surroundings(carried.trust)
        area = (box[0].stop - box[0].start) * (box[1].stop - box[1].start)
        if method.seamless or area > LARGEST_PART * picture[0, 0].numel():  # the edges of a part are not to be joined
            return Plan(replace(task, carried=carried), method, whole, carried)
        return _part(task, method, whole, carried, box, store)

    def show(self, picture: Tensor, plan: Plan, store: TensorStore) -> Tensor:
        """What is to be seen of a run's picture (1, 3, h, w) so far."""
        assert self._inputs is not None
        size = (int(self._inputs.planes.shape[-2]), int(self._inputs.planes.shape[-1]))
        if plan.box is None or self.picture is None:
            shown = resized(picture.float(), size, 255, store).clone()
        else:
            rows, columns = plan.box
            inside = rows.stop - rows.start, columns.stop - columns.start
            shown = self.picture.clone()
            shown[..., rows, columns] = resized(picture.float(), inside, 255, store)
        self.picture = shown if plan.carried is None else plan.carried.over(shown, store)
        return self.picture

    def finish(self) -> None:
        """All changes are painted to their end."""
        self._unfinished = None

    def state(self) -> dict[str, Any]:
        """For `restore`."""
        known = self._inputs
        inputs = None if known is None else {"planes": known.planes, "styles": known.styles, "method": known.method}
        return {"picture": self.picture, "unfinished": self._unfinished, "inputs": inputs}

    def restore(self, state: dict[str, Any]) -> None:
        """Its tensors are copied."""
        picture, unfinished, inputs = (state[name] for name in ("picture", "unfinished", "inputs"))
        self.picture = None if picture is None else picture.clone()
        self._unfinished = None if unfinished is None else unfinished.clone()
        self._inputs = None if inputs is None else Inputs(**{**inputs, "planes": inputs["planes"].clone()})

    def _all(self, plan: Plan) -> Plan:
        assert self._inputs is not None
        self._unfinished = torch.ones_like(self._inputs.planes[:, :1])
        return plan


def inputs_of(task: Task, styles: str, method: str, finest: tuple[int, int], store: TensorStore) -> Inputs:
    """What a task is painted from at its finest size; what lies under transparent pixels does not count."""
    content = resized(task.content, finest, 255, store)
    alpha = torch.ones_like(content[:, :1]) if task.alpha is None else resized(task.alpha, finest, 1, store)
    weights = [alpha]
    for mask in (task.mask, *(region.mask for region in task.regions)):
        weights.append(torch.ones_like(alpha) if mask is None else resized(mask, finest, 1, store))
    return Inputs(torch.cat([content * alpha, *(255 * weight for weight in weights)], 1), styles, method)


def _part(task: Task, method: Method, whole: Sequence[Scale], carried: Carried, box: Box, store: TensorStore) -> Plan:
    """Paint a part alone, at the scales of the whole and with strokes of the same size."""
    rows, columns = box
    size = (int(carried.picture.shape[-2]), int(carried.picture.shape[-1]))
    part = rows.stop - rows.start, columns.stop - columns.start

    def cut(image: Tensor, peak: float) -> Tensor:
        return resized(image, size, peak, store)[..., rows, columns].clone()

    def weight(mask: Tensor | None) -> Tensor | None:
        return None if mask is None else cut(mask, 1)

    method = replace(method, style_scale=method.style_scale * max(size) / max(part))
    scales = [
        replace(scale, height=round(part[0] * scale.height / size[0]), width=round(part[1] * scale.width / size[1]))
        for scale in whole
    ]
    task = replace(
        task,
        content=cut(task.content, 255),
        alpha=weight(task.alpha),
        mask=weight(task.mask),
        regions=[replace(region, mask=weight(region.mask)) for region in task.regions],
        carried=Carried(cut(carried.picture, 255), cut(carried.trust, 1)),
        size=None,
    )
    large = [scale for scale in scales if min(scale.height, scale.width) >= LEAST_SIDE]
    return Plan(task, method, large, carried, box=box)


def _surroundings(trust: Tensor) -> Box:
    """What is not wholly trusted, with as much around it as the network needs to see what it joins, and at least
    LEAST_PART of each side."""
    sides = []
    for axis, length in enumerate(trust.shape[-2:]):
        found = (trust[0, 0] < 1).any(1 - axis).nonzero().flatten()
        start, stop = max(0, int(found[0]) - AROUND), min(length, int(found[-1]) + 1 + AROUND)
        wide = max(stop - start, math.ceil(LEAST_PART * length))
        start = min(max(0, (start + stop - wide) // 2), length - wide)
        sides.append(slice(start, start + wide))
    return sides[0], sides[1]


def _spread(changed: Tensor) -> Tensor:
    """1 around what changed, falling to 0 softly."""
    reach = max(4, round(REACH * max(changed.shape[-2:])))
    wide = F.max_pool2d(changed, 2 * reach + 1, 1, reach)
    soft = F.avg_pool2d(wide, reach | 1, 1, reach // 2, count_include_pad=False)
    return soft.clamp(0, 1)
