"""`/v1/jobs` and `/v1/forecast`: submit, follow, control, fetch."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from flask import Response, g, jsonify, request

from ..errors import Conflict, InvalidRequest, NotFound
from ..jobs import loss_curves
from ..jobs.event_streams import JobEvent
from ..jobs.picture_files import read_picture
from ..jobs.record import DONE, ENDED
from ..jobs.spec import ChangeSpec, ExtendSpec, ForecastSpec, JobSpec
from ..jobs.task import LOSSES
from ..pixels import Picture, check_size
from .responses import chosen_type, created, event_text, limited, picture, stream
from .services import Services

Found = tuple[Picture, dict[str, Any]]
"""Pixels, and what is noted about them."""

LARGEST_EVENT = 10**12 - 1
KEEP_ALIVE_S = 0.5
"""How often a silent stream is written to, and so how soon a disconnected client is noticed."""


def submit(services: Services, spec: JobSpec) -> Response:
    job = services.controller.submit(spec)
    services.library.mark_used(job["preset"])
    return created(job, job["links"]["self"])


def forecast(services: Services, spec: ForecastSpec) -> Response:
    if spec.width is not None and spec.height is not None:
        width, height = spec.width, spec.height
        check_size(width, height, services.max_pixels)
    else:
        content = services.images.get(spec.content or "")
        width, height = content.width, content.height
    return jsonify(services.controller.forecast(spec, width, height))


def jobs(services: Services) -> Response:
    return jsonify(jobs=services.controller.jobs())


def job(services: Services, identity: str) -> Response:
    return jsonify(services.controller.job(identity))


def change(services: Services, identity: str, spec: ChangeSpec) -> Response:
    return jsonify(services.controller.change(identity, spec))


def delete(services: Services, identity: str) -> Response:
    services.controller.delete(identity)
    return Response(status=204)


def control(action: str, services: Services, identity: str) -> Response:
    """Cancel, pause, resume or finish it."""
    return jsonify(getattr(services.controller, action)(identity))


def extend(services: Services, identity: str, spec: ExtendSpec) -> Response:
    return jsonify(services.controller.extend(identity, spec.iterations))


def events(services: Services, identity: str) -> Response:
    found = services.controller.events(identity, _last_event(), KEEP_ALIVE_S)
    texts = _texts(found, request.environ, partial(services.keys.is_valid, g.holder))
    services.event_places.take(services.user)
    return stream(texts, partial(services.event_places.give_back, services.user))


def frame(services: Services, identity: str, number: str) -> Response:
    frames = services.controller.job(identity)["frames"]
    return _shown(*_read(services.controller.folder(identity) / "frames" / _frame_number(number, frames)))


def result(services: Services, identity: str) -> Response:
    return _shown(*result_of(services, identity))


def result_of(services: Services, identity: str) -> Found:
    """Raises NotFound, and Conflict where the job is not done."""
    state = services.controller.job(identity)["state"]
    if state != DONE:
        hint = "Wait for the event 'done'." if state not in ENDED else "Its last frame may be there: frames/latest."
        raise Conflict(f"The job is {state}, so there is no result.", code="no_result", hint=hint)
    return _read(services.controller.folder(identity) / "result")


def losses(services: Services, identity: str) -> Response:
    kind = chosen_type(("application/json", "text/csv", "image/png"))
    entries = loss_curves.read(services.controller.folder(identity) / LOSSES)
    if kind == "text/csv":
        return Response(loss_curves.as_csv(entries), content_type="text/csv; charset=utf-8")
    if kind == "image/png":
        return Response(loss_curves.as_png(entries), content_type="image/png")
    return jsonify(losses=entries)


def _texts(events: Generator[JobEvent | None], environ: dict[str, Any], is_let_in: Callable[[], bool]) -> Iterator[str]:
    """The events as text until the client disconnects, or may no longer see them; `events` is closed at once then."""
    gone = environ.get("waitress.client_disconnected", lambda: False)
    with closing(events):
        for event in events:
            if gone() or not is_let_in():
                return
            yield event_text(event)


def _last_event() -> int:
    text = request.headers.get("Last-Event-ID", "0").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_EVENT)) and int(text) <= LARGEST_EVENT):
        raise InvalidRequest(f"Last-Event-ID must be a whole number from 0 to {LARGEST_EVENT}, got {text[:40]!r}.")
    return int(text)


def _frame_number(text: str, frames: list[dict[str, Any]]) -> str:
    numbers = [frame["number"] for frame in frames]
    if text == "latest" and numbers:
        return str(numbers[-1])
    if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) in numbers:
        return str(int(text))
    have = f"There are {len(numbers)} frames, up to number {numbers[-1]}." if numbers else "There is no frame yet."
    raise NotFound(f"There is no frame {text[:40]!r}. {have}", code="no_frame", hint="Wait for the event 'frame'.")


def _read(path: Path) -> Found:
    found = read_picture(path)
    if found is None:
        raise NotFound("The picture is no longer there, or was not written whole.", code="no_frame")
    return found


def _shown(pixels: Picture, meta: dict[str, Any]) -> Response:
    return picture(limited(pixels), int(meta.get("iteration", 0)))
