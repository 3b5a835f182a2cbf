"""`/`, `/assets/…` and `/v1/page/…`: the page, and its sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, g, jsonify, request

from neural_style_client.translations import LANGUAGES, Catalogue, best_language, catalogue

from ...errors import NotFound
from ..responses import created
from ..security import PAGE_PATH, Caller, cookie_name, session_of
from .content import page_values, words_values
from .diagnosis import diagnose
from .files import asset as asset_file
from .files import rendered
from .sessions import CODE_S, csrf_token

if TYPE_CHECKING:
    from ..services import Services

HTML = "text/html; charset=utf-8"
LANGUAGE_COOKIE = "neural_style_language"
"""What was chosen on the page itself; its script writes it."""

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Only the page's own files run or are shown, nothing is made of text, and no other page holds it in a frame."""


def show(services: Services) -> Response:
    """The page; or a page that says how to get in. A code becomes a session and disappears from the address."""
    code = request.args.get("code")
    if code is not None:
        return _let_in(services, code)
    secret = _secret(services)
    if secret is None:
        return _html("closed.html", 401, used=False)
    return _html("page.html", csrf_token=csrf_token(secret), **page_values(services))


def asset(services: Services, name: str) -> Response:
    """Packed where the browser unpacks it: nothing here is a secret that a length could tell."""
    found = asset_file(name)
    packed = request.accept_encodings["gzip"] > 0
    answer = Response(found.packed if packed else found.data, content_type=found.kind)
    answer.headers.update({"Cache-Control": "no-cache", "Vary": "Accept-Encoding"})
    if packed:
        answer.content_encoding = "gzip"
    answer.set_etag(found.tag, weak=True)
    answer.make_conditional(request)
    return answer


def make_code(services: Services) -> Response:
    path = f"{PAGE_PATH}?code={services.keys.sessions.new_code(g.holder)}"
    return created({"path": path, "seconds": CODE_S}, PAGE_PATH)


def session(services: Services) -> Response:
    secret = _secret(services)
    if secret is None:
        raise NotFound("This request has no session.", hint="'neural-style open' opens the page with one.")
    answer = jsonify(csrf_token=csrf_token(secret))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def diagnosis(services: Services) -> Response:
    answer = jsonify(diagnose(services, _words()))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def log_out(services: Services) -> Response:
    """A program ends all sessions of its user."""
    secret = _secret(services)
    if secret is None:
        services.keys.sessions.end_all(g.holder)
    else:
        services.keys.sessions.end(secret)
    answer = Response(status=204)
    answer.delete_cookie(cookie_name(request.headers["Host"]), httponly=True, samesite="Strict")
    return answer


def _let_in(services: Services, code: str) -> Response:
    if request.method != "GET":  # HEAD only looks
        return _html("closed.html", 401, used=False)
    former, secret = _secret(services), services.keys.sessions.begin(code)
    if secret is None:
        return _html("closed.html", 401, used=True)
    if former is not None:
        services.keys.sessions.end(former)
    answer = Response(status=303, headers={"Location": PAGE_PATH, "Cache-Control": "no-store"})
    host = request.headers["Host"]
    answer.set_cookie(cookie_name(host), secret, httponly=True, samesite="Strict", secure=services.keys.is_public(host))
    return answer


def _secret(services: Services) -> str | None:
    """None for programs, which have the token."""
    if "Authorization" in request.headers:
        return None
    caller = Caller(request.method, request.path, request.path, request.headers.get)
    found = session_of(caller, services.keys)
    return None if found is None else found.secret


def _html(template: str, status: int = 200, **values: object) -> Response:
    text = rendered(template, **words_values(_words()), **values)
    return Response(text, status, content_type=HTML, headers=PAGE_HEADERS)


def _words() -> Catalogue:
    """In the language that was chosen on the page, else in the first of the browser's that there is."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return catalogue(chosen if chosen in LANGUAGES else best_language(request.accept_languages.values()))
