"""Calls back when something in a few folders may have changed: watchdog's events, debounced.

After the first event it waits until QUIET_S pass without another, but LATEST_S at most; then it calls back, without
holding a lock. Every POLL_S it checks what raises no events: a folder that does not exist yet, or a system that is out
of watches. Every READ_EVERY polls it calls back without an event, for network drives that other computers write to.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import EVENT_TYPE_CLOSED_NO_WRITE, EVENT_TYPE_OPENED, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

log = logging.getLogger(__name__)
QUIET_S, LATEST_S, POLL_S = 0.15, 0.5, 5.0
START_S, CLOSE_S = 5.0, 5.0
"""How long starting and closing wait for a folder that does not answer."""

READ_EVERY = 6
"""Not every poll reads the folders, so that an idle daemon stays idle."""

_READING = (EVENT_TYPE_OPENED, EVENT_TYPE_CLOSED_NO_WRITE)
Identity = tuple[int, int]


class Watcher(FileSystemEventHandler):
    """`changed` runs on a thread of this object; `close` joins it and the observer's."""

    def __init__(self, folders: Iterable[Path], changed: Callable[[], None], poll_s: float = POLL_S) -> None:
        self._folders = tuple(folders)
        self._changed = changed
        self._poll_s = poll_s
        self._condition = threading.Condition()
        self._first = self._last = 0.0
        self._closing = False
        self._watching = threading.Event()
        self._watches: dict[Path, tuple[Identity, ObservedWatch]] = {}
        self._observer = Observer()
        self._observer.name = "preset-observer"
        self._thread = threading.Thread(target=self._run, name="preset-watcher", daemon=True)

    def start(self) -> None:
        """Changes from now on are told; those in a folder that does not answer yet, once it does."""
        self._observer.start()
        self._thread.start()
        self._watching.wait(START_S)

    def close(self) -> None:
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._observer.stop()
        for thread in (self._observer, self._thread):
            if thread.is_alive():
                thread.join(CLOSE_S)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _READING:
            self._note()

    def _note(self) -> None:
        with self._condition:
            self._last = time.monotonic()
            self._first = self._first or self._last
            self._condition.notify_all()

    def _run(self) -> None:
        began, quiet = time.monotonic(), 0
        try:
            self._watch_all()
        finally:
            self._watching.set()
        if time.monotonic() - began > START_S:
            self._note()
        while (event := self._wait()) is not None:
            try:
                quiet = 0 if self._watch_all() or event else quiet + 1
                if quiet % READ_EVERY == 0:
                    self._changed()
            except Exception:  # this thread must survive any content of a folder
                log.exception("presets could not be read again")

    def _wait(self) -> bool | None:
        """Wait for the next event or poll. Whether there was an event; None when closing."""
        with self._condition:
            self._condition.wait_for(lambda: self._closing or self._first, timeout=self._poll_s)
            while self._first and not self._closing:
                due = min(self._last + QUIET_S, self._first + LATEST_S) - time.monotonic()
                if due <= 0:
                    break
                self._condition.wait(due)
            event, self._first = self._first > 0, 0.0
            return None if self._closing else event

    def _watch_all(self) -> bool:
        """Watch what has appeared; a folder that was deleted and made again is another folder.

        Returns whether a folder has changed in a way that raised no event.
        """
        changed = False
        for folder in self._folders:
            identity = _identity(folder)
            known = self._watches.get(folder)
            if known and known[0] != identity:
                self._forget(folder)
                changed = True
            if identity and folder not in self._watches:
                self._watch(folder, identity)
                changed = True
        return changed

    def _watch(self, folder: Path, identity: Identity) -> None:
        try:
            watch = self._observer.schedule(self, str(folder), recursive=True)
        except OSError as error:
            log.info("%s cannot be watched, it is read every %g s: %s", folder, self._poll_s, error)
        else:
            self._watches[folder] = (identity, watch)

    def _forget(self, folder: Path) -> None:
        _, watch = self._watches.pop(folder)
        try:
            self._observer.unschedule(watch)
        except KeyError:
            log.debug("%s was no longer watched", folder)


def _identity(folder: Path) -> Identity | None:
    try:
        stat = folder.stat()
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino)
