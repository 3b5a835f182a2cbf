"""`/v1/jobs` and `/v1/forecast`: submit, watch, steer, fetch."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ..engine.method import MOST_ITERATIONS
from ..errors import Conflict, InvalidRequest, NotFound, TooMany
from ..jobs import loss_curves
from ..jobs.controller import JobController
from ..jobs.event_streams import JobEvent
from ..jobs.image_store import ImageStore
from ..jobs.picture_files import read_picture
from ..jobs.record import DONE, ENDED
from ..jobs.spec import LARGEST_SIZE, JobSpec
from ..pixels import LARGEST_SIDE, Picture, check_size, reduced
from .responses import chosen_type, created, event_text, json_body, only_query, picture, stream, whole_query

KEEP_ALIVE_S = 0.5
"""How often a silent stream is written to, and so how soon a client that has gone is noticed."""

NOBODY = "0" * 64
"""Stands for the content of a forecast that is asked for by width and height."""


def blueprint(
    controller: JobController, images: ImageStore, library: Any, max_streams: int, max_pixels: int
) -> Blueprint:
    """Routes over the job controller."""
    views = Blueprint("jobs", __name__)
    streams = threading.BoundedSemaphore(max_streams)

    @views.post("/v1/jobs")
    def submit() -> Response:
        job = controller.submit(JobSpec.from_mapping(json_body()))
        library.mark_used(job["preset"])
        return created(job, job["links"]["self"])

    @views.post("/v1/forecast")
    def forecast() -> Response:
        body = json_body()
        size = body.pop("width", None), body.pop("height", None)
        spec = JobSpec.from_mapping({"content": NOBODY, **body})
        if size == (None, None) and body.get("content") is not None:
            content = images.get(spec.content)
            return jsonify(controller.forecast(spec, content.width, content.height))
        width, height = _canvas(size, max_pixels)
        return jsonify(controller.forecast(spec, width, height))

    @views.get("/v1/jobs")
    def jobs() -> Response:
        return jsonify(jobs=controller.jobs())

    @views.get("/v1/jobs/<identity>")
    def job(identity: str) -> Response:
        return jsonify(controller.job(identity))

    @views.delete("/v1/jobs/<identity>")
    def delete(identity: str) -> Response:
        controller.delete(identity)
        return Response(status=204)

    @views.post("/v1/jobs/<identity>/<any(cancel, pause, resume, finish):action>")
    def steer(identity: str, action: str) -> Response:
        return jsonify(getattr(controller, action)(identity))

    @views.post("/v1/jobs/<identity>/extend")
    def extend(identity: str) -> Response:
        body = json_body()
        count = body.get("iterations")
        if set(body) != {"iterations"} or not isinstance(count, int) or isinstance(count, bool):
            raise InvalidRequest('The body must be {"iterations": N}.')
        if not 1 <= count <= MOST_ITERATIONS:
            raise InvalidRequest(f"iterations must be from 1 to {MOST_ITERATIONS}, got {count}.")
        return jsonify(controller.extend(identity, count))

    @views.get("/v1/jobs/<identity>/events")
    def events(identity: str) -> Response:
        texts = _texts(controller.events(identity, _last_event(), KEEP_ALIVE_S), request.environ)
        if not streams.acquire(blocking=False):
            raise TooMany(f"{max_streams} event streams are open already, which is the limit.")
        return stream(texts, streams.release)

    @views.get("/v1/jobs/<identity>/frames/<number>")
    def frame(identity: str, number: str) -> Response:
        only_query("max")
        frames = controller.job(identity)["frames"]
        return _picture(controller.folder(identity) / "frames" / _frame_number(number, frames))

    @views.get("/v1/jobs/<identity>/result")
    def result(identity: str) -> Response:
        only_query("max")
        state = controller.job(identity)["state"]
        if state != DONE:
            hint = "Wait for the event 'done'." if state not in ENDED else "Its last frame may be there: frames/latest."
            raise Conflict(f"The job is {state}, so there is no result.", code="no_result", hint=hint)
        return _picture(controller.folder(identity) / "result")

    @views.get("/v1/jobs/<identity>/losses")
    def losses(identity: str) -> Response:
        kind = chosen_type(("application/json", "text/csv", "image/png"))
        entries = loss_curves.read(controller.folder(identity) / "losses.jsonl")
        if kind == "text/csv":
            return Response(loss_curves.as_csv(entries), content_type="text/csv; charset=utf-8")
        if kind == "image/png":
            return Response(loss_curves.as_png(entries), content_type="image/png")
        return jsonify(losses=entries)

    return views


def _texts(events: Generator[JobEvent | None], environ: dict[str, Any]) -> Iterator[str]:
    """The events as text, until the client has gone: `events` must learn of that at once."""
    gone = environ.get("waitress.client_disconnected", lambda: False)
    with closing(events):
        for event in events:
            if gone():
                return
            yield event_text(event)


def _last_event() -> int:
    text = request.headers.get("Last-Event-ID", "0").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise InvalidRequest(f"Last-Event-ID must be a number, got {text[:40]!r}.")
    return int(text)


def _frame_number(text: str, frames: list[dict[str, Any]]) -> str:
    numbers = [frame["number"] for frame in frames]
    if text == "latest" and numbers:
        return str(numbers[-1])
    if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) in numbers:
        return str(int(text))
    have = f"There are {len(numbers)} frames, up to number {numbers[-1]}." if numbers else "There is no frame yet."
    raise NotFound(f"There is no frame {text[:40]!r}. {have}", code="no_frame", hint="Wait for the event 'frame'.")


def _picture(path: Path) -> Response:
    found = read_picture(path)
    if found is None:
        raise NotFound("The picture is no longer there, or was not written whole.", code="no_frame")
    pixels, meta = found
    limit = whole_query("max", 1, LARGEST_SIDE)
    shown: Picture = pixels if limit is None else reduced(pixels, limit)
    return picture(shown, int(meta.get("iteration", 0)))


def _canvas(size: tuple[Any, Any], max_pixels: int) -> tuple[int, int]:
    """The width and height that stand for a content."""
    if not all(isinstance(side, int) and not isinstance(side, bool) for side in size):
        raise InvalidRequest("Give 'content', or both 'width' and 'height' as whole numbers.")
    check_size(*size, max_pixels)
    return size


assert LARGEST_SIZE <= LARGEST_SIDE
