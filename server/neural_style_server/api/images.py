"""`/v1/images`: uploads of raw pixels or picture files."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from ..errors import ImageError, UnsupportedMedia
from ..jobs.image_store import ImageStore
from ..pictures.formats import UPLOADS
from ..pictures.reading import decode
from ..pixels import LARGEST_SIDE, Picture, check_size, from_raw
from .responses import created, limited, only_query, picture, whole_query
from .services import Services

RAW = "application/octet-stream"

PLACE: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": LARGEST_SIDE}
PART: dict[str, dict[str, Any]] = {"base": {"type": "string"}, "x": PLACE, "y": PLACE}
"""The query of a part of a picture that is there already."""


def upload(services: Services) -> Response:
    images, max_pixels = services.images, services.max_pixels
    if request.mimetype == RAW:
        stored = images.put(_placed(_raw(max_pixels), images))
    elif request.mimetype in UPLOADS:
        only_query()
        stored = images.put(decode(request.get_data(), request.mimetype, max_pixels))
    else:
        raise UnsupportedMedia(f"Pictures of the type {request.mimetype or 'none'!r} are not understood.")
    return created(stored, f"/v1/images/{stored['id']}")


def image(services: Services, identity: str) -> Response:
    return picture(limited(services.images.get(identity)), 0)


def _placed(part: Picture, images: ImageStore) -> Picture:
    """The uploaded picture `base` with the part at x, y, where the query names one: what changed in a large layer is
    small."""
    base, x, y = request.args.get("base"), whole_query("x", 0, LARGEST_SIDE), whole_query("y", 0, LARGEST_SIDE)
    if base is None:
        if x is not None or y is not None:
            raise ImageError("A place, x and y, is for a part of another picture, its base.")
        return part
    whole, left, top = images.get(base), x or 0, y or 0
    if part.format != whole.format or left + part.width > whole.width or top + part.height > whole.height:
        raise ImageError(
            f"A part of {part.width} × {part.height} px in {part.format} at {left}, {top} does not fit into the picture"
            f" of {whole.width} × {whole.height} px in {whole.format}."
        )
    pixels = whole.pixels.copy()
    pixels[top : top + part.height, left : left + part.width] = part.pixels
    return Picture(pixels, whole.format)


def _raw(max_pixels: int) -> Picture:
    width, height = (whole_query(name, 0, 10**9) for name in ("width", "height"))
    if width is None or height is None:
        raise ImageError("Raw pixels need their width and height in the query.")
    check_size(width, height, max_pixels)
    return from_raw(request.get_data(), width, height, request.args.get("format", "RGBA8"))
