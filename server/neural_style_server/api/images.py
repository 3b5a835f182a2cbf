"""`/v1/images`: uploads of raw pixels or picture files."""

from __future__ import annotations

from flask import Response, request

from ..errors import ImageError, UnsupportedMedia
from ..pictures.formats import UPLOADS
from ..pictures.reading import decode
from ..pixels import Picture, check_size, from_raw
from .responses import created, only_query, whole_query
from .services import Services

RAW = "application/octet-stream"


def upload(services: Services) -> Response:
    images, max_pixels = services.images, services.settings.max_pixels
    if request.mimetype == RAW:
        stored = images.put(_raw(max_pixels))
    elif request.mimetype in UPLOADS:
        only_query()
        stored = images.put(decode(request.get_data(), request.mimetype, max_pixels))
    else:
        raise UnsupportedMedia(f"Pictures of the type {request.mimetype or 'none'!r} are not understood.")
    return created(stored, f"/v1/images/{stored['id']}")


def _raw(max_pixels: int) -> Picture:
    width, height = (whole_query(name, 0, 10**9) for name in ("width", "height"))
    if width is None or height is None:
        raise ImageError("Raw pixels need their width and height in the query.")
    check_size(width, height, max_pixels)
    return from_raw(request.get_data(), width, height, request.args.get("format", "RGBA8"))
