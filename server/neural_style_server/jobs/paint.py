"""One job inside the worker: from its folder to tensors, through the transfer, and back to files.

The folder holds `task.json` (what to paint, resolved; see `jobs/submit.py`), and gets `frames/N`, `result`,
`losses.jsonl` and `checkpoint.pt`. Everything that the daemon must know is returned as a message.
"""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..compose import deliver
from ..engine import colour
from ..engine.plan import Scale, fit
from ..engine.pyramid import resize
from ..engine.recipe import Recipe
from ..engine.targets import TargetCache
from ..engine.transfer import Area, Progress, Style, Task, Transfer
from ..engine.vgg import Network
from ..engine.working_set import choose_tile, free_bytes, smaller_tile
from ..errors import EngineError, ImageError, NeuralStyleError, OutOfMemory
from ..pixels import Picture
from .files import private_folder, read_json, read_picture, write_atomic, write_picture
from .spec import FrameWish

log = logging.getLogger(__name__)

CHECKPOINT_S = 15.0
"""Work that a killed worker can lose."""

SKETCH_SIDE = 128
SKETCH_ITERATIONS = 3
SKETCH_RATE = 14.0
"""The first frame: a few bold steps at a side that takes a fraction of a second, seen while the real run begins."""

MASK_SURROUNDINGS = 96
"""Pixels around a selection that the optimisation sees, a little more than relu5_1's receptive field."""

Message = dict[str, Any]


class Run:
    """A job under way. `advance()` paints one iteration and tells what happened."""

    def __init__(self, identity: str, folder: Path, network: Network, cache: TargetCache) -> None:
        self.identity, self._folder, self._network = identity, folder, network
        self._task_file = read_json(folder / "task.json")
        if not isinstance(self._task_file, dict):
            raise EngineError("The job's own file is damaged, so it cannot be painted.", hint="Submit the job again.")
        self._recipe = Recipe.from_mapping(self._task_file["recipe"])
        self._wish = FrameWish.from_mapping(self._task_file["frames"])
        self._content = self._picture(self._task_file["content"])
        self._mask = self._grey(self._task_file["mask"], self._content)
        self._box = _surroundings(self._mask, self._content)
        task = self._engine_task()
        height, width = (int(side) for side in task.content.shape[-2:])
        finest = fit(height, width, task.size, self._recipe)
        self.tile_size = choose_tile(*finest, free_bytes(), network.weights["conv1_1"][0].element_size())
        self._transfer = Transfer(network, task, self._recipe, cache=cache, tile_size=self.tile_size)
        self.extensions = 0
        self.extend(self._task_file["extensions"])
        self._cache, self._task = cache, task
        self._frames = max((int(path.stem) for path in private_folder(folder / "frames").glob("*.json")), default=0)
        self._restored = self._restore()
        self._losses = self._open_losses()
        self._last_frame = self._last_checkpoint = time.monotonic()
        self._progress: Progress | None = None

    def begin(self) -> Iterator[Message]:
        """What the daemon hears first; a sketch as the first frame where the run will take a while."""
        first = self._transfer.scales[0]
        if self._restored or max(self._transfer.scales[-1].height, self._transfer.scales[-1].width) <= SKETCH_SIDE:
            return
        if self._wish.seconds is None:
            return
        recipe = replace(
            self._recipe,
            iterations=SKETCH_ITERATIONS,
            quality="standard",
            scales=1,
            learning_rate=SKETCH_RATE,
            start="content",
            optimiser="adam",
            average=0,
            schedule="cosine",
            seamless=False,
            style_scale=1.0,
        )
        height, width = fit(*_size(self._task.content), SKETCH_SIDE, recipe)
        sketch = Transfer(
            self._network,
            self._task,
            recipe,
            cache=self._cache,
            scales=[Scale(height, width, SKETCH_ITERATIONS, 1.0)],
        )
        for _ in sketch:
            pass
        yield self._frame(sketch.picture(), 0)
        log.info(
            "job %s: sketch at %d × %d, then from %d × %d",
            self.identity,
            width,
            height,
            first.width,
            first.height,
        )

    def advance(self) -> Iterator[Message]:
        """One iteration, with its progress, and a frame where one is due."""
        if self._transfer.finished:
            return
        progress = self._step()
        self._progress = progress
        self._write_losses(progress)
        now = time.monotonic()
        yield self._progress_message(progress)
        if self._wish.wanted(progress.iteration, now - self._last_frame) and not self._transfer.finished:
            yield self._frame(self._transfer.picture(), progress.iteration)
            self._last_frame = time.monotonic()
        if now - self._last_checkpoint > CHECKPOINT_S:
            self.save_checkpoint()

    @property
    def finished(self) -> bool:
        return self._transfer.finished

    def extend(self, extensions: Sequence[int]) -> None:
        """All extensions that the job has had; those that are known already change nothing."""
        for count in extensions[self.extensions :]:
            self._transfer.extend(count)
        self.extensions = len(extensions)

    def finish(self) -> Iterator[Message]:
        """The result from the picture as it is now, also as the last frame."""
        iteration = self._progress.iteration if self._progress else self._transfer.position.iteration
        if self._transfer.position.iteration == 0:
            yield from self.advance()
            iteration = 1
        painted = self._delivered(self._transfer.picture())
        self._frames += 1
        write_picture(self._folder / "frames" / str(self._frames), painted, iteration=iteration)
        yield self._frame_message(iteration, painted)
        write_picture(self._folder / "result", painted, iteration=iteration)
        self.save_checkpoint()

    def save_checkpoint(self) -> None:
        """The whole state of the run, replaced in one step."""
        file = io.BytesIO()
        torch.save({"transfer": self._transfer.state(), "frames": self._frames}, file)
        write_atomic(self._folder / "checkpoint.pt", file.getbuffer())
        self._last_checkpoint = time.monotonic()

    def close(self) -> None:
        self._losses.close()

    def keep_last_good(self) -> Iterator[Message]:
        """After a failure: the last finite picture as a frame, where there is one."""
        if self._progress is not None:
            yield self._frame(self._transfer.picture(), self._progress.iteration)

    # in

    def _picture(self, path: str) -> Picture:
        found = read_picture(Path(path))
        if found is None:
            raise ImageError("A picture of the job is no longer there.", hint="Upload it and submit the job again.")
        return found[0]

    def _grey(self, path: str | None, content: Picture) -> NDArray[np.float32] | None:
        return None if path is None else self._picture(path).grey()

    def _engine_task(self) -> Task:
        box = self._box
        content = self._content
        alpha = content.alpha()[box] if not _opaque(content) else None
        init = self._task_file["init"]
        return Task(
            content=_tensor(np.clip(content.rgb()[box], 0, 255), self._network),
            areas=[self._area(item) for item in self._task_file["areas"]],
            alpha=None if alpha is None else _weight(alpha, self._network),
            init=None if init is None else _tensor(np.clip(self._picture(init).rgb(), 0, 255), self._network),
            mask=None if self._mask is None else _weight(self._mask[box], self._network),
            size=self._task_file["size"],
        )

    def _area(self, item: dict[str, Any]) -> Area:
        mask = None if item["mask"] is None else _weight(self._picture(item["mask"]).grey()[self._box], self._network)
        return Area([self._style(style) for style in item["styles"]], mask)

    def _style(self, item: dict[str, Any]) -> Style:
        if "file" in item:
            with Image.open(self._folder / item["file"]) as image:
                rgba = np.asarray(image.convert("RGBA"))
            picture = Picture(rgba, "RGBA8")
        else:
            picture = self._picture(item["image"])
        weight = None if _opaque(picture) else picture.alpha()
        if item.get("mask"):
            own = self._picture(item["mask"]).grey()
            if own.shape != (picture.height, picture.width):
                raise ImageError("A style mask must have the size of its style image.")
            weight = own if weight is None else own * weight
        return Style(
            _tensor(np.clip(picture.rgb(), 0, 255), self._network),
            item["weight"],
            None if weight is None else _weight(weight, self._network),
        )

    def _restore(self) -> bool:
        path = self._folder / "checkpoint.pt"
        if not path.exists():
            return False
        try:
            state = torch.load(path, map_location=self._network.device, weights_only=True)
            self._transfer.restore(state["transfer"])
            self._frames = int(state["frames"])
        except NeuralStyleError:
            raise
        except Exception as error:  # whatever is wrong with the file, the job can still be painted from its start
            log.warning("job %s: its checkpoint is damaged (%s); it begins again", self.identity, error)
            return False
        return True

    # out

    def _step(self) -> Progress:
        """One iteration, taken again with smaller tiles each time that memory runs out."""
        while True:
            try:
                return self._transfer.step()
            except (MemoryError, RuntimeError) as error:
                if isinstance(error, RuntimeError) and not _is_out_of_memory(error):
                    raise
            height, width = (int(side) for side in self._task.content.shape[-2:])
            tile = smaller_tile(self.tile_size, height, width)
            if tile is None:
                raise OutOfMemory("There is not enough memory for even the smallest tile of this picture.")
            log.warning("job %s: out of memory; going on in tiles of %d px", self.identity, tile)
            self.tile_size = tile
            self._transfer.use_tiles(tile)

    def _delivered(self, picture: Tensor) -> Picture:
        """What the client gets: the canvas's own size, colours as wished, everything untouched outside."""
        box = self._box
        content = Picture(self._content.pixels[box], self._content.format)
        size = content.height, content.width
        painted = resize(picture.float(), size, wrap=self._recipe.seamless).clamp(0, 255).cpu()
        if self._recipe.colour and self._recipe.colour_method in ("chroma", "luminance"):
            own = torch.from_numpy(np.clip(content.rgb(), 0, 255)).permute(2, 0, 1)[None]
            painted = colour.keep_chroma(painted, own, self._recipe.colour).clamp(0, 255)
        mask = None if self._mask is None else self._mask[box]
        if self._recipe.style_weight == 0:
            return self._content
        part = deliver(painted[0].permute(1, 2, 0).numpy(), content, mask)
        whole = self._content.pixels.copy()
        whole[box] = part.pixels
        return Picture(whole, self._content.format)

    def _frame(self, picture: Tensor, iteration: int) -> Message:
        delivered = self._delivered(picture)
        self._frames += 1
        write_picture(self._folder / "frames" / str(self._frames), delivered, iteration=iteration)
        return self._frame_message(iteration, delivered)

    def _frame_message(self, iteration: int, picture: Picture) -> Message:
        return {
            "event": "frame",
            "id": self.identity,
            "number": self._frames,
            "iteration": iteration,
            "iterations": self._transfer.iterations,
            "width": picture.width,
            "height": picture.height,
        }

    def _progress_message(self, progress: Progress) -> Message:
        return {
            "event": "progress",
            "id": self.identity,
            "iteration": progress.iteration,
            "iterations": progress.iterations,
            "scale": progress.scale,
            "width": progress.width,
            "height": progress.height,
            "loss": progress.losses.as_dict(),
            "seconds": round(progress.seconds, 3),
            "eta": round(self._eta(progress), 2),
            "tile": self.tile_size,
        }

    def _eta(self, progress: Progress) -> float:
        """Seconds left, from the time that a pixel has taken so far."""
        scales, position = self._transfer.scales, self._transfer.position
        pixels = [scale.height * scale.width for scale in scales]
        done = sum(
            min(scale.iterations, position.step if index == position.scale else scale.iterations) * pixels[index]
            for index, scale in enumerate(scales)
            if index <= position.scale
        )
        total = sum(scale.iterations * size for scale, size in zip(scales, pixels, strict=True))
        return progress.seconds * (total - done) / max(done, 1)

    def _open_losses(self) -> Any:
        """The loss file, cut back to the iteration that the run goes on from."""
        path = self._folder / "losses.jsonl"
        kept = []
        if path.exists():
            for line in path.read_text().splitlines():
                entry = read_line(line)
                if entry is not None and entry["iteration"] <= self._transfer.position.iteration:
                    kept.append(line + "\n")
        write_atomic(path, "".join(kept).encode())
        return path.open("a", encoding="utf-8")

    def _write_losses(self, progress: Progress) -> None:
        entry = {
            "iteration": progress.iteration,
            "scale": progress.scale,
            **progress.losses.as_dict(),
            "layers": dict(progress.losses.layers),
        }
        self._losses.write(json.dumps(entry) + "\n")
        self._losses.flush()


def read_line(line: str) -> dict[str, Any] | None:
    """An entry of `losses.jsonl`, or None for a line that was not written whole."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "iteration" in entry else None


def _tensor(rgb: NDArray[np.float32], network: Network) -> Tensor:
    """(H, W, 3), 0–255 -> (1, 3, H, W) on the network's device."""
    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))[None].to(network.device)


def _weight(values: NDArray[np.float32], network: Network) -> Tensor:
    """(H, W) -> (1, 1, H, W) on the network's device."""
    return torch.from_numpy(np.ascontiguousarray(values))[None, None].to(network.device)


def _size(image: Tensor) -> tuple[int, int]:
    return int(image.shape[-2]), int(image.shape[-1])


def _opaque(picture: Picture) -> bool:
    return bool((picture.alpha() >= 1).all())


def _surroundings(mask: NDArray[np.float32] | None, content: Picture) -> tuple[slice, slice]:
    """The part of the canvas that a job looks at: all of it, or the selection with its surroundings."""
    if mask is None:
        return slice(0, content.height), slice(0, content.width)
    if mask.shape != (content.height, content.width):
        raise ImageError(
            f"The mask is {mask.shape[1]} × {mask.shape[0]} pixels, the content {content.width} × {content.height}.",
            hint="Send a mask of the content's own size.",
        )
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ImageError("The mask is empty: nothing is selected.", hint="Select something, or leave the mask out.")
    around = MASK_SURROUNDINGS
    return (
        slice(max(0, int(rows[0]) - around), min(content.height, int(rows[-1]) + 1 + around)),
        slice(max(0, int(columns[0]) - around), min(content.width, int(columns[-1]) + 1 + around)),
    )


def _is_out_of_memory(error: RuntimeError) -> bool:
    return (
        isinstance(error, torch.OutOfMemoryError)
        or "can't allocate memory" in str(error)
        or ("out of memory" in str(error))
    )
