"""The daemon: one for each user. Puts settings, library, jobs and routes together and serves them with waitress."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from neural_style_client import DaemonBusy, DaemonGone, find_daemon

from .. import API_VERSION, __version__
from ..cluster.opening import open_cluster
from ..engine.memory.allocator import limit_arenas, map_small_blocks
from ..errors import Conflict
from ..files import make_way, private_folder, remove_halves, write_json
from ..jobs.assembly import Jobs
from ..jobs.controller import JobController
from ..jobs.options import worker_options
from ..jobs.pool import DevicePool
from ..jobs.worker_process import WorkerLog, WorkerProcess
from ..presets.library import Library, standard_sources
from ..settings import Settings
from ..tokens import Tokens
from .app import create_app
from .listener import LAST_PORT, listen
from .logs import PrintedLines, start_log
from .security import Keys, check_caller, host_names, public_hosts
from .server import SWITCH_S, open_server
from .services import Services

log = logging.getLogger(__name__)

TAKEOVER_S = 20.0
"""How long a former daemon may take to save its jobs and end."""


@dataclass
class Activity:
    """When a client last sent a request; an idle daemon ends after a while."""

    last: float = field(default_factory=time.monotonic)

    def touch(self) -> None:
        self.last = time.monotonic()


def serve(home: Path, settings: Settings, idle_exit_s: float | None = None) -> None:
    """Run until stopped. Raises Conflict where this user's daemon runs already."""
    limit_arenas()
    map_small_blocks()  # what an upload took goes back to the system
    sys.setswitchinterval(SWITCH_S)
    os.umask(0o077)  # nothing that the daemon writes is for others
    private_folder(home)
    os.chmod(home, 0o700)
    for path in (home / "daemon.lock", home / "daemon.json", home / LAST_PORT, *home.glob("*.log*")):
        make_way(path)
    lock = FileLock(home / "daemon.lock")
    _hold(lock, home)
    try:
        start_log(home, settings)
        remove_halves(home)
        with closing(PrintedLines()):
            _serve_locked(home, settings, idle_exit_s)
    finally:
        lock.release()


def _hold(lock: FileLock, home: Path) -> None:
    """Take the lock that allows one daemon per user. Waits for one that is ending; raises Conflict if one answers."""
    deadline = time.monotonic() + TAKEOVER_S
    while True:
        try:
            lock.acquire(timeout=0.2)
            return
        except Timeout:
            if _answers(home) or time.monotonic() > deadline:
                raise Conflict(
                    "The daemon is running already.", code="running", hint="'neural-style status' shows it."
                ) from None


def _answers(home: Path) -> bool:
    """Whether a daemon of this home answers; a busy one, or one that is ending, does not."""
    try:
        return find_daemon(0.5, home=str(home), patience_s=0) is not None  # `_hold` has the deadline
    except DaemonBusy:
        return False
    except DaemonGone:  # it speaks another version of the API
        return True


def _serve_locked(home: Path, settings: Settings, idle_exit_s: float | None) -> None:
    listener = listen(settings, home)
    host, port = listener.getsockname()[:2]
    public = public_hosts(settings.public_name)
    keys = Keys(secrets.token_urlsafe(32), host_names(settings.host, port) | public, Tokens(home), public)
    activity = Activity()
    library = Library(standard_sources(home, settings.preset_folders), home=home, watch=True)
    worker_log = WorkerLog(home / "worker.log", settings.log_bytes)
    jobs = Jobs(home, library, open_pool(home, settings, worker_log), settings)
    controller = jobs.controller
    services = Services(
        settings,
        home,
        jobs.workspaces,
        jobs.status,
        jobs.counters,
        keys,
        _stop_soon,
        activity.touch,
    )
    server = open_server(
        create_app(services),
        listener,
        settings,
        lambda caller: check_caller(caller, keys),
    )
    discovery = home / "daemon.json"
    write_json(
        discovery,
        {
            "url": f"http://{_url_host(host)}:{port}",
            "token": keys.token,
            "pid": os.getpid(),
            "version": __version__,
            "api": API_VERSION,
        },
    )
    log.info("listening on %s:%d", host, port)
    controller.warm()
    ended = threading.Event()
    if idle_exit_s is not None:
        threading.Thread(
            target=_watch_idleness, args=(controller, activity, idle_exit_s, ended), name="idle-exit", daemon=True
        ).start()

    def leave(*_: object) -> None:
        controller.hang_up()  # or the server would wait for its open event streams
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    try:
        server.run()
    finally:
        ended.set()
        with suppress(OSError):
            discovery.unlink()
        jobs.close()
        worker_log.close()
        library.close()
        server.close()
        log.info("stopped")


def open_pool(home: Path, settings: Settings, log: WorkerLog) -> DevicePool:
    """Of the cluster's workers where one is set, else of this machine's."""
    return _local_pool(home, settings, log) if settings.cluster is None else open_cluster(home, settings, log.write)


def _local_pool(home: Path, settings: Settings, log: WorkerLog) -> DevicePool:
    """A worker for each of `devices`; where that is null for `device` and, if it is auto, for every other GPU."""
    devices = settings.devices or [settings.device]
    processors = devices.count("cpu")
    shared = max(1, (os.cpu_count() or 1) // processors) if processors > 1 else 0
    options = [
        worker_options(
            settings,
            device=device,
            threads=settings.threads or (shared if device == "cpu" else 0),
            calibrate=number == 0,
        )
        for number, device in enumerate(devices)
    ]
    return DevicePool(
        options,
        lambda options, on_message, on_exit: WorkerProcess(home, options, on_message, on_exit, log.write),
        discover=settings.devices is None and settings.device == "auto",
        idle_unload_s=settings.idle_unload_s,
    )


def _url_host(host: str) -> str:
    """How a client on this computer calls the address that the daemon listens at."""
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def _watch_idleness(controller: JobController, activity: Activity, idle_exit_s: float, ended: threading.Event) -> None:
    while not ended.wait(min(30.0, max(0.5, idle_exit_s / 4))):
        if any(controller.status.counts().values()):
            activity.touch()
        elif time.monotonic() - activity.last > idle_exit_s:
            log.info("no request in %.0f s: the daemon ends", idle_exit_s)
            _stop_soon()
            return


def _stop_soon() -> None:
    """Let the present answer go out, then stop the server's loop in the main thread."""
    if sys.platform == "win32":
        action, details = signal.raise_signal, (signal.SIGTERM,)
    else:  # to the main thread, whose select it interrupts
        action, details = signal.pthread_kill, (threading.main_thread().ident or 0, signal.SIGTERM)
    timer = threading.Timer(0.1, action, details)
    timer.daemon = True
    timer.start()
