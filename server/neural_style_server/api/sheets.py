"""`/v1/sheets`: all presets, or some, on one's own picture."""

from __future__ import annotations

import io

from flask import Blueprint, Response, jsonify

from ..jobs.sheets import Sheets, SheetSpec
from ..presets.contact_sheet import MAX_COLUMNS
from .responses import created, json_body, only_query, whole_query


def blueprint(sheets: Sheets) -> Blueprint:
    """Routes over sheets."""
    views = Blueprint("sheets", __name__)

    @views.post("/v1/sheets")
    def start() -> Response:
        sheet = sheets.start(SheetSpec.from_mapping(json_body()))
        return created(sheet, sheet["links"]["self"])

    @views.get("/v1/sheets/<identity>")
    def sheet(identity: str) -> Response:
        return jsonify(sheets.view(identity))

    @views.delete("/v1/sheets/<identity>")
    def delete(identity: str) -> Response:
        sheets.delete(identity)
        return Response(status=204)

    @views.post("/v1/sheets/<identity>/<any(cancel, resume):action>")
    def steer(identity: str, action: str) -> Response:
        return jsonify(getattr(sheets, action)(identity))

    @views.get("/v1/sheets/<identity>/picture")
    def picture(identity: str) -> Response:
        only_query("columns")
        file = io.BytesIO()
        sheets.picture(identity, whole_query("columns", 1, MAX_COLUMNS) or 4).save(file, "PNG")
        return Response(file.getvalue(), content_type="image/png", headers={"Cache-Control": "no-store"})

    return views
