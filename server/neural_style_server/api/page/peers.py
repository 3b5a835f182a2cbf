"""Whose program is at the other end of a connection from this computer; Linux tells.

A code stands in the address that a browser is started with, which other users of the computer may read in the list of
processes, and cookies are sent to every port of a host, so also to other users' programs. Neither is of use to them.
"""

from __future__ import annotations

import ipaddress
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = 0


def is_own(environ: Mapping[str, Any]) -> bool:
    """Whether the peer of a WSGI request is this user's or the system's, or cannot be known: on another computer, in
    another network namespace, on another system."""
    try:
        user = user_of(str(environ["REMOTE_ADDR"]), int(environ["REMOTE_PORT"]), int(environ["SERVER_PORT"]))
    except (KeyError, ValueError):
        return True
    return user is None or user in (ROOT, os.getuid())


def user_of(address: str, port: int, to: int) -> int | None:
    """The user id of the socket at `address` and `port` of this computer that is connected to the port `to`."""
    given = ipaddress.ip_address(address)
    mapped = getattr(given, "ipv4_mapped", None)
    peer = given if mapped is None else mapped
    table = Path("/proc/net/tcp" if peer.version == 4 else "/proc/net/tcp6")
    wanted = f"{_in_kernel_s_form(peer)}:{port:04X}"
    try:
        rows = [line.split() for line in table.read_text("ascii").splitlines()[1:]]
    except (OSError, ValueError):
        return None
    return next((int(row[7]) for row in rows if row[1] == wanted and row[2].endswith(f":{to:04X}")), None)


def _in_kernel_s_form(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Words of 32 bits, each a number in the machine's own order."""
    words = struct.unpack(f"={len(address.packed) // 4}I", address.packed)
    return "".join(f"{word:08X}" for word in words)
