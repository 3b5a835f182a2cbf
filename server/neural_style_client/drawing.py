"""A frame of a film as it is sent: what is drawn on it, and which painted pictures its result follows."""

from typing import Any, Dict, NamedTuple, Optional

from .api import BYTES_PER_PIXEL, Client, Pixels
from .uploads import upload


class DrawnTo(NamedTuple):
    """A painted picture of another frame with that frame's drawing, and how many frames away it is."""

    picture: Pixels
    content: Pixels
    frames: int


class Drawing(NamedTuple):
    """All of a film have one size. `key`: a painted picture that is the frame's result. `options`: `preset` and
    `blend`, where they are others than the film's. A frame that is not `painted` stays as it is."""

    content: Pixels
    mask: Optional[Pixels] = None
    key: Optional[Pixels] = None
    drawn_to: Optional[DrawnTo] = None
    options: Optional[Dict[str, Any]] = None
    painted: bool = True

    def holds(self, before: "Optional[Drawing]") -> bool:
        """Whether it shows what the frame before shows, and is painted like that one."""
        alone = self.key is None and self.drawn_to is None
        return alone and before is not None and self[:2] == before[:2] and self[4:] == before[4:]


def frame_body(client: Client, drawing: Drawing) -> Dict[str, Any]:
    """What the daemon is asked for, with the pictures uploaded."""
    pictures = {"content": drawing.content, "mask": drawing.mask, "key": drawing.key}
    body: Dict[str, Any] = {name: upload(client, found) for name, found in pictures.items() if found is not None}
    other = drawing.drawn_to
    if other is not None:
        image, content = upload(client, other.picture), upload(client, other.content)
        body["drawn_to"] = {"image": image, "content": content, "frames": other.frames}
    return {**body, **(drawing.options or {})}


def is_empty(pixels: Pixels) -> bool:
    """Whether no pixel can be seen."""
    size = BYTES_PER_PIXEL[pixels.format]
    sample = size // 4
    return not any(any(pixels.data[offset::size]) for offset in range(size - sample, size))
