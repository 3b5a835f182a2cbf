"""The socket that the daemon listens at."""

from __future__ import annotations

import socket
import sys
from contextlib import suppress
from pathlib import Path

from ..errors import NeuralStyleError
from ..files import read_json, write_json
from ..settings import Settings

LAST_PORT = "port.json"
"""In the home folder."""


def listen(settings: Settings, home: Path) -> socket.socket:
    """At the address of the settings. Where any port will do, at the former one if it is free: a page that is still
    open finds the daemon again. Raises NeuralStyleError."""
    former = read_json(home / LAST_PORT)
    if settings.port == 0 and type(former) is int and 0 < former < 2**16:
        with suppress(NeuralStyleError):
            return _bind(settings.host, former)
    listener = _bind(settings.host, settings.port)
    with suppress(NeuralStyleError, OSError):  # the next start takes any port, as this one did
        write_json(home / LAST_PORT, listener.getsockname()[1])
    return listener


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise NeuralStyleError(
            f"The address {host}:{port} cannot be used ({error.strerror}).",
            code="address_in_use",
            hint="Set 'port' to 0 for any free one.",
        ) from None
    return listener
