"""`/v1/sheets`: all presets, or some, on one's own picture."""

from __future__ import annotations

import io

from flask import Response, jsonify

from ..jobs.sheets import Sheets
from ..jobs.spec import SheetSpec
from ..presets.contact_sheet import MAX_COLUMNS
from .responses import created, whole_query
from .services import Services


def start(services: Services, spec: SheetSpec) -> Response:
    sheet = _sheets(services).start(spec)
    return created(sheet, sheet["links"]["self"])


def sheet(services: Services, identity: str) -> Response:
    return jsonify(_sheets(services).view(identity))


def delete(services: Services, identity: str) -> Response:
    _sheets(services).delete(identity)
    return Response(status=204)


def control(action: str, services: Services, identity: str) -> Response:
    """Cancel or resume it."""
    return jsonify(getattr(_sheets(services), action)(identity))


def picture(services: Services, identity: str) -> Response:
    file = io.BytesIO()
    _sheets(services).picture(identity, whole_query("columns", 1, MAX_COLUMNS) or 4).save(file, "PNG")
    return Response(file.getvalue(), content_type="image/png", headers={"Cache-Control": "no-store"})


def _sheets(services: Services) -> Sheets:
    return Sheets(services.controller, services.library, services.images)
