"""One HTTP request to the daemon, its answer or its failure."""

import http.client
import json
import socket
from typing import Any, Dict, Optional, Tuple, Union
from urllib.parse import urlsplit

from .errors import DaemonBusy, DaemonError, DaemonGone
from .translations import tr

Body = Union[bytes, Dict[str, Any], None]


class Transport:
    """Sends requests to `url` with the daemon's token; `timeout_s` holds where a call gives none."""

    def __init__(self, url: str, token: str, timeout_s: float) -> None:
        self.url = url.rstrip("/")
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
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        wait_s = timeout_s or self._timeout_s
        connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=wait_s)
        try:
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
            raise DaemonGone(tr("The daemon does not answer at {} ({}).", self.url, error)) from None
        connection.close()
        raise DaemonError(response.status, _problem(answer))


def _problem(answer: bytes) -> Dict[str, Any]:
    try:
        found = json.loads(answer.decode("utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
