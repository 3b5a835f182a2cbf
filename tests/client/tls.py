"""TLS in front of a plain server, as a reverse proxy is, with certificates made for the test."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone

import trustme

STEP = 1 << 16


def certificate(valid: bool = True, days: int = 30) -> trustme.LeafCert:
    """For 127.0.0.1, of an authority of its own that nobody knows; one that is not `valid` has expired."""
    now = datetime.now(timezone.utc)
    if valid:
        return trustme.CA().issue_cert("127.0.0.1", not_after=now + timedelta(days=days))
    before = now - timedelta(days=days)
    return trustme.CA().issue_cert("127.0.0.1", not_before=before, not_after=now - timedelta(days=1))


class Tunnel:
    """Listens on `port`, and passes what comes on to another port of this computer, until closed.

    `to`: where to, which may be said later. `received` counts the bytes of requests that came through. `show` changes
    the certificate.
    """

    def __init__(self, to: int, shown: trustme.LeafCert) -> None:
        self.to = to
        self.received = 0
        self.show(shown)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._listen)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def show(self, shown: trustme.LeafCert) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        shown.configure_cert(context)
        self._context = context

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: object, *values: object) -> None:
        thread = threading.Thread(target=work, args=values, name="tunnel", daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, plain)

    def _serve(self, plain: socket.socket) -> None:
        try:
            secure = self._context.wrap_socket(plain, server_side=True)
        except (OSError, ssl.SSLError):
            plain.close()
            return
        inner = socket.create_connection(("127.0.0.1", self.to))
        self._open += [secure, inner]
        self._start(self._pass_on, inner, secure, False)
        self._pass_on(secure, inner, True)

    def _pass_on(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(STEP):
                self.received += len(data) if counted else 0
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
