"""Between a job's files and the engine's tensors, a strip of rows at a time: no picture is ever held whole in memory
unless its canvas is small."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..delivery import deliver
from ..engine import colour
from ..engine.carried import Carried, along, mixed
from ..engine.memory.tensor_store import InMemoryStore, TensorStore
from ..engine.memory.working_set import strips
from ..engine.method import Method
from ..engine.motion import motion_between
from ..engine.pyramid import resize
from ..engine.task import Region, Style, Task
from ..errors import ImageError, TooLarge
from ..files import read_regular
from ..jobs.picture_files import read_picture
from ..jobs.task import TaskFile, TaskRegion, TaskStyle
from ..pictures.reading import read_picture_file
from ..pixels import PEAK, Picture, eight_bits

MASK_SURROUNDINGS = 96
"""Pixels around a selection that the optimisation sees, a little more than relu5_1's receptive field."""

LARGEST_STYLE = 64 << 20
"""Bytes of a style file, and pixels."""

Box = tuple[slice, slice]


class Canvas:
    """A job's pictures by its task file: `task()` for the engine, `delivered()` for the client.

    folder: the job's; images: the image store's, where the pictures lie by their ids.
    """

    def __init__(self, folder: Path, images: Path, task: TaskFile) -> None:
        self._folder, self._images, self._file = folder, images, task
        self.content = self._picture(task.content)
        self._mask = None if task.mask is None else self._picture(task.mask)
        self._box = _surroundings(self._mask, self.content)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of what the engine sees: all of the canvas, or the selection with its surroundings."""
        rows, columns = self._box
        return rows.stop - rows.start, columns.stop - columns.start

    @property
    def result_before(self) -> Path:
        """Where the frame before has its result."""
        assert self._file.previous is not None
        return self._folder.parent / self._file.previous.job / "result"

    def task(self, store: TensorStore, device: torch.device) -> Task:
        """Image-sized tensors are the store's, style images are on the device."""
        init = self._file.init
        return Task(
            content=_rgb(self.content, self._box, store),
            regions=[self._region(item, store, device) for item in self._file.regions],
            alpha=None if _opaque(self.content, self._box) else _weight(self.content, Picture.alpha, self._box, store),
            init=None if init is None else _rgb(self._picture(init), None, store),
            mask=None if self._mask is None else _weight(self._mask, Picture.grey, self._box, store),
            size=self._file.size,
            carried=self._carried(store),
        )

    def delivered(self, picture: Tensor, method: Method, store: TensorStore, content: Tensor) -> Iterator[NDArray[Any]]:
        """The result by rows, in the canvas's own size, with everything outside the selection unchanged.

        picture: (1, 3, h, w), 0–255; content: `Transfer.content`, whose colours are kept where the picture is to tile.
        """
        rows, columns = self._box
        nothing = method.style_weight == 0
        painted = picture if nothing else resize(picture.float(), self.size, wrap=method.seamless, store=store)
        keeps = method.colour > 0 and method.colour_method in ("chroma", "luminance") and not nothing
        joined = method.seamless and self._mask is None
        for part in strips(self.content.height, self.content.width):
            pixels = self.content.pixels[part].copy()
            start, stop = max(part.start, rows.start), min(part.stop, rows.stop)
            if start < stop and not nothing:
                inside = slice(start - part.start, stop - part.start), columns
                own_rows = slice(start - rows.start, stop - rows.start)
                own = Picture(pixels[inside], self.content.format)
                mask = None if self._mask is None else _part(self._mask, (slice(start, stop), columns)).grey()
                strip = painted[..., own_rows, :].clamp(0, 255).cpu()
                if keeps:
                    kept = content[..., own_rows, :].cpu() if joined else _strip_rgb(own)
                    strip = colour.keep_chroma(strip, kept, method.colour).clamp(0, 255)
                pixels[inside] = deliver(strip[0].permute(1, 2, 0).numpy(), own, mask).pixels
            yield pixels
            store.release()

    def _carried(self, store: TensorStore) -> Carried | None:
        """What other frames have, carried along the motion; None where nothing can be, as for the first frame of a
        scene. Raises ImageError where it is no longer there, and NeuralStyleError without the extra `video`."""
        before, other, found = self._file.previous, self._file.drawn_to, []
        share = 0.0 if other is None else other.weight
        if before is not None:
            found.append((self._along_motion(before.content, self._before(), store), 1 - share))
        if other is not None:
            found.append((self._along_motion(other.content, self._picture(other.image), store), share))
        parts = [(carried, weight) for carried, weight in found if carried is not None]
        return mixed(parts) if len(parts) > 1 else parts[0][0] if parts else None

    def _before(self) -> Picture:
        found = read_picture(self.result_before)
        if found is None:
            raise ImageError(
                "The result of the frame before this one is no longer there, or is damaged.",
                hint="Paint that frame of the sequence again.",
            )
        return found[0]

    def _along_motion(self, content: str, painted: Picture, store: TensorStore) -> Carried | None:
        """Another frame's picture, by the motion from its content to this one's; None if they are of two scenes."""
        other = self._picture(content)
        if len({(picture.width, picture.height) for picture in (other, painted, self.content)}) > 1:
            raise ImageError("The frame before this one has another size.", hint="Scale it and submit both again.")
        motion = motion_between(
            *(eight_bits(_part(frame, self._box)).pixels[..., :3] for frame in (other, self.content))
        )
        return None if motion.is_cut else along(motion, _rgb(painted, self._box, store))

    def _picture(self, identity: str) -> Picture:
        found = read_picture(self._images / identity)
        if found is None:
            raise ImageError(
                "A picture of the job is no longer there, or is damaged.", hint="Upload it and submit the job again."
            )
        return found[0]

    def _region(self, item: TaskRegion, store: TensorStore, device: torch.device) -> Region:
        mask = None if item.mask is None else _weight(self._picture(item.mask), Picture.grey, self._box, store)
        return Region([self._style(style, device) for style in item.styles], mask)

    def _style(self, item: TaskStyle, device: torch.device) -> Style:
        if item.file is not None:
            picture = _style_file(self._folder / item.file, item.sha256)
        else:
            picture = self._picture(item.image or "")
        weight = None if _opaque(picture) else picture.alpha()
        if item.mask is not None:
            own = self._picture(item.mask).grey()
            if own.shape != (picture.height, picture.width):
                raise ImageError("A style mask must have the size of its style image.")
            weight = own if weight is None else own * weight
        if item.part is not None:
            inside = np.zeros((picture.height, picture.width), np.float32)
            inside[item.part.of(picture.height, picture.width)] = 1
            weight = inside if weight is None else inside * weight
        mask = None if weight is None else torch.from_numpy(np.ascontiguousarray(weight))[None, None].to(device)
        return Style(_rgb(picture, None, InMemoryStore("cpu")).to(device), item.weight, mask)


def _style_file(path: Path, sha256: str | None) -> Picture:
    """As it is seen: a painter may have put it into a preset's folder as a camera made it."""
    try:
        data = read_regular(path, LARGEST_STYLE)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError
        return eight_bits(read_picture_file(data, LARGEST_STYLE).picture)
    except (ImageError, TooLarge, OSError, ValueError):
        raise ImageError("A style image of the job is missing or damaged.", hint="Submit the job again.") from None


def selected(mask: Picture) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows and which columns of a mask have anything selected."""
    rows, columns = np.zeros(mask.height, bool), np.zeros(mask.width, bool)
    for part in strips(mask.height, mask.width):
        chosen = Picture(mask.pixels[part], mask.format).grey() > 0
        rows[part] = chosen.any(1)
        columns |= chosen.any(0)
    return rows, columns


def _part(picture: Picture, box: Box) -> Picture:
    return Picture(picture.pixels[box], picture.format)


def _whole(picture: Picture) -> Box:
    return slice(0, picture.height), slice(0, picture.width)


def _strip_rgb(picture: Picture) -> Tensor:
    """(1, 3, h, w), 0–255."""
    return torch.from_numpy(np.clip(picture.rgb(), 0, 255)).permute(2, 0, 1)[None]


def _parts(picture: Picture, box: Box) -> Iterator[tuple[slice, Picture]]:
    """The rows within the box, and the part of the picture that they are."""
    rows, columns = box
    for part in strips(rows.stop - rows.start, columns.stop - columns.start):
        yield part, _part(picture, (slice(rows.start + part.start, rows.start + part.stop), columns))


def _rgb(picture: Picture, box: Box | None, store: TensorStore) -> Tensor:
    """(1, 3, h, w), 0–255."""
    rows, columns = box or _whole(picture)
    out = store.empty((1, 3, rows.stop - rows.start, columns.stop - columns.start), torch.float32)
    for part, own in _parts(picture, (rows, columns)):
        out[..., part, :] = _strip_rgb(own).to(store.device)
        store.release()
    return out


def _weight(picture: Picture, kind: Any, box: Box, store: TensorStore) -> Tensor:
    """(1, 1, h, w) of `Picture.alpha` or `Picture.grey`."""
    rows, columns = box
    out = store.empty((1, 1, rows.stop - rows.start, columns.stop - columns.start), torch.float32)
    for part, own in _parts(picture, box):
        out[0, 0, part] = torch.from_numpy(kind(own)).to(store.device)
        store.release()
    return out


def _opaque(picture: Picture, box: Box | None = None) -> bool:
    parts = _parts(picture, box or _whole(picture))
    return all(bool((own.pixels[..., 3] >= PEAK[own.format]).all()) for _, own in parts)


def _surroundings(mask: Picture | None, content: Picture) -> Box:
    """The part of the canvas that a job looks at: all of it, or the selection with its surroundings."""
    if mask is None:
        return _whole(content)
    if (mask.height, mask.width) != (content.height, content.width):
        raise ImageError(
            f"The mask is {mask.width} × {mask.height} pixels, the content {content.width} × {content.height}.",
            hint="Send a mask of the content's own size.",
        )
    rows, columns = (np.flatnonzero(line) for line in selected(mask))
    if not len(rows):
        raise ImageError("The mask is empty: nothing is selected.", hint="Select something, or leave the mask out.")
    around = MASK_SURROUNDINGS
    return (
        slice(max(0, int(rows[0]) - around), min(content.height, int(rows[-1]) + 1 + around)),
        slice(max(0, int(columns[0]) - around), min(content.width, int(columns[-1]) + 1 + around)),
    )
