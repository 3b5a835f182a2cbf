"""`task.json`: what a worker paints, with every name looked up and every number checked. Written once, by `create.py`.

Pictures are named by their ids in the image store, style files by their path in the job's folder, so that a home
folder can be moved. Files of version 0.1.0 named pictures by their absolute paths.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from ..engine.method import Method
from ..errors import EngineError, InvalidRequest
from ..files import read_json, write_json
from .record import Closed, Side
from .spec import FrameSpec, Iteration, StylePart

FILE_NAME = "task.json"
CHECKPOINT, FORMER_CHECKPOINT = "checkpoint.pt", "checkpoint.former.pt"
LOSSES = "losses.jsonl"
FORMER_NAMES = {"recipe": "method", "areas": "regions"}


def _id_of(value: Any) -> Any:
    return re.split(r"[/\\]", value)[-1] if isinstance(value, str) else value


ImageId = Annotated[str, BeforeValidator(_id_of)]


class TaskStyle(Closed):
    """A style image: `file` in the job's folder, with the sum of its bytes where that is known, or `image` in the
    store; `mask` is a picture in the store. Only its `part` counts, where there is one."""

    file: str | None = Field(default=None, pattern=r"^styles/[0-9a-zA-Z-]+\.[a-zA-Z]+$")
    image: ImageId | None = None
    sha256: str | None = None
    weight: float = Field(ge=0)
    mask: ImageId | None = None
    part: StylePart | None = Field(default=None, exclude_if=lambda value: value is None)


class TaskRegion(Closed):
    """Styles, and the mask on the content where they apply; None is everywhere."""

    mask: ImageId | None
    styles: list[TaskStyle]


class TaskPrevious(Closed):
    """The frame before this one in a sequence: its content image, and the job that has its result."""

    content: ImageId
    job: str = Field(pattern="^[0-9a-f]{16}$")


class TaskDrawnTo(Closed):
    """A painted picture `image` of another frame, whose content image is `content`, and how many frames away it is."""

    image: ImageId
    content: ImageId
    frames: float = Field(gt=0)

    @property
    def weight(self) -> float:
        """Beside the frame before, which has drawn near already: the shares of two keys then change evenly between."""
        return 1 / (self.frames + 1)


class TaskFile(Closed):
    """`method` and `frames` as their own classes read them; `extensions` are iterations added later, in order.
    A `live` job's file is written anew for each change; `revision` counts them. What is not `extendable` has no
    checkpoint once it is done, which is several times as large as its picture."""

    method: dict[str, Any]
    frames: dict[str, Any]
    content: ImageId
    mask: ImageId | None = None
    init: ImageId | None = None
    size: Side | None = None
    regions: list[TaskRegion]
    previous: TaskPrevious | None = Field(default=None, exclude_if=lambda value: value is None)
    drawn_to: TaskDrawnTo | None = Field(default=None, exclude_if=lambda value: value is None)
    extensions: list[Iteration] = Field(default_factory=list)
    extendable: bool = Field(default=True, exclude_if=lambda value: bool(value))
    live: bool = False
    revision: int = Field(default=0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _former_names(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {FORMER_NAMES.get(key, key): value for key, value in values.items()}

    @classmethod
    def find(cls, folder: Path) -> TaskFile | None:
        """None where the file is missing or damaged."""
        try:
            found = cls.model_validate(read_json(folder / FILE_NAME))
            Method(**found.method)
            FrameSpec.model_validate(found.frames)
        except (InvalidRequest, TypeError, ValueError):  # also pydantic's, and the method's own
            return None
        return found if found.regions and all(region.styles for region in found.regions) else None

    @classmethod
    def read(cls, folder: Path) -> TaskFile:
        """Raises EngineError where the file is missing or damaged."""
        found = cls.find(folder)
        if found is None:
            detail = "The job's own file is missing or damaged, so it cannot be painted."
            raise EngineError(detail, hint="Submit the job again.")
        return found

    def write(self, folder: Path) -> None:
        """Raises DiskFull, StorageError."""
        write_json(folder / FILE_NAME, self.model_dump())


def has_checkpoint(folder: Path) -> bool:
    """Whether there is anything to go on from; whether it is whole is known once a worker reads it."""
    return any(os.path.isfile(folder / name) for name in (CHECKPOINT, FORMER_CHECKPOINT))
