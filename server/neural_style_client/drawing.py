"""A frame of a film as it is sent: what is drawn on it, and which painted pictures its result follows."""

from typing import Any, Dict, NamedTuple, Optional

from .api import BYTES_PER_PIXEL, Client, Pixels
from .masks import pieces
from .uploads import upload

ONES = b"\0" + b"\xff" * 255
"""What is not 0, as a table."""


class DrawnTo(NamedTuple):
    """A painted picture of a later frame with that frame's drawing, and when that is shown."""

    picture: Pixels
    content: Pixels
    time: float


class Drawing(NamedTuple):
    """All of a film have one size. `key`: a painted picture that is the frame's result. `options`: `preset` and
    `blend`, where they are others than the film's. `time`: when it is shown, in any unit."""

    content: Pixels
    mask: Optional[Pixels] = None
    key: Optional[Pixels] = None
    drawn_to: Optional[DrawnTo] = None
    options: Optional[Dict[str, Any]] = None
    time: float = 0

    def holds(self, before: "Optional[Drawing]") -> bool:
        """Whether it shows what the frame before shows, and is painted like that one."""
        alone = self.key is None and self.drawn_to is None
        return alone and before is not None and self[:2] == before[:2] and self.options == before.options


def frame_body(client: Client, drawing: Drawing, before: Optional[float] = None) -> Dict[str, Any]:
    """What the daemon is asked for, with the pictures uploaded. before: the time of the frame that it follows."""
    mask = drawing.mask if drawing.key is None else None  # a key is the whole result
    pictures = {"content": drawing.content, "mask": mask, "key": drawing.key}
    body: Dict[str, Any] = {name: upload(client, found) for name, found in pictures.items() if found is not None}
    other = drawing.drawn_to
    if other is not None:
        image, content = upload(client, other.picture), upload(client, other.content)
        step = 1 if before is None else drawing.time - before
        body["drawn_to"] = {"image": image, "content": content, "frames": (other.time - drawing.time) / step}
    return {**body, **(drawing.options or {})}


def is_unpainted(drawing: Drawing) -> bool:
    """Whether it stays as it is: nothing can be seen on it, or nothing of that is selected."""
    if is_empty(drawing.content):
        return True
    mask, content = drawing.mask, drawing.content
    if mask is None or drawing.key is not None or (mask.width, mask.height) != (content.width, content.height):
        return False
    return not any(_selected(mask, content, piece) for piece in pieces(mask.width * mask.height))


def _selected(mask: Pixels, content: Pixels, piece: slice) -> bool:
    bright = _set(mask, 0, piece) | _set(mask, 1, piece) | _set(mask, 2, piece)
    return bool(bright & _set(mask, 3, piece) & _set(content, 3, piece))


def _set(pixels: Pixels, channel: int, piece: slice) -> int:
    """As a long number: a byte of ones for each pixel whose channel is not 0."""
    size, found = BYTES_PER_PIXEL[pixels.format], 0
    sample = size // 4
    for offset in range(channel * sample, (channel + 1) * sample):
        part = bytes(pixels.data[size * piece.start + offset : size * piece.stop : size])
        found |= int.from_bytes(part.translate(ONES), "little")
    return found


def is_empty(pixels: Pixels) -> bool:
    """Whether no pixel can be seen."""
    size = BYTES_PER_PIXEL[pixels.format]
    sample = size // 4
    return not any(any(pixels.data[offset::size]) for offset in range(size - sample, size))
