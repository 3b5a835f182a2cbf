"""One HTTP request to the daemon, its answer or its failure."""

import http.client
import json
import socket
from typing import Any, Dict, Optional, Protocol, Tuple, Union
from urllib.parse import urlsplit

from . import certificates
from .errors import DaemonBusy, DaemonError, DaemonGone
from .translations import tr


class Known(Protocol):
    """What is known of a daemon on another computer; `remotes.Remote` is one."""

    @property
    def name(self) -> str: ...
    @property
    def certificate(self) -> str: ...


Body = Union[bytes, Dict[str, Any], None]


class Transport:
    """Sends requests to `url` with the daemon's token; `timeout_s` holds where a call gives none. A `remote` is on
    another computer, and its certificate is the one that is known."""

    def __init__(self, url: str, token: str, timeout_s: float, remote: Optional[Known] = None) -> None:
        self.url = url.rstrip("/")
        self._remote = remote
        self._context = certificates.pinned(remote.certificate) if remote and remote.certificate else None
        self._token = token
        self._timeout_s = timeout_s

    def json(self, method: str, path: str, body: Body = None, **options: Any) -> Dict[str, Any]:
        """The answer as an object; a `body` that is no bytes is sent as JSON. `options` are those of `request`."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        answer = self.request(method, path, data, **options)[1]
        found = json.loads(answer.decode("utf-8")) if answer else {}
        return found if isinstance(found, dict) else {}

    def request(
        self,
        method: str,
        path: str,
        data: Optional[bytes] = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        timeout_s: Optional[float] = None,
    ) -> Tuple[Dict[str, str], bytes]:
        """The answer's headers and body."""
        headers = {"Accept": accept}
        if method == "POST" or data is not None:
            headers["Content-Type"] = content_type
        connection, response = self.open(method, path, data, headers, timeout_s)
        try:
            return dict(response.getheaders()), response.read()
        except (OSError, http.client.HTTPException) as error:
            raise DaemonGone(tr("The daemon stopped in the middle of an answer ({}).", error)) from None
        finally:
            connection.close()

    def open(
        self,
        method: str,
        path: str,
        data: Optional[bytes] = None,
        headers: Optional[Dict[str, str]] = None,
        timeout_s: Optional[float] = None,
    ) -> Tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """An answer that has begun, to be read and closed. Raises DaemonError, DaemonBusy or DaemonGone."""
        wait_s = timeout_s or self._timeout_s
        connection = self._connection(wait_s)
        try:
            connection.connect()
            if self._context is not None and self._remote is not None:
                certificates.check_same(connection.sock, self._remote.certificate, self._remote.name)
            connection.request(
                method, path, body=data, headers=dict(headers or {}, Authorization="Bearer " + self._token)
            )
            if connection.sock is not None:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            response = connection.getresponse()
            if response.status < 400:
                return connection, response
            answer = response.read()
        except socket.timeout:
            connection.close()
            raise DaemonBusy(
                tr("The daemon is busy: it has not answered for {:.0f} s. Wait a moment, then try again.", wait_s)
            ) from None
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self._gone(error) from None
        except DaemonGone:
            connection.close()
            raise
        connection.close()
        raise DaemonError(response.status, _problem(answer))

    def _connection(self, wait_s: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        host = parts.hostname or "127.0.0.1"
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, parts.port, timeout=wait_s, context=self._context)
        return http.client.HTTPConnection(host, parts.port, timeout=wait_s)

    def _gone(self, error: Exception) -> DaemonGone:
        if self._remote is not None and isinstance(error, OSError):
            return certificates.failure(error, self._remote.name, self.url)
        return DaemonGone(tr("The daemon does not answer at {} ({}).", self.url, error))


def _problem(answer: bytes) -> Dict[str, Any]:
    try:
        found = json.loads(answer.decode("utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
