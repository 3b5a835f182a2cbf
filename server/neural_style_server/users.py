"""The names of the people who share a daemon. Each record on the disk has an owner; what has no other is OWNER's."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

OWNER = "owner"
"""Who runs the daemon and has the token in daemon.json."""

USER_PATTERN = "^[a-z0-9][a-z0-9-]{0,39}$"


class Holder(NamedTuple):
    """Who asks, and with which token: `key` is the token's hash, "" of the daemon's own."""

    user: str
    key: str = ""


def user_home(home: Path, user: str) -> Path:
    """Where a user's presets and favourites are."""
    return home if user == OWNER else home / "users" / user
