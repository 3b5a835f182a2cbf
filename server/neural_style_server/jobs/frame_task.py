"""What a frame of a sequence is painted from besides its own content, and the result of one that is a key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import ImageError
from ..pixels import Picture, converted
from .picture_files import write_picture
from .record import FramePlace, JobRecord
from .task import TaskDrawnTo, TaskPrevious


def task_previous(place: FramePlace | None) -> TaskPrevious | None:
    if place is None or place.previous is None or place.previous_content is None:
        return None
    return TaskPrevious(content=place.previous_content, job=place.previous)


def task_drawn_to(place: FramePlace | None, pictures: Mapping[str, Picture], content: Picture) -> TaskDrawnTo | None:
    """pictures: by their ids. Raises ImageError for those of another size."""
    if place is None or place.drawn_to is None:
        return None
    found = place.drawn_to
    for name, image in (("drawn_to.image", found.image), ("drawn_to.content", found.content)):
        size = content.width, content.height
        check_size(name, pictures[image], size, "its frame", "Make it as large as its frame.")
    return TaskDrawnTo(image=found.image, content=found.content, frames=found.frames)


def write_key(folder: Path, record: JobRecord, key: Picture) -> None:
    """As the result of its frame. Raises ImageError for one of another size."""
    check_size("the key", key, (record.width, record.height), "its frame", "Make the key as large as its frame.")
    write_picture(folder / "result", converted(key, record.format), iteration=0)


def check_size(
    name: str, picture: Picture, size: tuple[int, int], of: str, hint: str = "Send a mask of the same size."
) -> None:
    if (picture.width, picture.height) != size:
        detail = f"{name} is {picture.width} × {picture.height} pixels, {of} {size[0]} × {size[1]}."
        raise ImageError(detail, hint=hint)


class naming:
    """Errors about a picture say which frame it is."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, ImageError):
            raise ImageError(f"Frame {self._number}: {error.detail}", hint=error.hint, code=error.code) from None
