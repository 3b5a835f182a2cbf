"""Who may use the daemon: programs that know the token, its own page, and no other web page.

A browser can be made to send requests to a loopback address. So the host name must be the daemon's own (which
ends DNS rebinding), in `Host` and in a request target that names one; an `Origin` other than the daemon's own scheme,
host and port and a foreign `Sec-Fetch-Site` are refused, no CORS header is ever sent, bodies must have a content type
that a form cannot send, and every request needs the token but for the health check and the page's own code.

Where several people share a daemon each has a token of his own, and sees nothing of the others. Through a TLS proxy the
daemon is called by its public name; the owner's own token is no good there, so that it never leaves this computer.

The daemon's page has a session's cookie in place of the token. A browser sends that by itself, so what changes anything
must also carry the page's own `Origin` and the session's CSRF token, which no other page can read.
"""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import Flask, Response, g, request
from werkzeug.http import parse_cookie

from ..errors import Forbidden, Unauthorised, UnsupportedMedia
from ..pictures.formats import UPLOADS
from ..setting_types import is_loopback
from ..tokens import Tokens
from ..users import OWNER, Holder
from .page.peers import is_own
from .page.sessions import Sessions, is_csrf_token

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
NOBODY = Holder("")
"""Who asks for what needs no token, without one."""

OPEN_PATH, METRICS_PATH = "/v1/health", "/metrics"
PAGE_PATH, ASSETS = "/", "/assets/"
"""Of the page: without a session they have no secrets, and say how to get one."""

PROGRAMS_ONLY = ("/v1/page/codes", "/v1/shutdown")
"""Whatever gets into the page can neither open others nor stop the daemon."""

READING = ("GET", "HEAD")
CSRF_HEADER = "X-CSRF-Token"
BODY_TYPES = ("application/json", "application/octet-stream", "application/zip", *UPLOADS)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
"""Of every answer: whatever it holds, a browser neither takes it for a page nor gives it to one."""


@dataclass(frozen=True)
class Caller:
    """A request before its body: `target` is what its first line asks for, `header` looks up a header by its name."""

    method: str
    path: str
    target: str
    header: Callable[[str], str | None]


class PageSession(NamedTuple):
    """A browser's, by its cookie's value."""

    secret: str
    holder: Holder


@dataclass
class Keys:
    """What opens the daemon: the owner's token, the users' `tokens`, and sessions of the page. `own_hosts` are the
    accepted values of `Host`, with the port; by the `public_hosts` among them a TLS proxy is reached."""

    token: str
    own_hosts: set[str]
    tokens: Tokens
    public_hosts: frozenset[str] = frozenset()
    sessions: Sessions = field(default_factory=Sessions)

    def is_public(self, host: str | None) -> bool:
        return (host or "").lower() in self.public_hosts

    def is_valid(self, holder: Holder) -> bool:
        """Whether somebody who was let in still would be."""
        with contextlib.suppress(Unauthorised):
            self.tokens.check(holder)
            return True
        return False


def guard(app: Flask, keys: Keys) -> None:
    """Refuse strangers before any view runs, and say to browsers what they may do with an answer."""

    @app.before_request
    def check() -> None:
        target = str(request.environ.get("REQUEST_URI", ""))
        caller = Caller(request.method, request.path, target, request.headers.get)
        check_site(caller, keys)
        here = "Authorization" not in request.headers and not keys.is_public(caller.header("Host"))
        if here and request.path == METRICS_PATH and is_loopback(request.remote_addr or ""):
            g.holder = Holder(OWNER)
        else:
            g.holder = _holder_of_page(caller, keys) if _is_open(caller) else check_key(caller, keys)
        if here and request.path not in (OPEN_PATH, METRICS_PATH) and not is_own(request.environ):
            raise Forbidden("The page is not shown to another user of this computer.")
        if request.method in ("POST", "PUT", "PATCH"):
            _check_body_type()

    @app.after_request
    def protect(answer: Response) -> Response:
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer


def check_caller(caller: Caller, keys: Keys) -> None:
    """Raises Forbidden for another site or host name, and Unauthorised without token or session."""
    check_site(caller, keys)
    check_key(caller, keys)


def check_site(caller: Caller, keys: Keys) -> None:
    _check_target(caller.target, keys)
    _check_host(caller.header("Host") or "", keys.own_hosts)
    _check_origin(caller.header("Origin"), caller.header("Sec-Fetch-Site"), keys)


def check_key(caller: Caller, keys: Keys) -> Holder:
    """Who asks. A request with the header `Authorization` is a program's, whatever cookies it has."""
    authorization = caller.header("Authorization")
    session = None if authorization is not None else session_of(caller, keys)
    if session is None:
        return _holder_of_token(authorization or "", keys, caller.header("Host"))
    _check_page(caller, session.secret)
    return session.holder


def session_of(caller: Caller, keys: Keys) -> PageSession | None:
    """The open session that the caller's cookie names. The owner's is not accepted from other computers, nor that of
    somebody whose token was revoked."""
    host = caller.header("Host")
    secret = parse_cookie(caller.header("Cookie")).get(cookie_name(host or ""))
    holder = keys.sessions.holder(secret) if secret else None
    if secret is None or holder is None or not keys.is_valid(holder):
        return None
    if holder.user == OWNER and keys.is_public(host):
        return None
    return PageSession(secret, holder)


def cookie_name(host: str) -> str:
    """Cookies are shared by all ports of a host, so that each daemon's has a name of its own."""
    return f"neural-style-{host.rpartition(':')[2]}"


def _holder_of_page(caller: Caller, keys: Keys) -> Holder:
    """Of what is open to everybody, and shows more to who has a session."""
    session = session_of(caller, keys) if caller.path == PAGE_PATH else None
    return NOBODY if session is None else session.holder


def _is_open(caller: Caller) -> bool:
    page = caller.path == PAGE_PATH or caller.path.startswith(ASSETS)
    return caller.path == OPEN_PATH or (page and caller.method in READING)


def _check_page(caller: Caller, secret: str) -> None:
    if caller.path in PROGRAMS_ONLY:
        raise Forbidden("The page may not do this.", hint="A program with the daemon's token may.")
    if caller.method in READING:
        return
    if caller.header("Origin") is None:  # a foreign one has been refused already
        raise Forbidden("A change must come from the page itself.", code="wrong_origin")
    if not is_csrf_token(caller.header(CSRF_HEADER) or "", secret):
        raise Forbidden("The page's token is missing or wrong.", code="wrong_csrf_token", hint="Reload the page.")


def host_names(host: str, port: int) -> set[str]:
    """The values of `Host` that mean this daemon; "*:PORT" is any numeric address, which DNS rebinding cannot use."""
    names = {*LOOPBACK_NAMES, f"[{host}]" if ":" in host else host}
    if _is_wildcard(host):
        names.add("*")
    return {f"{name}:{port}" for name in names}


def public_hosts(name: str | None) -> frozenset[str]:
    """The values of `Host` by which the proxy is reached; browsers leave the usual port out."""
    if name is None:
        return frozenset()
    bare = name.removesuffix(":443")
    return frozenset({bare, f"{bare}:443"} if bare.endswith("]") or ":" not in bare else {name})


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


def _check_target(target: str, keys: Keys) -> None:
    """A target with a scheme names its host itself, and before the header `Host` does (RFC 9112, 3.2.2)."""
    if target[:1] in ("", "/", "?", "*"):  # "?" is how a test client writes an empty path
        return
    if not _is_own_origin("/".join(target.split("/", 3)[:3]).partition("?")[0], keys):
        raise Forbidden("The request asks for another host than the daemon's own.", code="wrong_host")


def _check_origin(origin: str | None, site: str | None, keys: Keys) -> None:
    foreign = origin is not None and not _is_own_origin(origin, keys)
    if foreign or site not in (None, "none", "same-origin"):
        raise Forbidden("A web page of another site may not use the daemon.", code="wrong_origin")


def _is_own_origin(origin: str, keys: Keys) -> bool:
    """Scheme, host and port (RFC 6454): the daemon itself speaks plain HTTP, the proxy in front of it TLS."""
    scheme, _, site = origin.partition("://")
    wanted = "https" if keys.is_public(site) else "http"
    return scheme.lower() == wanted and _is_own(site, keys.own_hosts)


def _holder_of_token(authorization: str, keys: Keys, host: str | None) -> Holder:
    scheme, _, given = authorization.partition(" ")
    token = given.strip()
    if scheme.lower() != "bearer":
        raise Unauthorised("The token is missing or wrong.")
    if hmac.compare_digest(token.encode(), keys.token.encode()) and not keys.is_public(host):
        return Holder(OWNER)
    return keys.tokens.holder(token)


def _check_body_type() -> None:
    has_body = bool(request.content_length) or "Transfer-Encoding" in request.headers
    if (has_body or request.mimetype) and request.mimetype not in BODY_TYPES:
        raise UnsupportedMedia(f"Bodies of the type {request.mimetype or 'none'!r} are not understood.")
