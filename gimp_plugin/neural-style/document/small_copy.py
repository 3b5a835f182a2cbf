"""A layer, small, for a live job, and whether it has changed: by thumbnails that GIMP itself makes.

GIMP keeps every drawable's halves, quarters and so on for its own view, so a thumbnail of an unchanged layer takes it
about a millisecond, however large the layer is. A layer's pixels cross to the plug-in only where a thumbnail would have
the wrong colours (see `_is_plain`), and then only when it has changed.
"""

from typing import Any, Optional

from gi.repository import Gegl, Gimp

from document import buffers
from document.layers import is_in_image
from neural_style_client import Pixels
from neural_style_client.errors import PainterError
from neural_style_client.masks import has_paint, mask_pixels
from neural_style_client.translations import tr
from run.follower import Look


class SmallCopy:
    """Remembers what it has seen last."""

    def __init__(self) -> None:
        self._seen: Any = None
        self._look: Optional[Look] = None

    def look(self, image, layer, detail, side):
        """The Look at a detail of a layer, `side` pixels at most. Raises PainterError where there is none now."""
        _check(image, layer)
        box = detail.box(layer.get_width(), layer.get_height())
        scale = min(1.0, side / max(box[2:]))
        size = max(1, round(box[2] * scale)), max(1, round(box[3] * scale))
        thumbnail = _thumbnail(layer, box, size)
        seen = (box, thumbnail, _selected(image, layer, box, size))
        if seen != self._seen or self._look is None:
            content = _content(image, layer, thumbnail, box, size)
            mask = None if seen[2] is None else mask_pixels(*size, seen[2])
            is_empty = not has_paint(content.data, content.format) or (seen[2] is not None and not any(seen[2]))
            self._seen, self._look = seen, Look(content, mask, is_empty)
        return self._look


def _check(image, layer):
    if not image.is_valid():
        raise PainterError(tr("The image was closed."))
    if not layer.is_valid() or not is_in_image(layer, image):
        raise PainterError(tr("The layer was deleted. Edit → Undo brings it back."))


def _thumbnail(drawable, box, size):
    """(bytes per pixel, data), in the drawable's own format."""
    data, width, height, pixel_bytes = drawable.get_sub_thumbnail_data(*box, *size)
    if (width, height) != tuple(size):
        raise PainterError(tr("GIMP could not make a small picture of the layer. Wait a moment."))
    return pixel_bytes, data.get_data()


def _selected(image, layer, box, size):
    """A weight for each pixel, or None where nothing is selected."""
    if Gimp.Selection.is_empty(image):
        return None
    _, left, top = layer.get_offsets()
    scale = size[0] / box[2], size[1] / box[3]
    place = round((left + box[0]) * scale[0]), round((top + box[1]) * scale[1])
    within = left + box[0] >= 0 and top + box[1] >= 0
    within = within and left + box[0] + box[2] <= image.get_width() and top + box[1] + box[3] <= image.get_height()
    if within and image.get_precision().value_nick.startswith("u8"):
        pixel_bytes, data = _thumbnail(image.get_selection(), (left + box[0], top + box[1], *box[2:]), size)
        return data[::pixel_bytes]  # GIMP 3.2 gives three channels that are alike, 3.0 one
    return _scaled(image.get_selection(), place, size, min(scale), "Y u8", Gegl.AbyssPolicy.NONE)


def _content(image, layer, thumbnail, box, size):
    if _is_plain(image):
        return Pixels(*size, "RGBA8", _rgba(*thumbnail))
    seen = buffers.with_effects(layer)
    try:
        scale = min(size[0] / box[2], size[1] / box[3])
        place = round(box[0] * scale), round(box[1] * scale)
        return Pixels(*size, "RGBA8", _scaled(seen, place, size, scale, "R'G'B'A u8", Gegl.AbyssPolicy.CLAMP))
    finally:
        if seen is not layer:
            seen.delete()


def _is_plain(image):
    """Whether a thumbnail's bytes are sRGB as they are."""
    return buffers.picture_format(image) == "RGBA8"


def _scaled(drawable, place, size, scale, kind, abyss):
    return bytes(drawable.get_buffer().get(Gegl.Rectangle.new(*place, *size), scale, kind, abyss))


def _rgba(pixel_bytes, data):
    """RGBA8 of grey or colours, with alpha or without."""
    if pixel_bytes == 4:
        return bytes(data)
    count = len(data) // pixel_bytes
    found = bytearray(b"\xff") * (4 * count)
    for channel in range(3):
        found[channel::4] = data[channel if pixel_bytes == 3 else 0 :: pixel_bytes]
    if pixel_bytes == 2:
        found[3::4] = data[1::2]
    return bytes(found)
