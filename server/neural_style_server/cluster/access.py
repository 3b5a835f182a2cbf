"""Whether a cluster may be used: its address, whether it answers, and whether it is closed to strangers.

Whoever reaches an open Ray cluster may run any program on it. So one that others can reach must refuse whoever has not
its token, and where the connection leaves this computer it must be encrypted. The cluster is asked, not its settings.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psutil

from ..errors import ClusterError
from ..setting_types import is_loopback

CLIENT = "ray://"
ANSWER_S = 5.0
QUESTIONS = {True: "/ray.rpc.RayletDriver/ClusterInfo", False: "/ray.rpc.NodeInfoGcsService/GetClusterId"}
"""What is asked of a server for clients, and of a head: something harmless, which needs the token."""

OWN_MACHINE = ClusterError.hint


class Place(NamedTuple):
    """`by_client`: through a server for clients, from a computer that is no node."""

    host: str
    port: int
    by_client: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{CLIENT if self.by_client else ''}{host}:{self.port}"


def place_of(address: str, environ: Mapping[str, str] = os.environ) -> Place:
    """Of an address as `ray://HOST:PORT` or `HOST:PORT`, or of what `auto` stands for. Raises ClusterError."""
    if address == "auto":
        address = _started_here(environ)
    by_client = address.startswith(CLIENT)
    try:
        parts = urlsplit(address if by_client else f"//{address}")
        if parts.hostname and parts.port:
            return Place(parts.hostname, parts.port, by_client)
    except ValueError:
        pass
    raise ClusterError(
        f"The cluster's address {address!r} cannot be read.",
        hint="Write it as ray://HOST:10001, HOST:6379 or auto.",
        code="cluster_address",
    )


def check(place: Place, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the cluster asks for a token. Raises ClusterError where it does not answer, or must not be used."""
    try:
        socket.create_connection((place.host, place.port), ANSWER_S).close()
    except OSError as error:
        raise unreachable(place, error.strerror or str(error)) from None
    own = is_loopback(place.host) or _is_own(place.host)
    token = token_of(environ)
    if not own and environ.get("RAY_USE_TLS") != "1":
        raise ClusterError(
            f"The cluster at {place} is on another computer, and the connection to it would not be encrypted.",
            hint=f"Set up Ray with TLS (RAY_USE_TLS=1), as docs/studio.md shows. {OWN_MACHINE}",
            code="cluster_insecure",
        )
    is_closed = _refuses(place, None, environ)
    if not is_closed and not is_loopback(place.host):
        raise ClusterError(
            f"The cluster at {place} is open: it takes programs from everybody who reaches it.",
            hint=f"Start it with RAY_AUTH_MODE=token, as docs/studio.md shows. {OWN_MACHINE}",
            code="cluster_insecure",
        )
    if is_closed and (token is None or _refuses(place, token, environ)):
        lacks = "does not accept the token" if token else "asks for a token, and there is none"
        raise ClusterError(
            f"The cluster at {place} {lacks}.",
            hint=f"Put the cluster's token into ~/.ray/auth_token, or its path into RAY_AUTH_TOKEN_PATH. {OWN_MACHINE}",
            code="cluster_token",
        )
    return is_closed


def unreachable(place: object, why: str) -> ClusterError:
    hint = f"Start the cluster, or check its address and the network. {OWN_MACHINE}"
    return ClusterError(f"The cluster at {place} does not answer ({why}).", hint=hint, code="cluster_unreachable")


def token_of(environ: Mapping[str, str]) -> str | None:
    """As Ray looks for it."""
    if environ.get("RAY_AUTH_TOKEN"):
        return environ["RAY_AUTH_TOKEN"]
    path = Path(environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")
    try:
        return path.read_text().strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _refuses(place: Place, token: str | None, environ: Mapping[str, str]) -> bool:
    """Whether it refuses to answer because of the token. Raises ClusterError where it is no such server."""
    import grpc

    metadata = [] if token is None else [("authorization", f"Bearer {token}")]
    with _channel(place, environ) as channel:
        try:
            channel.unary_unary(QUESTIONS[place.by_client])(b"", timeout=ANSWER_S, metadata=metadata)
            return False
        except grpc.RpcError as error:
            code = error.code()
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNIMPLEMENTED):
        raise unreachable(place, "what is there is no Ray cluster, or only one of the two sides encrypts")
    return bool(code == grpc.StatusCode.UNAUTHENTICATED)


def _started_here(environ: Mapping[str, str]) -> str:
    """The cluster that this computer is a node of, as `ray start` has noted it. Raises ClusterError."""
    noted = Path(environ.get("RAY_TMPDIR", "/tmp")) / "ray" / "ray_current_cluster"
    with contextlib.suppress(OSError):
        return environ.get("RAY_ADDRESS") or noted.read_text().strip()
    raise ClusterError(
        "cluster is auto, and no Ray cluster was started on this computer.",
        hint=f"Start one with 'ray start --head', or write its address. {OWN_MACHINE}",
        code="cluster_unreachable",
    )


def _channel(place: Place, environ: Mapping[str, str]) -> Any:
    import grpc

    target = f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}"
    if environ.get("RAY_USE_TLS") != "1":
        return grpc.insecure_channel(target)
    files = [environ.get(f"RAY_TLS_{name}") for name in ("CA_CERT", "SERVER_KEY", "SERVER_CERT")]
    try:
        authority, key, certificate = (Path(name).read_bytes() if name else None for name in files)
    except OSError as error:
        detail = f"RAY_USE_TLS is 1, and {error.filename} cannot be read ({error.strerror})."
        raise ClusterError(detail, hint="Check RAY_TLS_CA_CERT, RAY_TLS_SERVER_CERT and RAY_TLS_SERVER_KEY.") from None
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(authority, key, certificate))


def _is_own(host: str) -> bool:
    """Whether the name is one of this computer's own addresses."""
    own = {address.address for found in psutil.net_if_addrs().values() for address in found}
    try:
        return all(info[4][0] in own for info in socket.getaddrinfo(host, None))
    except OSError:
        return False
