"""Where the daemon is, whether it lives, and how it is started.

A daemon writes `daemon.json` (its address and token) into its home folder and holds `daemon.lock` there for as long
as it lives. So a daemon that answers slowly, or is just starting or ending, is told from one that is gone.
"""

import os
import stat
import subprocess
import sys
import time
from typing import IO, Any, Dict, List, Optional, Tuple

from .api import Client
from .errors import DaemonBusy, DaemonError, DaemonGone
from .json_file import open_regular, read_json
from .translations import tr

API_VERSION = 1
CONFIG_NAME = "neural_style_config.json"
"""Beside this package in an installed plug-in: {"command": [...], "home": "..."}; how the editor starts the daemon."""

QUICK_S, PATIENT_S, PAUSE_S = 2.0, 30.0, 0.05
_started: List[Any] = []
"""Daemons that this process has started; they are polled so that none stays a zombie."""


def home_folder() -> str:
    """Where the user's files live; `NEURAL_STYLE_HOME` overrides it, then the installed config."""
    override = os.environ.get("NEURAL_STYLE_HOME") or _config().get("home")
    if override:
        return os.path.abspath(os.path.expanduser(str(override)))
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA", os.path.expanduser("~")), "neural-style")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Application Support/neural-style")
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(state, "neural-style")


def find_daemon(
    timeout_s: float = QUICK_S, any_api: bool = False, home: Optional[str] = None, patience_s: float = PATIENT_S
) -> Optional[Client]:
    """A client of the daemon of `home` (the user's own unless given), or None where none runs.

    A `daemon.json` left behind by a dead daemon is ignored. One that lives but has not answered after `timeout_s` is
    given `patience_s` more. Raises DaemonBusy where it still has not answered then, and DaemonGone where it speaks
    another version of the API, unless `any_api`, which is enough to stop it.
    """
    home = home or home_folder()
    deadline, wait_s = time.monotonic() + timeout_s + patience_s, timeout_s
    while True:
        silent = False
        try:
            client, spoken = _ask(home, wait_s)
            break
        except (OSError, ValueError, KeyError, TypeError, DaemonError, DaemonGone) as error:
            silent = isinstance(error, DaemonBusy)
        if not _is_alive(home, silent):
            return None
        wait_s = deadline - time.monotonic()
        if wait_s <= PAUSE_S:
            raise DaemonBusy(
                tr(
                    "The daemon is busy: it has not answered for {:.0f} s. Wait a moment, then try again.",
                    timeout_s + patience_s,
                )
            )
        time.sleep(PAUSE_S)
    if spoken != API_VERSION and not any_api:
        raise DaemonGone(
            tr(
                "The running daemon speaks API version {} and this plug-in version {}. "
                "Run 'neural-style stop', then 'neural-style install-plugins'.",
                spoken,
                API_VERSION,
            )
        )
    return client


def _ask(home: str, wait_s: float) -> Tuple[Client, int]:
    """A client, and the version of the API that the daemon speaks. Raises what shows that no daemon has answered."""
    found = read_json(os.path.join(home, "daemon.json"))
    client = Client(str(found["url"]), str(found["token"]))
    return client, int(client.health(wait_s)["api"])  # a stranger at its port has no such thing


def start_daemon(timeout_s: float = 20.0) -> Client:
    """Start the daemon detached and wait until it answers. Raises DaemonGone with what to do."""
    home = home_folder()
    log_path = os.path.join(home, "start.log")
    os.makedirs(home, mode=0o700, exist_ok=True)
    options: Dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {"creationflags": 0x00000008 | 0x00000200}  # DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP
    environment = dict(os.environ, NEURAL_STYLE_HOME=home)
    for name in ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "QT_PLUGIN_PATH"):
        environment.pop(name, None)  # an editor's own Python must not leak into the daemon's
    try:
        with _start_log(log_path) as log:
            process = subprocess.Popen(
                daemon_command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, **options
            )
    except OSError as error:
        raise DaemonGone(
            tr("The daemon could not be started ({}). Run 'neural-style install-plugins' again.", error)
        ) from None
    _started.append(process)
    for earlier in _started:
        earlier.poll()
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        client = find_daemon(patience_s=max(0.0, deadline - time.monotonic() - QUICK_S))
        if client is not None:
            return client
        if process.poll() not in (None, 0):
            break
        time.sleep(0.05)
    raise DaemonGone(tr("The daemon did not start. Run 'neural-style doctor'; its last words are in {}", log_path))


def connect(timeout_s: float = 20.0) -> Client:
    """The running daemon, or a freshly started one."""
    return find_daemon() or start_daemon(timeout_s)


def daemon_command() -> List[str]:
    """How to start the daemon: from the installed config, else with the Python that runs this."""
    configured = _config().get("command")
    if configured:
        return [str(word) for word in configured]
    return [sys.executable, "-m", "neural_style_server", "serve", "--idle-exit", "1800"]


def is_installed() -> bool:
    """Whether the installer wrote down how to start the daemon; inside an editor nothing else could tell."""
    return os.path.exists(_config_path())


def _is_alive(home: str, silent: bool) -> bool:
    """Whether a daemon holds its lock. Unlike a process id, that is seen from within a sandbox, and never reused.

    On Windows nobody can be asked: whoever is `silent` at the daemon's port, but takes connections, counts as one.
    """
    try:
        import fcntl
    except ImportError:
        return silent
    try:
        with open_regular(os.path.join(home, "daemon.lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _start_log(path: str) -> IO[bytes]:
    """Where the daemon's words go until it has a log of its own; where that is no file, nowhere. Never waits."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        log = os.fdopen(os.open(path, flags, 0o600), "wb")
    except OSError:
        return open(os.devnull, "wb")
    if stat.S_ISREG(os.fstat(log.fileno()).st_mode):
        return log
    log.close()
    return open(os.devnull, "wb")


def _config_path() -> str:
    return os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), CONFIG_NAME)


def _config() -> Dict[str, Any]:
    try:
        found = read_json(_config_path())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
