"""Every route, once: Flask's rules and the OpenAPI document are both made of this table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask, g
from pydantic import BaseModel

from ..errors import Forbidden
from ..jobs.record import ForecastView, JobView
from ..jobs.sequence_spec import AgainSpec, SequenceChangeSpec, SequenceFrameSpec, SequenceSpec
from ..jobs.spec import ChangeSpec, ExtendSpec, ForecastSpec, JobSpec, SheetSpec
from ..pictures.formats import UPLOADS
from ..pixels import DTYPES, LARGEST_SIDE
from ..presets.contact_sheet import MAX_COLUMNS
from ..presets.names import NAME_PATTERN
from ..users import OWNER
from ..validation import Model, Schema
from . import downloads, images, jobs, metrics, presets, sequences, sheets, status
from .answers import (
    Diagnosis,
    Health,
    Image,
    Jobs,
    NewCode,
    NewSheet,
    PageSession,
    Presets,
    PresetView,
    Sequence,
    Sequences,
    Sheet,
    Workers,
)
from .openapi import HTML
from .page import views as page
from .page.files import KINDS
from .responses import json_body, only_query
from .security import ASSETS, PAGE_PATH
from .services import Services

View = Callable[..., Any]
BINARY: Schema = {"type": "string", "format": "binary"}
OBJECT: Schema = {"type": "object"}
WORDS: Schema = {"type": "string"}
LIST_OF_WORDS: Schema = {"type": "array", "items": WORDS}
SIDE: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_SIDE}
PIXELS = {"application/octet-stream": BINARY, "image/png": BINARY}
PNG = {"image/png": BINARY}
OWNER_HINT = "It takes the token in daemon.json, on the computer that the daemon runs on."
BUNDLE = {"application/zip": BINARY}


@dataclass(frozen=True)
class Route:
    """One method on one path. The view is called with the services, the parts of the path, and the checked body.

    `body` has several models where a required key decides between them. `answer` is a model, or schemas by their
    media types; None is an empty answer. `problems` are HTTP statuses besides those that every route may have.

    A view sees what belongs to whoever asks, and nothing else; `owner_only` is for the machine's own affairs.
    """

    method: str
    path: str
    view: View
    summary: str
    answer: type[BaseModel] | Mapping[str, Schema] | None
    status: int = 200
    body: tuple[type[Model], ...] = ()
    media: tuple[str, ...] = ()
    query: Mapping[str, Schema] = field(default_factory=dict)
    headers: Mapping[str, Schema] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    needs_token: bool = True
    owner_only: bool = False

    @property
    def parts(self) -> list[str]:
        """The names in the path that stand for something."""
        return re.findall(r"{(\w+)}", self.path)

    def call(self, services: Services, **path: str) -> Any:
        """Flask's view."""
        user = g.holder.user
        if self.owner_only and user != OWNER:
            raise Forbidden("Only who runs the daemon may do this.", code="owner_only", hint=OWNER_HINT)
        only_query(*self.query, lists=[name for name, schema in self.query.items() if schema is LIST_OF_WORDS])
        body = [json_body(*self.body)] if self.body else []
        return self.view(services.seen_by(user), *(path[name] for name in self.parts), *body)


def _jobs() -> list[Route]:
    one = "/v1/jobs/{id}"
    limit = {"max": SIDE}
    losses = {"application/json": OBJECT, "text/csv": WORDS, **PNG}
    return [
        Route("GET", "/v1/jobs", jobs.jobs, "All jobs, newest first", Jobs),
        Route("POST", "/v1/jobs", jobs.submit, "Submit a job", JobView, 201, (JobSpec,), problems=(404, 429)),
        Route(
            "POST", "/v1/forecast", jobs.forecast, "What a job would take", ForecastView, body=(ForecastSpec,),
            problems=(404,),
        ),
        Route("GET", one, jobs.job, "One job", JobView, problems=(404,)),
        Route(
            "PATCH", one, jobs.change, "Change a live job", JobView, body=(ChangeSpec,), problems=(404, 409, 429)
        ),
        Route("DELETE", one, jobs.delete, "Forget a job", None, 204, problems=(404,)),
        Route(
            "GET", f"{one}/events", jobs.events, "Its events", {"text/event-stream": WORDS},
            headers={"Last-Event-ID": {"type": "integer", "minimum": 0, "maximum": jobs.LARGEST_EVENT}},
            problems=(404, 429),
        ),
        Route(
            "GET", f"{one}/frames/{{number}}", jobs.frame, "A frame by number, or 'latest'", PIXELS, query=limit,
            problems=(404, 406),
        ),
        Route("GET", f"{one}/result", jobs.result, "The result", PIXELS, query=limit, problems=(404, 406, 409)),
        Route(
            "GET", f"{one}/file", downloads.file, "The result as a file, with its settings",
            dict.fromkeys(downloads.KINDS.values(), BINARY),
            query={"format": {"enum": list(downloads.KINDS)}, "dpi": downloads.DPI}, problems=(404, 409),
        ),
        Route("GET", f"{one}/losses", jobs.losses, "Loss curves", losses, problems=(404, 406)),
        Route(
            "POST", f"{one}/extend", jobs.extend, "More iterations", JobView, body=(ExtendSpec,), problems=(404, 409)
        ),
        *(
            Route(
                "POST", f"{one}/{action}", partial(jobs.control, action), action.capitalize(), JobView,
                problems=(404, 409),
            )
            for action in ("cancel", "pause", "resume", "finish")
        ),
    ]  # fmt: skip


def _presets() -> list[Route]:
    one = "/v1/presets/{name}"
    search = {"search": WORDS, "tag": LIST_OF_WORDS}
    name = {"name": {"type": "string", "pattern": NAME_PATTERN}}
    made = (presets.NewPreset, presets.CopyPreset)
    return [
        Route("GET", "/v1/presets", presets.presets, "All presets, by title", Presets, query=search),
        Route(
            "POST", "/v1/presets", presets.create, "Make a preset, or copy one", PresetView, 201, made,
            problems=(404, 409),
        ),
        Route(
            "POST", "/v1/presets/import", presets.import_, "Import a bundle", PresetView, 201, media=(*BUNDLE,),
            query=name, problems=(409,),
        ),
        Route("GET", one, presets.preset, "One preset", PresetView, problems=(404,)),
        Route(
            "PUT", one, presets.change, "Change a preset", PresetView, body=(presets.PresetChanges,),
            problems=(404, 409),
        ),
        Route("DELETE", one, presets.delete, "Delete a preset", None, 204, problems=(404, 409)),
        Route("GET", f"{one}/thumbnail", presets.thumbnail, "Its thumbnail", PNG, problems=(404,)),
        Route("GET", f"{one}/style", presets.style, "Its first style image, small", PNG, problems=(404,)),
        Route("GET", f"{one}/bundle", presets.bundle, "Export it", BUNDLE, problems=(404,)),
    ]  # fmt: skip


def _sheets() -> list[Route]:
    one = "/v1/sheets/{id}"
    columns = {"columns": {"type": "integer", "minimum": 1, "maximum": MAX_COLUMNS}}
    return [
        Route(
            "POST", "/v1/sheets", sheets.start, "All presets, or some, on one picture", NewSheet, 201, (SheetSpec,),
            problems=(404, 429),
        ),
        Route("GET", one, sheets.sheet, "How far a sheet is", Sheet, problems=(404,)),
        Route("DELETE", one, sheets.delete, "Forget a sheet and its jobs", None, 204, problems=(404,)),
        Route(
            "GET", f"{one}/picture", sheets.picture, "The labelled page", PNG, query=columns, problems=(404, 409)
        ),
        *(
            Route(
                "POST", f"{one}/{action}", partial(sheets.control, action), action.capitalize(), Sheet,
                problems=(404,),
            )
            for action in ("cancel", "resume")
        ),
    ]  # fmt: skip


def _page() -> list[Route]:
    html = {HTML: WORDS}
    session = "/v1/page/session"
    return [
        Route(
            "GET", PAGE_PATH, page.show, "The page, for a session or a one-time code", html, query={"code": WORDS},
            problems=(401,), needs_token=False,
        ),
        Route(
            "GET", f"{ASSETS}{{name}}", page.asset, "What the page is made of",
            dict.fromkeys(sorted({*KINDS.values()}), BINARY), problems=(404,), needs_token=False,
        ),
        Route("POST", "/v1/page/codes", page.make_code, "A one-time code for the page", NewCode, 201),
        Route("GET", session, page.session, "The session that the cookie names", PageSession, problems=(404,)),
        Route("DELETE", session, page.log_out, "End it; with a token, end all of its user's", None, 204),
        Route(
            "GET", "/v1/diagnosis", page.diagnosis, "Device, memory, disk, and the last lines of the log", Diagnosis,
            owner_only=True,
        ),
    ]  # fmt: skip


def _sequences() -> list[Route]:
    one = "/v1/sequences/{id}"
    return [
        Route("GET", "/v1/sequences", sequences.sequences, "All sequences, newest first", Sequences),
        Route(
            "POST", "/v1/sequences", sequences.start, "Begin a moving picture", Sequence, 201, (SequenceSpec,),
            problems=(404, 409),
        ),
        Route("GET", one, sequences.sequence, "How far a sequence is", Sequence, problems=(404,)),
        Route(
            "PATCH", one, sequences.change, "Give a sequence other keys", Sequence, body=(SequenceChangeSpec,),
            problems=(404, 409),
        ),
        Route("DELETE", one, sequences.delete, "Forget a sequence and its jobs", None, 204, problems=(404,)),
        Route(
            "POST", f"{one}/frames", sequences.add_frame, "Its next frame", JobView, 201, (SequenceFrameSpec,),
            problems=(404, 409, 429),
        ),
        Route(
            "POST", f"{one}/again", sequences.again, "Paint frames again", Sequence, body=(AgainSpec,),
            problems=(404, 409),
        ),
        *(
            Route(
                "POST", f"{one}/{action}", partial(sequences.control, action), action.capitalize(), Sequence,
                problems=(404,),
            )
            for action in ("cancel", "pause", "resume")
        ),
    ]  # fmt: skip


ROUTES = (
    Route("GET", "/v1/health", status.health, "How the daemon is", Health, needs_token=False),
    Route(
        "GET", "/metrics", metrics.metrics, "Numbers for Prometheus", {"text/plain": WORDS}, problems=(401,),
        needs_token=False, owner_only=True,
    ),
    Route("GET", "/v1/openapi.json", status.openapi, "This document", {"application/json": OBJECT}),
    Route("GET", "/v1/workers", status.workers, "The processes that paint", Workers),
    Route(
        "POST", "/v1/unload", status.unload, "End the worker and free its memory", Health, problems=(409,),
        owner_only=True,
    ),
    Route("POST", "/v1/shutdown", status.shutdown, "Stop the daemon", {"application/json": OBJECT}, owner_only=True),
    Route(
        "POST", "/v1/images", images.upload, "Upload raw pixels or a picture file", Image, 201,
        media=(images.RAW, *UPLOADS),
        query={"width": SIDE, "height": SIDE, "format": {"enum": list(DTYPES)}, **images.PART},
        problems=(404, 429),
    ),
    Route(
        "GET", "/v1/images/{id}", images.image, "An uploaded picture", PIXELS, query={"max": SIDE}, problems=(404, 406)
    ),
    *_page(),
    *_presets(),
    *_jobs(),
    *_sheets(),
    *_sequences(),
)  # fmt: skip


def install(app: Flask, services: Services) -> None:
    """Flask's rules for all routes."""
    for route in ROUTES:
        rule = re.sub(r"{(\w+)}", r"<\1>", route.path)
        app.add_url_rule(rule, f"{route.method} {route.path}", partial(route.call, services), methods=[route.method])
