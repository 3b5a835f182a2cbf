"""How requests are read and answers are written: JSON, problems, pixels or PNG, events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import numpy as np
from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from ..errors import InvalidRequest, NeuralStyleError, TooLarge, UnsupportedMedia, problem
from ..jobs.counters import Counters
from ..jobs.event_streams import JobEvent
from ..pictures.png import encode_png
from ..pixels import LARGEST_SIDE, Picture, reduced
from ..validation import Model, shown, validate

PROBLEM = "application/problem+json"
CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 400: "invalid_request"}


class NotAcceptable(NeuralStyleError):
    status = 406
    code = "not_acceptable"
    hint = "Ask for one of the types that the OpenAPI document lists."


def install_error_handlers(app: Flask, counters: Counters) -> None:
    """Answer every failure as a problem in JSON, and count it by its code."""

    def refusal(members: dict[str, Any]) -> Response:
        counters.add("problems", members["code"])
        return Response(json.dumps(members), members["status"], content_type=PROBLEM)

    @app.errorhandler(NeuralStyleError)
    def expected(error: NeuralStyleError) -> Response:
        return refusal(error.as_problem())

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        code, detail = CODES.get(status, "http_error"), error.description or error.name
        answer = refusal(problem(status, error.name, code, detail, "See /v1/openapi.json."))
        answer.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        app.logger.exception("unexpected failure")
        detail = f"An unexpected error occurred in the daemon ({type(error).__name__})."
        return expected(NeuralStyleError(detail, hint="The log in the daemon's folder says more; please report it."))


def json_body(*models: type[Model]) -> Model:
    """The body as the first model, or as another one where it has a key that only that model requires.

    Raises UnsupportedMedia or InvalidRequest, saying what is wrong.
    """
    body = _json_object()
    for model in models[1:]:
        required = {name for name, field in model.model_fields.items() if field.is_required()}
        if (required - models[0].model_fields.keys()) & body.keys():
            return validate(model, body)
    return validate(models[0], body)


def _json_object() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMedia(f"A JSON body is needed, not {request.mimetype or 'none'!r}.")
    try:
        body = json.loads(
            request.get_data(),
            parse_constant=_refuse_constant,
            parse_float=_number,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"The body is not JSON ({error}).") from None
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    return body


def only_query(*names: str, lists: Collection[str] = ()) -> None:
    """Refuse query parameters that are not known, and those given twice, except in `lists`."""
    for name, values in request.args.lists():
        if name not in names:
            raise InvalidRequest(f"Unknown query parameter {name[:40]!r}; known are {', '.join(names) or 'none'}.")
        if len(values) > 1 and name not in lists:
            raise InvalidRequest(f"The query parameter {name!r} is given twice.")


def whole_query(name: str, low: int, high: int) -> int | None:
    """A whole number from the query, or None where it is not given."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high):
        raise InvalidRequest(f"{name} must be a whole number from {low} to {high}, got {text[:40]!r}.")
    return int(text)


def chosen_type(offered: Iterable[str]) -> str:
    """The best of the offered content types for the request's `Accept`."""
    offered = list(offered)
    best = request.accept_mimetypes.best_match(offered) if request.accept_mimetypes else offered[0]
    if best is None:
        raise NotAcceptable(f"None of the accepted types can be had; there are {', '.join(offered)}.")
    return best


def limited(pixels: Picture) -> Picture:
    """With its long side at most what the query's `max` says."""
    limit = whole_query("max", 1, LARGEST_SIDE)
    return pixels if limit is None else reduced(pixels, limit)


def picture(found: Picture, iteration: int) -> Response:
    """Raw pixels, or a PNG where only that is accepted."""
    headers = {
        "X-Image-Width": str(found.width),
        "X-Image-Height": str(found.height),
        "X-Image-Format": found.format,
        "X-Iteration": str(iteration),
        "Cache-Control": "no-store",
    }
    if chosen_type(("application/octet-stream", "image/png")) == "image/png":
        return Response(encode_png(found), content_type="image/png", headers=headers)
    return Response(
        np.ascontiguousarray(found.pixels).tobytes(), content_type="application/octet-stream", headers=headers
    )


def event_text(event: JobEvent | None) -> str:
    """One server-sent event, or a comment that shows that the connection is alive."""
    if event is None:
        return ": waiting\n\n"
    return f"id: {event.number}\nevent: {event.name}\ndata: {json.dumps(event.data)}\n\n"


def stream(texts: Iterator[str], ended: Callable[[], None]) -> Response:
    """`ended` is called once the stream is over, also where it never began, as for HEAD."""
    answer = Response(texts, content_type="text/event-stream", headers={"Cache-Control": "no-store"})
    answer.call_on_close(ended)
    return answer


def created(value: dict[str, Any], location: str) -> Response:
    answer = jsonify(value)
    answer.status_code = 201
    answer.headers["Location"] = location
    return answer


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request's body is larger than {limit >> 20} MiB, which is the limit.")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _number(text: str) -> float | int:
    """JSON has one kind of number: 84.0 is as whole as 84."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {shown(twice)} is given twice")
    return found
