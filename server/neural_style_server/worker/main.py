"""The worker process: holds the network warm and paints its runs, a slice of time each in turn.

Commands come on standard input, messages go out on standard output, as `jobs/messages.py` describes. When either pipe
breaks, the daemon is gone: the worker saves all runs and ends. An actor of a cluster has the same `Worker`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import EngineError, NeuralStyleError
from ..jobs.messages import (
    ChangeRun,
    Command,
    Ended,
    EndRun,
    ExtendRun,
    Failed,
    Message,
    Quit,
    Started,
    StartRun,
    WorkerOptions,
    read_command,
)
from .outbox import Outbox, lines_to

if TYPE_CHECKING:
    from .warm_network import WarmNetwork

SLICE_S = 1.0
"""How long one of several runs is painted before the next has its turn."""

REST_S = 1.0
"""Without work, before memory is given back: a next job that comes at once need not wait a tenth of a second."""

NICENESS = 5

WarmUp = Callable[[Path, Path, WorkerOptions], "WarmNetwork"]
log = logging.getLogger(__name__)


class Worker:
    """Reads commands, paints, delivers messages. One thread paints; another only reads.

    `warm_up` gives what runs are made with. `leave` ends the process at once where the daemon goes before that: there
    is nothing to save.
    """

    def __init__(
        self,
        warm_up: Callable[[], WarmNetwork],
        deliver: Callable[[Message], None],
        leave: Callable[[], None] = lambda: None,
    ) -> None:
        self._warm_up, self._leave = warm_up, leave
        self._out = Outbox(deliver)
        self._is_warm = False
        self._network: WarmNetwork
        self._commands: queue.Queue[Command] = queue.Queue()
        self._runs: dict[str, Any] = {}

    def serve(self, lines: Iterable[str]) -> None:
        """Warm the network, then paint until the daemon ends this worker or is gone."""
        threading.Thread(target=self._read, args=(lines,), name="commands", daemon=True).start()
        try:
            self._network = self._warm_up()
        except NeuralStyleError as error:
            self._out.send(Failed(error=error.as_problem()))
            return
        self._is_warm = True
        self._out.send(self._network.ready)
        while not self._out.broken:
            command = self._next_command()
            if isinstance(command, Quit):
                break
            if command is not None:
                self._obey(command)
                continue
            for identity in list(self._runs):
                self._paint_slice(identity)
                if not self._commands.empty():
                    break
        self._save_all()

    def _save_all(self) -> None:
        """Report each run as soon as it is saved, so that a waiting daemon does not take this worker for hung."""
        for identity, run in self._runs.items():
            notes = []
            try:
                run.save_checkpoint()
            except Exception as error:  # the others must be saved all the same
                log.exception("a checkpoint could not be saved")
                notes = [f"Its latest iterations could not be saved ({error}); it goes on from the checkpoint before."]
            run.close()
            self._tell_end(identity, "paused", extensions=run.extensions, notes=notes)

    def _read(self, lines: Iterable[str]) -> None:
        try:
            for line in lines:
                self._commands.put(read_command(line))
        except ValueError:
            log.warning("the daemon ended in the middle of a command")
        if not self._is_warm:
            self._leave()
        self._commands.put(Quit())

    def _next_command(self) -> Command | None:
        """None while there is something to paint. Waits otherwise, soon without the memory that painting needed."""
        from ..engine.memory.release import release_all

        try:
            return self._commands.get(block=not self._runs, timeout=None if self._runs else REST_S)
        except queue.Empty:
            if self._runs:
                return None
        release_all()
        return self._commands.get()

    def _obey(self, command: Command) -> None:
        if isinstance(command, StartRun):
            self._guarded(command.id, self._start, command)
        elif not isinstance(command, Quit) and command.id in self._runs:
            self._guarded(command.id, self._change, command)

    def _change(self, identity: str, command: EndRun | ExtendRun | ChangeRun) -> None:
        run = self._runs[identity]
        if isinstance(command, ExtendRun):
            run.extend(command.extensions)
        elif isinstance(command, ChangeRun):
            run.take_change()
            self._out.send_all(run.begin())
        elif command.op == "cancel":
            self._end(identity, "cancelled")
        elif command.op == "pause":
            run.save_checkpoint()
            self._end(identity, "paused")
        else:
            self._out.send_all(run.finish())
            self._end(identity, "done")

    def _start(self, identity: str, command: StartRun) -> None:
        run = self._runs[identity] = self._network.run(command)
        self._out.send(Started(id=identity, tile=run.tile_size, notes=run.notes))
        self._out.send_all(run.begin())

    def _paint_slice(self, identity: str) -> None:
        until = time.monotonic() + SLICE_S
        while identity in self._runs and not self._out.broken:
            self._guarded(identity, self._paint_once)
            if not self._commands.empty() or (len(self._runs) > 1 and time.monotonic() > until):
                return

    def _paint_once(self, identity: str) -> None:
        run = self._runs[identity]
        if run.rests:
            run.save_checkpoint()
            self._end(identity, "resting", revision=run.revision)
        elif run.finished:
            self._out.send_all(run.finish())
            self._end(identity, "done")
        else:
            self._out.send_all(run.advance())

    def _guarded(self, identity: str, action: Callable[..., None], *details: Any) -> None:
        """Run one action; an error ends this run and no other."""
        try:
            action(identity, *details)
        except NeuralStyleError as error:
            self._fail(identity, error)
        except Exception as error:
            log.exception("run %s failed", identity)
            self._fail(identity, EngineError(f"The job failed unexpectedly ({type(error).__name__}: {error})."))

    def _fail(self, identity: str, error: NeuralStyleError) -> None:
        if identity in self._runs:
            with contextlib.suppress(Exception):
                self._out.send_all(self._runs[identity].keep_last_good())
        self._end(identity, "failed", error.as_problem())

    def _end(self, identity: str, state: Any, error: dict[str, Any] | None = None, revision: int | None = None) -> None:
        run = self._runs.pop(identity, None)
        if run is not None:
            run.close()
        extensions = None if run is None else run.extensions
        self._tell_end(identity, state, error=error, extensions=extensions, revision=revision)

    def _tell_end(self, identity: str, state: Any, **more: Any) -> None:
        """With what the cache was good for since the last end."""
        hits, misses = self._network.cache_uses()
        self._out.send(Ended(id=identity, state=state, cache_hits=hits, cache_misses=misses, **more))


def warm_up(home: Path, images: Path, options: WorkerOptions) -> WarmNetwork:
    """As `WarmNetwork`; imports torch, which takes seconds."""
    from .warm_network import WarmNetwork

    return WarmNetwork(home, images, options)


def yield_to_editors(autogroup: Path = Path("/proc/self/autogroup")) -> None:
    """A painter's editor comes first. Linux may weigh whole sessions against each other, and niceness only within one
    (sched(7), "The autogroup feature"): so this process gets a session of its own, which is as nice."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICENESS)
    with contextlib.suppress(AttributeError, OSError):  # the latter where it leads its group already
        os.setsid()
        if autogroup.exists():
            autogroup.write_text(str(NICENESS))


def main(warm_up: WarmUp = warm_up) -> None:
    """Entry of the process: argv has the home folder; the first line of input has the options."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s worker %(levelname)s %(message)s")
    yield_to_editors()
    for number in (signal.SIGINT, signal.SIGTERM):  # Ctrl-C and systemd reach the daemon too, which lets us save
        signal.signal(number, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not end up between the messages
    options, home = WorkerOptions.model_validate_json(sys.stdin.readline()), Path(sys.argv[1])
    worker = Worker(partial(warm_up, home, home / "images", options), lines_to(out), leave=lambda: os._exit(0))
    worker.serve(sys.stdin)


if __name__ == "__main__":
    main()
