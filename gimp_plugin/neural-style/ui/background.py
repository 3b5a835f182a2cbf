"""Work on a thread, its outcome in the main loop; and calls that wait until the painter pauses."""

import threading

from gi.repository import GLib


def in_background(work, then, failed):
    """`then(value)` or `failed(error)` is called in the main loop when `work()` has ended on its thread."""

    def run():
        try:
            value = work()
        except Exception as error:  # handed over, not swallowed
            GLib.idle_add(_once, failed, error)
        else:
            GLib.idle_add(_once, then, value)

    threading.Thread(target=run, name="neural-style-background", daemon=True).start()


def _once(call, value):
    call(value)
    return GLib.SOURCE_REMOVE


class Debounced:
    """Calls once, when nothing was asked for during `pause_ms`."""

    def __init__(self, call):
        self._call, self._source = call, 0

    def ask(self, *_, pause_ms=300):
        self.stop()
        self._source = GLib.timeout_add(pause_ms, self._now)

    def stop(self):
        if self._source:
            GLib.source_remove(self._source)
            self._source = 0

    def _now(self):
        self._source = 0
        self._call()
        return GLib.SOURCE_REMOVE
