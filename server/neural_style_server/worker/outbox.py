"""Where the worker's messages leave it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TextIO

from ..jobs.messages import Ended, Message, Progress, as_line

PROGRESS_S = 0.05
log = logging.getLogger(__name__)


class Outbox:
    """Delivers messages, and only some of a run's progress. `broken`: the daemon is gone.

    Then `deliver` raises OSError or ValueError, which is no failure of a job: the worker saves them all and ends.
    """

    def __init__(self, deliver: Callable[[Message], None]) -> None:
        self._deliver = deliver
        self.broken = False
        self._last_progress: dict[str, float] = {}

    def send(self, message: Message) -> None:
        if isinstance(message, Progress) and not self._is_due(message):
            return
        if isinstance(message, Ended):
            self._last_progress.pop(message.id, None)
        try:
            self._deliver(message)
        except (OSError, ValueError) as error:
            if not self.broken:
                log.warning("the daemon is gone (%s)", error)
            self.broken = True

    def send_all(self, messages: Iterable[Message]) -> None:
        """As they come: each is made while the one before is on its way."""
        for message in messages:
            self.send(message)

    def _is_due(self, message: Progress) -> bool:
        now, identity = time.monotonic(), message.id
        always = message.iteration in (1, message.iterations)
        if not always and now - self._last_progress.get(identity, 0) < PROGRESS_S:
            return False
        self._last_progress[identity] = now
        return True


def lines_to(out: TextIO) -> Callable[[Message], None]:
    """Delivers messages through a pipe."""

    def deliver(message: Message) -> None:
        out.write(as_line(message))
        out.flush()

    return deliver
