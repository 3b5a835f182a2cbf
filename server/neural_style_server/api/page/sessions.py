"""Who may see the page: a one-time code becomes a session, the session has a CSRF token.

A code is made for whoever has the daemon's token, and travels in the address that a browser is told to open. It works
once and not for long, so that neither the browser's history nor a list of processes is worth reading. All of this is
in memory alone and ends with the daemon. Secrets are looked up by their hash, so that no comparison tells how much of a
guess was right.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

CODE_S = 60.0
"""How long a code works: a cold browser has to start."""

IDLE_S = 12 * 3600.0
"""A session that asked for nothing for so long is over."""

MOST_CODES, MOST_SESSIONS = 16, 64
"""Of one holder. His oldest make room for new ones; nobody shuts another out."""


class Open(NamedTuple):
    """Who got it, and until when it is good."""

    holder: Any
    until: float


class Sessions:
    """Codes and sessions that are open, each with its holder: whoever asked for the code. `clock` is in seconds and
    never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._codes: OrderedDict[bytes, Open] = OrderedDict()
        self._sessions: OrderedDict[bytes, Open] = OrderedDict()

    def new_code(self, holder: Any) -> str:
        code = secrets.token_urlsafe(32)
        with self._lock:
            _keep(self._codes, code, Open(holder, self._clock() + CODE_S), MOST_CODES)
        return code

    def begin(self, code: str) -> str | None:
        """The secret of a new session, or None where the code is unknown, used or too old."""
        with self._lock:
            found = self._codes.pop(_hash(code), None)
            if found is None or found.until <= self._clock():
                return None
            secret = secrets.token_urlsafe(32)
            _keep(self._sessions, secret, Open(found.holder, self._clock() + IDLE_S), MOST_SESSIONS)
            return secret

    def holder(self, secret: str) -> Any:
        """Whose open session it is, or None. Asking keeps it open."""
        with self._lock:
            found = self._sessions.pop(_hash(secret), None)
            if found is None or found.until <= self._clock():
                return None
            _keep(self._sessions, secret, Open(found.holder, self._clock() + IDLE_S), MOST_SESSIONS)
            return found.holder

    def end(self, secret: str) -> None:
        with self._lock:
            self._sessions.pop(_hash(secret), None)

    def end_all(self, holder: Any = None) -> None:
        """Of one holder, or of all. Codes that have not been used are worthless, too."""
        with self._lock:
            for kept in (self._codes, self._sessions):
                for name in [name for name, it in kept.items() if holder in (None, it.holder)]:
                    del kept[name]


def csrf_token(secret: str) -> str:
    """What a session's page sends with every change. Its cookie cannot be made of it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_token(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), csrf_token(secret).encode())


def _keep(kept: OrderedDict[bytes, Open], secret: str, opened: Open, most: int) -> None:
    kept[_hash(secret)] = opened
    own = [name for name, it in kept.items() if it.holder == opened.holder]
    for name in own[:-most]:
        del kept[name]


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
