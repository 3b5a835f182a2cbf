"""Who may use the daemon: programs that know the token, and no web page.

A browser can be made to send requests to a loopback address. So the host name must be the daemon's own (which
ends DNS rebinding), in `Host` and in a request target that names one; an `Origin` other than the daemon's own scheme,
host and port and a foreign `Sec-Fetch-Site` are refused, no CORS header is ever sent, bodies must have a content type
that a form cannot send, and every request but the health check needs the token.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable

from flask import Flask, request

from ..errors import Forbidden, Unauthorised, UnsupportedMedia
from ..pictures.formats import UPLOADS

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
SCHEME = "http"
OPEN_PATH = "/v1/health"
BODY_TYPES = ("application/json", "application/octet-stream", "application/zip", *UPLOADS)


def guard(app: Flask, token: Callable[[], str], own_hosts: Callable[[], set[str]]) -> None:
    """Refuse strangers before any view runs. `own_hosts` are the accepted values of `Host`, with the port."""

    @app.before_request
    def check() -> None:
        target = str(request.environ.get("REQUEST_URI", ""))
        check_caller(request.headers.get, target, own_hosts(), None if request.path == OPEN_PATH else token())
        if request.method in ("POST", "PUT", "PATCH"):
            _check_body_type()


def check_caller(header: Callable[[str], str | None], target: str, own: set[str], token: str | None) -> None:
    """Raises Forbidden for another site or host name, and Unauthorised without the token, where one is needed.

    `header` looks up a header by its name; `target` is what the request line asks for.
    """
    _check_target(target, own)
    _check_host(header("Host") or "", own)
    _check_origin(header("Origin"), header("Sec-Fetch-Site"), own)
    if token is not None:
        _check_token(header("Authorization") or "", token)


def host_names(host: str, port: int) -> set[str]:
    """The values of `Host` that mean this daemon; "*:PORT" is any numeric address, which DNS rebinding cannot use."""
    names = {*LOOPBACK_NAMES, f"[{host}]" if ":" in host else host}
    if _is_wildcard(host):
        names.add("*")
    return {f"{name}:{port}" for name in names}


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_own(given: str, own: set[str]) -> bool:
    if given.lower() in own:
        return True
    name, _, port = given.rpartition(":")
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return f"*:{port}" in own


def _check_host(given: str, own: set[str]) -> None:
    if not _is_own(given, own):
        raise Forbidden("The request was sent to another host name than the daemon's own.", code="wrong_host")


def _check_target(target: str, own: set[str]) -> None:
    """A target with a scheme names its host itself, and before the header `Host` does (RFC 9112, 3.2.2)."""
    if target[:1] in ("", "/", "?", "*"):  # "?" is how a test client writes an empty path
        return
    if not _is_own_origin("/".join(target.split("/", 3)[:3]).partition("?")[0], own):
        raise Forbidden("The request asks for another host than the daemon's own.", code="wrong_host")


def _check_origin(origin: str | None, site: str | None, own: set[str]) -> None:
    foreign = origin is not None and not _is_own_origin(origin, own)
    if foreign or site not in (None, "none", "same-origin"):
        raise Forbidden("A web page of another site may not use the daemon.", code="wrong_origin")


def _is_own_origin(origin: str, own: set[str]) -> bool:
    """Scheme, host and port (RFC 6454); the daemon speaks plain HTTP."""
    scheme, _, site = origin.partition("://")
    return scheme.lower() == SCHEME and _is_own(site, own)


def _check_token(authorization: str, expected: str) -> None:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
        raise Unauthorised("The token is missing or wrong.")


def _check_body_type() -> None:
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if (has_body or request.mimetype) and request.mimetype not in BODY_TYPES:
        raise UnsupportedMedia(f"Bodies of the type {request.mimetype or 'none'!r} are not understood.")
