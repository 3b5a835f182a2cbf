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

CODE_S = 60.0
"""How long a code works: a cold browser has to start."""

IDLE_S = 12 * 3600.0
"""A session that asked for nothing for so long is over."""

MOST_CODES, MOST_SESSIONS = 16, 64
"""The oldest make room for new ones."""


class Sessions:
    """Codes and sessions that are open. `clock` is in seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._codes: OrderedDict[bytes, float] = OrderedDict()
        self._sessions: OrderedDict[bytes, float] = OrderedDict()

    def new_code(self) -> str:
        code = secrets.token_urlsafe(32)
        with self._lock:
            _keep(self._codes, code, self._clock() + CODE_S, MOST_CODES)
        return code

    def begin(self, code: str) -> str | None:
        """The secret of a new session, or None where the code is unknown, used or too old."""
        with self._lock:
            if self._codes.pop(_hash(code), -1.0) <= self._clock():
                return None
            secret = secrets.token_urlsafe(32)
            _keep(self._sessions, secret, self._clock() + IDLE_S, MOST_SESSIONS)
            return secret

    def is_open(self, secret: str) -> bool:
        """Asking keeps it open."""
        with self._lock:
            if self._sessions.pop(_hash(secret), -1.0) <= self._clock():
                return False
            _keep(self._sessions, secret, self._clock() + IDLE_S, MOST_SESSIONS)
            return True

    def end(self, secret: str) -> None:
        with self._lock:
            self._sessions.pop(_hash(secret), None)

    def end_all(self) -> None:
        """Codes that have not been used are worthless, too."""
        with self._lock:
            self._codes.clear()
            self._sessions.clear()


def csrf_token(secret: str) -> str:
    """What a session's page sends with every change. Its cookie cannot be made of it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_token(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(), csrf_token(secret).encode())


def _keep(kept: OrderedDict[bytes, float], secret: str, until: float, most: int) -> None:
    kept[_hash(secret)] = until
    while len(kept) > most:
        kept.popitem(last=False)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
