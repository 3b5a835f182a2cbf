"""`/v1/presets`: browse, make, change, share."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from flask import Response, jsonify, request
from PIL import Image
from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import core_schema

from ..engine.method import Controls, Method
from ..errors import InvalidRequest, PresetError, UnsupportedMedia
from ..field_types import FieldsOf, ListOf, MaybeAbsent, OrNull
from ..jobs.image_store import ImageStore
from ..jobs.spec import ImageId, Name, SomeControls, SomeMethod
from ..pictures.png import encode_png
from ..presets.authoring import NewImage
from ..presets.bundle import export_bundle, import_bundle
from ..presets.entries import Entry
from ..presets.names import NAME_PATTERN, NAME_WORDS
from ..presets.preset import LARGEST_WEIGHT, MOST_IMAGES, Notes, Title
from ..validation import Model, Schema
from .responses import created
from .services import Services

BUNDLE = "application/zip"


class StyleUpload(Model):
    """An uploaded image as a style image."""

    id: ImageId
    weight: Annotated[float, Field(ge=0, le=LARGEST_WEIGHT)] = 1.0


class _OrId:
    """The id alone stands for an upload of weight 1."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        whole = handler(source)
        return core_schema.no_info_before_validator_function(
            lambda it: {"id": it} if isinstance(it, str) else it, whole
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> Schema:
        id_ = handler.resolve_ref_schema(handler(schema))["properties"]["id"]
        return {"anyOf": [handler(schema), id_], "title": 'the id of an uploaded image or {"id", "weight"}'}


Uploads = Annotated[ListOf[Annotated[StyleUpload, _OrId()]], Field(min_length=1, max_length=MOST_IMAGES)]


class NewPreset(Notes):
    """The body of `POST /v1/presets` for a preset that is made of uploaded images."""

    error: ClassVar = PresetError
    errors: ClassVar = {"images": InvalidRequest}

    name: Annotated[str, Field(pattern=NAME_PATTERN, title=NAME_WORDS)]
    images: Uploads
    title: MaybeAbsent[Title] = None
    controls: OrNull[SomeControls] = Field(default={})
    method: OrNull[SomeMethod] = Field(default={})


class CopyPreset(Model):
    """The body of `POST /v1/presets` for a copy."""

    error: ClassVar = PresetError

    name: Annotated[str, Field(pattern=NAME_PATTERN, title=NAME_WORDS)]
    copy_of: Name
    title: MaybeAbsent[Title] = None


class PresetChanges(Notes):
    """The body of `PUT /v1/presets/{name}`; null brings a default back."""

    error: ClassVar = PresetError
    errors: ClassVar = {"images": InvalidRequest, "favourite": InvalidRequest}

    title: MaybeAbsent[Title] = None
    images: MaybeAbsent[Uploads] = None
    controls: Annotated[dict[str, Any], FieldsOf(Controls, nullable=True)] | None = None
    method: Annotated[dict[str, Any], FieldsOf(Method, nullable=True)] | None = None
    favourite: MaybeAbsent[bool] = None


def presets(services: Services) -> Response:
    library = services.library
    entries = library.list(request.args.get("search"), request.args.getlist("tag"))
    problems = [{"name": problem.name, "detail": problem.detail} for problem in library.problems()]
    return jsonify(presets=[_view(entry) for entry in entries], problems=problems)


def preset(services: Services, name: str) -> Response:
    return jsonify(_view(services.library.get(name)))


def thumbnail(services: Services, name: str) -> Response:
    return Response(services.library.thumbnail(name), content_type="image/png")


def style(services: Services, name: str) -> Response:
    return Response(services.library.style_picture(name), content_type="image/png")


def bundle(services: Services, name: str) -> Response:
    return Response(export_bundle(services.library, name), content_type=BUNDLE)


def import_(services: Services) -> Response:
    if request.mimetype != BUNDLE:
        raise UnsupportedMedia("A bundle must be sent as application/zip.")
    name = import_bundle(request.get_data(), services.library, request.args.get("name")).name
    return created(_view(services.library.get(name)), f"/v1/presets/{name}")


def create(services: Services, body: NewPreset | CopyPreset) -> Response:
    library = services.library
    if isinstance(body, CopyPreset):
        entry = library.copy(body.copy_of, body.name, body.title)
    else:
        fields = body.model_dump(exclude={"name", "images"}, exclude_unset=True)
        entry = library.create(body.name, fields, _pictures(body.images, services.images))
    return created(_view(entry), f"/v1/presets/{body.name}")


def change(services: Services, name: str, body: PresetChanges) -> Response:
    images = None if body.images is None else _pictures(body.images, services.images)
    changes = body.model_dump(exclude={"images"}, exclude_unset=True)
    return jsonify(_view(services.library.change(name, changes, images)))


def delete(services: Services, name: str) -> Response:
    services.library.delete(name)
    return Response(status=204)


def _pictures(uploads: Sequence[StyleUpload], images: ImageStore) -> list[NewImage]:
    """Uploaded images as picture files."""
    return [(f"style-{n}.png", _eight_bit_png(images, it.id), it.weight) for n, it in enumerate(uploads, 1)]


def _eight_bit_png(images: ImageStore, identity: str) -> bytes:
    """With 16 bits, a large picture's file would be over the limit for style images."""
    with Image.open(io.BytesIO(encode_png(images.get(identity)))) as image:
        file = io.BytesIO()
        image.convert("RGBA").save(file, "PNG")
    return file.getvalue()


def _view(entry: Entry) -> dict[str, Any]:
    return {**entry.as_dict(), "thumbnail": f"/v1/presets/{entry.name}/thumbnail"}
