"""`/v1/presets`: browse, make, change, share."""

from __future__ import annotations

import io
from typing import Any

from flask import Blueprint, Response, jsonify, request
from PIL import Image

from ..errors import InvalidRequest, UnsupportedMedia
from ..jobs.image_store import ImageStore
from ..pixels import encode_png
from ..presets.bundle import export_bundle, import_bundle
from ..presets.library import Library
from .responses import created, json_body, only_query

BUNDLE = "application/zip"


def blueprint(library: Library, images: ImageStore) -> Blueprint:
    """Routes over the preset library."""
    views = Blueprint("presets", __name__)

    @views.get("/v1/presets")
    def presets() -> Response:
        only_query("search", "tag")
        entries = library.list(request.args.get("search"), request.args.getlist("tag"))
        problems = [{"name": problem.name, "detail": problem.detail} for problem in library.problems()]
        return jsonify(presets=[_view(entry) for entry in entries], problems=problems)

    @views.get("/v1/presets/<name>")
    def preset(name: str) -> Response:
        return jsonify(_view(library.get(name)))

    @views.get("/v1/presets/<name>/thumbnail")
    def thumbnail(name: str) -> Response:
        return Response(library.thumbnail(name), content_type="image/png")

    @views.get("/v1/presets/<name>/bundle")
    def bundle(name: str) -> Response:
        return Response(export_bundle(library, name), content_type=BUNDLE)

    @views.post("/v1/presets/import")
    def import_() -> Response:
        only_query("name")
        if request.mimetype != BUNDLE:
            raise UnsupportedMedia("A bundle must be sent as application/zip.")
        name = import_bundle(request.get_data(), library, request.args.get("name")).name
        return created(_view(library.get(name)), f"/v1/presets/{name}")

    @views.post("/v1/presets")
    def create() -> Response:
        body = json_body()
        name = body.pop("name", None)
        if not isinstance(name, str):
            raise InvalidRequest("A preset needs a 'name' of small letters, digits and hyphens.")
        if "copy_of" in body:
            entry = _copy(library, name, body)
        else:
            entry = library.create(name, body, _pictures(body.pop("images", None), images))
        return created(_view(entry), f"/v1/presets/{name}")

    @views.put("/v1/presets/<name>")
    def change(name: str) -> Response:
        body = json_body()
        if not isinstance(body.get("favourite", False), bool):
            raise InvalidRequest("favourite must be true or false.")
        new = _pictures(body.pop("images"), images) if "images" in body else None
        return jsonify(_view(library.change(name, body, new)))

    @views.delete("/v1/presets/<name>")
    def delete(name: str) -> Response:
        library.delete(name)
        return Response(status=204)

    return views


def _copy(library: Library, name: str, body: dict[str, Any]) -> Any:
    rest = set(body) - {"copy_of", "title"}
    if rest or not all(isinstance(value, str) for value in body.values()):
        raise InvalidRequest("A copy takes the texts 'name', 'copy_of' and 'title', and nothing else.")
    return library.copy(body["copy_of"], name, body.get("title"))


def _pictures(listed: Any, images: ImageStore) -> list[tuple[str, bytes, float]]:
    """Uploaded images as picture files: [id, …] or [{id, weight}, …]."""
    if not isinstance(listed, list) or not 0 < len(listed) <= 16:
        raise InvalidRequest('\'images\' must list 1 to 16 uploaded images, by id or as {"id", "weight"}.')
    return [_picture(item, number, images) for number, item in enumerate(listed)]


def _picture(item: Any, number: int, images: ImageStore) -> tuple[str, bytes, float]:
    known = {"id": item} if isinstance(item, str) else item
    if not isinstance(known, dict) or set(known) - {"id", "weight"} or not isinstance(known.get("id"), str):
        raise InvalidRequest(f'images[{number}] must be an image id or {{"id", "weight"}}.')
    weight = known.get("weight", 1.0)
    if not isinstance(weight, (int, float)) or isinstance(weight, bool) or not 0 <= weight <= 1000:
        raise InvalidRequest(f"images[{number}].weight must be a number from 0 to 1000.")
    return f"style-{number + 1}.png", _eight_bit_png(images, known["id"]), float(weight)


def _eight_bit_png(images: ImageStore, identity: str) -> bytes:
    data = encode_png(images.get(identity))
    with Image.open(io.BytesIO(data)) as image:
        file = io.BytesIO()
        image.convert("RGBA").save(file, "PNG")
    return file.getvalue()


def _view(entry: Any) -> dict[str, Any]:
    return {**entry.as_dict(), "thumbnail": f"/v1/presets/{entry.name}/thumbnail"}
