"""`/v1/jobs/ID/file`: the result as a file to keep, with the settings that it was painted with."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from ..errors import NeuralStyleError
from ..pictures.writing import Labels, encode
from ..pixels import Picture
from ..presets.library import Library
from ..recipe import recipe_of
from .jobs import result_of
from .responses import whole_query
from .services import Services

KINDS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
MOST_DPI = 10_000
DPI = {"type": "integer", "minimum": 1, "maximum": MOST_DPI}
ENDINGS = {"png": "png", "jpeg": "jpg", "webp": "webp"}


def file(services: Services, identity: str) -> Response:
    """Without settings where the preset is no longer what it was: they would paint another picture. `dpi` is that of a
    print."""
    kind, dpi = request.args.get("format", "png"), whole_query("dpi", 1, MOST_DPI)
    record, (pixels, _) = services.controller.job(identity), result_of(services, identity)
    painted = Picture(pixels.pixels, pixels.format)
    photo = services.images.sum_of(record["request"]["content"])
    data = encode(painted, kind.upper(), Labels(settings=_settings(record, services.library, photo), dpi=dpi))
    return Response(
        data,
        content_type=KINDS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{record["preset"]}-{identity}.{ENDINGS[kind]}"',
            "Cache-Control": "no-store",
        },
    )


def _settings(record: dict[str, Any], library: Library, photo: str) -> str | None:
    try:
        snapshot, preset = library.snapshot(record["preset"]), library.get(record["preset"]).as_dict()
    except NeuralStyleError:
        return None
    if snapshot.sha256 != record["preset_source"].get("sha256"):
        return None
    return recipe_of(record, preset, None, photo, None).as_json()
