"""The worker process: holds the network warm and paints jobs, a slice of time each in turn.

Commands come as JSON lines on standard input, messages go out as JSON lines on standard output; pictures
travel as files. When standard input closes, the daemon is gone and the worker ends.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

from ..errors import EngineError, NeuralStyleError
from ..files import read_json

SLICE_S = 1.0
"""How long one of several active jobs is painted before the next has its turn."""

REST_S = 1.0
"""Without work, before memory is given back: a next job that comes at once need not wait a tenth of a second."""

PROGRESS_S = 0.05
NICENESS = 5
log = logging.getLogger(__name__)


class Worker:
    """Reads commands, paints, sends messages. One thread paints; another only reads.

    `leave` ends the process at once where the daemon goes before the network is warm: there is nothing to save.
    """

    def __init__(
        self, home: Path, options: dict[str, Any], out: TextIO, leave: Callable[[], None] = lambda: None
    ) -> None:
        self._home, self._options, self._out, self._leave = home, options, out, leave
        self._is_warm = False
        self._commands: queue.Queue[dict[str, Any]] = queue.Queue()
        self._runs: dict[str, Any] = {}
        self._network: Any = None
        self._cache: Any = None
        self._replicas: tuple[Any, ...] = ()
        self._memory_limit: int | None = None
        self._last_progress: dict[str, float] = {}

    def send(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def serve(self, lines: Iterable[str]) -> None:
        """Warm the network, then paint until told to quit or left alone."""
        threading.Thread(target=self._read, args=(lines,), name="commands", daemon=True).start()
        try:
            self._warm()
        except NeuralStyleError as error:
            self.send({"event": "failed", "error": error.as_problem()})
            return
        self._is_warm = True
        while True:
            command = self._next_command()
            if command is not None:
                if command["op"] == "quit":
                    break
                self._obey(command)
                continue
            for identity in list(self._runs):
                self._paint_slice(identity)
                if not self._commands.empty():
                    break
        self._save_all()

    def _save_all(self) -> None:
        """Every checkpoint first: the daemon, if it was killed, no longer hears the messages."""
        for run in self._runs.values():
            try:
                run.save_checkpoint()
            except Exception:  # the others must be saved all the same
                log.exception("a checkpoint could not be saved")
            run.close()
        for identity in self._runs:
            with contextlib.suppress(OSError):
                self.send({"event": "ended", "id": identity, "state": "paused"})

    def _read(self, lines: Iterable[str]) -> None:
        try:
            for line in lines:
                self._commands.put(json.loads(line))
        except ValueError:
            log.warning("the daemon ended in the middle of a command")
        if not self._is_warm:
            self._leave()
        self._commands.put({"op": "quit"})

    def _next_command(self) -> dict[str, Any] | None:
        """None while there is something to paint. Waits otherwise, soon without the memory that painting needed."""
        from ..engine.memory.release import release_all

        try:
            return self._commands.get(block=not self._runs, timeout=None if self._runs else REST_S)
        except queue.Empty:
            if self._runs:
                return None
        release_all()
        return self._commands.get()

    def _warm(self) -> None:
        """Import torch, read the weights, and run the network once, so that the first job finds it warm."""
        from ..engine import device
        from ..engine.memory import calibration, limits
        from ..engine.memory.allocator import map_large_blocks
        from ..engine.memory.release import release_all
        from ..engine.targets import TargetCache
        from ..weights import load_network

        map_large_blocks()
        place = device.choose(self._options["device"], self._options["dtype"], self._options["threads"])
        device.be_deterministic(
            self._options["deterministic"] == "on"
            or (self._options["deterministic"] == "auto" and place.device.type == "cpu")
        )
        network = load_network(self._options["weights"], self._home / "weights").to(place.device, place.dtype)
        self._network, self._replicas = network, device.replicas(network, place)
        self._cache = TargetCache(self._home / "cache", self._options["cache_limit_bytes"])
        calibration.warm_up(network)
        release_all()  # so that a limit counts from what the idle worker holds, as forecasts do
        self._memory_limit = limits.limit_process(self._options.get("memory_limit_bytes"))
        self._calibrate([place.name, network.sha256, calibration.VERSION])
        release_all()  # a quarter of what the idle worker would hold
        self.send(
            {
                "event": "ready",
                "device": place.name,
                "network": network.name,
                "network_sha256": network.sha256,
                "dtype": str(place.dtype).removeprefix("torch."),
            }
        )

    def _calibrate(self, place: list[str]) -> None:
        """Measure what an iteration costs, once for each device and network: before any job, which would wait."""
        from ..engine.memory import calibration

        known = read_json(self._home / "calibration.json")
        if not isinstance(known, dict) or known.get("place") != place:
            self.send({"event": "calibration", "place": place, **calibration.measure(self._network)})

    def _obey(self, command: dict[str, Any]) -> None:
        identity, op = command.get("id", ""), command["op"]
        if op == "run":
            self._start(identity, Path(command["folder"]))
        elif identity in self._runs:
            self._guarded(identity, self._change, op, command)

    def _change(self, identity: str, op: str, command: dict[str, Any]) -> None:
        run = self._runs[identity]
        if op == "cancel":
            self._end(identity, "cancelled")
        elif op == "pause":
            run.save_checkpoint()
            self._end(identity, "paused")
        elif op == "finish":
            self._tell(run.finish())
            self._end(identity, "done")
        elif op == "extend":
            run.extend(command["extensions"])

    def _start(self, identity: str, folder: Path) -> None:
        from .paint import Run

        def begin(_: str) -> None:
            run = Run(
                identity,
                folder,
                self._network,
                self._cache,
                replicas=self._replicas,
                memory_limit=self._memory_limit,
            )
            self._runs[identity] = run
            self.send({"event": "started", "id": identity, "tile": run.tile_size})
            self._tell(run.begin())

        self._guarded(identity, begin)

    def _paint_slice(self, identity: str) -> None:
        until = time.monotonic() + SLICE_S
        while identity in self._runs:
            self._guarded(identity, self._paint_once)
            if not self._commands.empty() or (len(self._runs) > 1 and time.monotonic() > until):
                return

    def _paint_once(self, identity: str) -> None:
        run = self._runs[identity]
        if run.finished:
            self._tell(run.finish())
            self._end(identity, "done")
        else:
            self._tell(run.advance())

    def _guarded(self, identity: str, action: Any, *details: Any) -> None:
        """Carry out one action of a job; whatever it raises ends this job and no other."""
        try:
            action(identity, *details)
        except NeuralStyleError as error:
            self._fail(identity, error)
        except Exception as error:
            log.exception("job %s failed", identity)
            self._fail(identity, EngineError(f"The job failed unexpectedly ({type(error).__name__}: {error})."))

    def _fail(self, identity: str, error: NeuralStyleError) -> None:
        if identity in self._runs:
            with contextlib.suppress(Exception):
                self._tell(self._runs[identity].keep_last_good())
        self._end(identity, "failed", error.as_problem())

    def _end(self, identity: str, state: str, error: dict[str, Any] | None = None) -> None:
        run = self._runs.pop(identity, None)
        self._last_progress.pop(identity, None)
        done = {}
        if run is not None:
            run.close()
            done = {"extensions": run.extensions}
        self.send({"event": "ended", "id": identity, "state": state, "error": error, **done})

    def _tell(self, messages: Iterable[dict[str, Any]]) -> None:
        for message in messages:
            if message["event"] == "progress" and not self._due(message):
                continue
            self.send(message)

    def _due(self, message: dict[str, Any]) -> bool:
        now, identity = time.monotonic(), message["id"]
        last = message["iteration"] == message["iterations"] or message["iteration"] == 1
        if not last and now - self._last_progress.get(identity, 0) < PROGRESS_S:
            return False
        self._last_progress[identity] = now
        return True


def main() -> None:
    """Entry of the process: argv has the home folder; the first line of input has the options."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s worker %(levelname)s %(message)s")
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICENESS)  # a painter's editor comes first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the daemon's to obey; it lets us save
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not end up between the messages
    options = json.loads(sys.stdin.readline())
    Worker(Path(sys.argv[1]), options, out, leave=lambda: os._exit(0)).serve(sys.stdin)


if __name__ == "__main__":
    main()
