"""All conversation with the daemon, on threads that never touch Qt or Krita.

What comes back lies in `inbox`; the docker's one timer takes it out in Krita's own thread. Krita's calls
spin its event loop, so anything that called back from here would re-enter them sooner or later.
"""

import os
import queue
import re
import threading
from typing import Any, Callable, NamedTuple, Optional

from . import client as daemon
from .problems import Problem
from .words import tr

LOOK_EVERY_S = 3.0
LOOK_SELDOM_S = 30.0
LOOK_SOON_S = 0.5
"""While the daemon warms up: the painter waits for the word that it is ready."""


class Reply(NamedTuple):
    """`call(*values)` is due in Krita's thread."""

    call: Callable[..., Any]
    values: tuple


def is_installed() -> bool:
    """Whether the installer wrote down how to start the daemon (the client cannot guess it inside Krita)."""
    return os.path.exists(os.path.join(os.path.dirname(os.path.abspath(daemon.__file__)), daemon.CONFIG_NAME))


def words_of(error: BaseException) -> str:
    """What to show a painter for a failure."""
    if isinstance(error, (Problem, daemon.DaemonError)):
        return str(error)
    if isinstance(error, daemon.DaemonGone):
        return re.sub(r" \([^)]*\)", "", str(error))  # what the system called it helps no painter
    return tr("Something unexpected happened ({}). Please try again.", error)


class Courier:
    """Finds or starts the daemon, looks after its health and runs errands one after the other.

    `connection` hears "missing", "starting", "health" and "lost" through the inbox.
    """

    def __init__(self, told: Callable[[str, Any], None]) -> None:
        self.inbox = queue.Queue()  # type: queue.Queue[Reply]
        self.client = None  # type: Optional[daemon.Client]
        self.attentive = False
        self._told = told
        self._errands = queue.Queue()  # type: queue.Queue[Optional[tuple]]
        self._may_start = True
        self._is_warming = False
        self._finding = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="neural-style", daemon=True)

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._errands.put(None)

    def look_again(self) -> None:
        """Find the daemon now, and start one if there is none."""
        self._may_start = True
        self._errands.put((lambda client: None, None, None))

    def errand(
        self,
        work: Callable[[daemon.Client], Any],
        done: Optional[Callable[[Any], None]] = None,
        failed: Optional[Callable[[str], None]] = None,
    ) -> None:
        """`done(work(client))` in Krita's thread when it is this errand's turn, or `failed(words)`."""
        self._errands.put((work, done, failed))

    def urgent(self, work: Callable[[daemon.Client], Any], failed: Optional[Callable[[str], None]] = None) -> None:
        """The same at once, on a thread of its own: a cancel must not wait behind an upload."""
        client = self.client
        if client is not None:
            threading.Thread(
                target=self._run, args=(client, work, None, failed), name="neural-style-urgent", daemon=True
            ).start()

    def post(self, call: Optional[Callable[..., Any]], *values: Any) -> None:
        if call is not None:
            self.inbox.put(Reply(call, values))

    def find(self) -> "daemon.Client":
        """The daemon's client; blocks while one is started. Raises DaemonGone or Problem."""
        with self._finding:  # two who find none at the same time would start two
            return self._found_or_started()

    def _found_or_started(self) -> "daemon.Client":
        client = daemon.find_daemon()
        if client is None and not is_installed():
            self.client = None
            self.post(self._told, "missing", None)
            raise Problem(tr("The daemon is not installed. Run “neural-style install-plugins” and restart Krita."))
        if client is None:
            self.post(self._told, "starting", None)
            client = daemon.start_daemon()
        self.client = client
        return client

    def _serve(self) -> None:
        while True:
            try:
                errand = self._errands.get(timeout=self._patience_s())
            except queue.Empty:
                self._check_health()
                continue
            if errand is None:
                return
            try:
                client = self._connected()
            except (daemon.DaemonGone, daemon.DaemonError, Problem, OSError) as error:
                self._report_loss(error)
                self.post(errand[2], words_of(error))
                continue
            self._run(client, *errand)
            if self._errands.empty():
                self._check_health()

    def _patience_s(self) -> float:
        """How long until the daemon's health is looked at again."""
        if not self.attentive:
            return LOOK_SELDOM_S
        return LOOK_SOON_S if self._is_warming else LOOK_EVERY_S

    def _connected(self) -> "daemon.Client":
        """The known daemon if it still lives, else another."""
        if self.client is not None:
            try:
                self.client.health(2.0)
                return self.client
            except (daemon.DaemonGone, daemon.DaemonError):
                self.client = None
        return self.find()

    def _run(self, client: "daemon.Client", work: Any, done: Any, failed: Any) -> None:
        try:
            self.post(done, work(client))
        except (daemon.DaemonGone, daemon.DaemonError, OSError, ValueError, KeyError) as error:
            self.post(failed, words_of(error))

    def _check_health(self) -> None:
        """A daemon that went away is looked for, but only started again when somebody needs it."""
        try:
            client = self.client or daemon.find_daemon()
            if client is None:
                if not is_installed():
                    self.post(self._told, "missing", None)
                elif self.attentive and self._may_start:
                    self._may_start = False
                    client = self.find()
            if client is not None:
                self.client = client
                health = client.health(2.0)
                self._is_warming = health.get("worker") == "starting"
                self.post(self._told, "health", health)
        except (daemon.DaemonGone, daemon.DaemonError, Problem, OSError) as error:
            self._report_loss(error)

    def _report_loss(self, error: BaseException) -> None:
        self.client = None
        if not isinstance(error, Problem):
            self.post(self._told, "lost", words_of(error))
