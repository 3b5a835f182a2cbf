"""The thread that looks after the daemon: it never touches Qt or Krita.

What comes back lies in `inbox`; the one timer takes it out in Krita's own thread. Krita's calls spin its event loop,
so anything that called back from here would re-enter them sooner or later.
"""

import queue
import threading
from typing import Any, Callable, Optional

from ..neural_style_client import discovery, remotes, status
from ..neural_style_client.api import Client
from ..neural_style_client.errors import DaemonBusy, DaemonError, DaemonGone, PainterError, explain
from ..neural_style_client.translations import N_, tr

LOOK_EVERY_S = 3.0
LOOK_SELDOM_S = 30.0
LOOK_SOON_S = 0.5
"""While the daemon warms up: the painter waits for it to become ready."""
HEALTH_TIMEOUT_S = 2.0
Work = Callable[[Client], Any]


class DaemonThread:
    """Finds or starts the daemon, looks at its health, and makes requests one after the other.

    `told(what, value)` hears through the inbox of a state of `status` with its detail, or of "health" with its record.
    """

    def __init__(self, told: Callable[[str, Any], None]) -> None:
        self.inbox: "queue.Queue" = queue.Queue()
        self.wake: Callable[[], None] = lambda: None
        """Called from any thread when something was laid into the inbox."""
        self.client: Optional[Client] = None
        self.attentive = False
        self._told = told
        self._requests: "queue.Queue" = queue.Queue()
        self._may_start = True
        self._was_seen = False
        self._is_warming = False
        self._place = ""
        self._finding = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="neural-style", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._requests.put(None)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def look_again(self) -> None:
        """Find the daemon now, and start one if there is none."""
        self._may_start = True
        self.request(lambda client: None)

    def request(self, work: Work, done: Any = None, failed: Any = None) -> None:
        """`done(work(client))` in Krita's thread when it is this request's turn, or `failed(text)`."""
        self._requests.put((work, done, failed))

    def post(self, call: Optional[Callable[..., Any]], *values: Any) -> None:
        """Have `call(*values)` called in Krita's thread."""
        if call is not None:
            self.inbox.put((call, values))
            self.wake()

    def find(self) -> Client:
        """The daemon's client; blocks while one is started. Raises DaemonGone or PainterError."""
        with self._finding:  # two who find none at the same time would start two
            client = remotes.find_chosen()
            if client is None and not discovery.is_installed():
                self.client = None
                self._tell_missing()
                advice = N_("There is no daemon to start. Run “neural-style install-plugins” and restart Krita.")
                raise PainterError(tr(advice))
            if client is None:
                self.post(self._told, status.STARTING, "")
                client = discovery.start_daemon()
            self.client, self._was_seen = client, True
            return client

    def _tell_missing(self) -> None:
        """One that was there is lost; that none can be started here is the reason only where none ever was."""
        self.post(self._told, status.LOST if self._was_seen else status.NOT_INSTALLED, "")

    def _serve(self) -> None:
        while True:
            try:
                request = self._requests.get(timeout=self._look_after_s())
            except queue.Empty:
                self._check_health()
                continue
            if request is None:
                return
            try:
                self._run(self._connected(), *request)
            except Exception as error:  # the border between the thread and the painter, here and below
                self._report_loss(error)
                self.post(request[2], explain(error))
            else:
                if self._requests.empty():
                    self._check_health()

    def _look_after_s(self) -> float:
        """How long until the daemon's health is looked at again."""
        if not self.attentive:
            return LOOK_SELDOM_S
        return LOOK_SOON_S if self._is_warming else LOOK_EVERY_S

    def _known(self) -> Optional[Client]:
        """What was found last, unless the painter has chosen another computer since, here or in another editor."""
        place = remotes.chosen()
        if place != self._place:
            self._place, self.client = place, None
        return self.client

    def _connected(self) -> Client:
        """The known daemon if it still lives, else another."""
        known = self._known()
        if known is not None:
            try:
                known.health(HEALTH_TIMEOUT_S)
                return known
            except (DaemonGone, DaemonError) as error:
                self._report_loss(error)
        return self.find()

    def _run(self, client: Client, work: Work, done: Any, failed: Any) -> None:
        try:
            self.post(done, work(client))
        except Exception as error:
            self.post(failed, explain(error))

    def _check_health(self) -> None:
        """A daemon that went away is looked for, but only started again when somebody needs it."""
        try:
            client = self._known() or remotes.find_chosen()
            if client is None and not discovery.is_installed():
                self._tell_missing()
            elif client is None and self.attentive and self._may_start:
                self._may_start = False
                client = self.find()
            if client is not None:
                self.client, self._was_seen = client, True
                health = client.health(HEALTH_TIMEOUT_S)
                self._is_warming = health.get("worker") == "starting"
                self.post(self._told, "health", health)
        except Exception as error:
            self._report_loss(error)

    def _report_loss(self, error: BaseException) -> None:
        """A daemon that is only slow is not lost: the same one is asked again."""
        if isinstance(error, DaemonBusy):
            self.post(self._told, status.SLOW, "")
            return
        self.client = None
        if not isinstance(error, PainterError):
            self.post(self._told, status.LOST, explain(error))
