"""One actor, as the driver handles it: started where there is room, its commands sent with what they need, and what it
says passed on once its files lie in the daemon's folders."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import ClusterError, NeuralStyleError, StorageError
from ..files import write_json
from ..jobs.forecasting import CALIBRATION_FILE
from ..jobs.messages import (
    ChangeRun,
    Command,
    Ended,
    EndRun,
    Failed,
    Message,
    Quit,
    StartRun,
    Waiting,
    WorkerOptions,
    as_line,
    read_message,
)
from ..jobs.worker_process import WORKER_ENVIRONMENT
from .access import OWN_MACHINE
from .actor import Post, WorkerActor, versions, weights_file
from .connection import Connection
from .objects import Objects
from .travel import items_of, take, total

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
WAIT_S = 2.0
CALLS_AT_ONCE = 4
DIED, LOST = 1, 2
LONGEST_REASON = 300


class RemoteWorker:
    """`tell` gets its messages, `ended` its exit code; both on threads of its own."""

    def __init__(
        self,
        home: Path,
        options: WorkerOptions,
        connection: Connection,
        objects: Objects,
        tell: Callable[[Message], None],
        ended: Callable[[int], None],
    ) -> None:
        self._home, self._options, self._connection, self._objects = home, options, connection, objects
        self._tell, self._ended = tell, ended
        self._actor: Any = None
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._folders: dict[str, Path] = {}
        self._sent: dict[str, set[str]] = {}
        self._killed = threading.Event()
        threading.Thread(target=self._live, name="actor", daemon=True).start()

    def send(self, command: Command) -> None:
        self._commands.put(command)

    def kill(self) -> None:
        """Without saving."""
        self._killed.set()
        if self._actor is not None:
            import ray

            ray.kill(self._actor)

    def _live(self) -> None:
        code = self._work() if self._has_cluster() else 0
        self._ended(-9 if self._killed.is_set() else code)

    def _has_cluster(self) -> bool:
        """Wait for the connection; nothing of Ray may be imported before it is there."""
        while not self._connection.settled(WAIT_S):
            self._tell(Waiting(detail=self._connection.detail))
            if self._killed.is_set():
                return False
        problem = self._connection.problem
        if problem is not None:
            self._tell(Failed(error=problem.as_problem()))
        return problem is None

    def _work(self) -> int:
        """Its whole life; answers the exit code."""
        import ray
        from ray.exceptions import RayActorError, RayError

        code = 0
        try:
            if self._start():
                self._listen()
        except NeuralStyleError as error:
            self._tell(Failed(error=error.as_problem()))
        except RayActorError as error:
            log.warning("an actor has died: %s", error)
            code = DIED
        except (RayError, ConnectionError, OSError, RuntimeError) as error:
            log.exception("an actor is lost: %s", error)
            code = LOST
            self._connection.answers()
        self._commands.put(None)
        if self._actor is not None:
            ray.kill(self._actor)
        return code

    # Start

    def _start(self) -> bool:
        """Whether it is there; not if it was killed before. Raises ClusterError, RayError."""
        import ray

        demands = self._connection.demands
        self._actor = self._created(demands)
        described = self._actor.describe.remote()
        while not (self._killed.is_set() or ray.wait([described], timeout=WAIT_S)[0]):
            self._tell(Waiting(detail=self._connection.waiting()))
        if self._killed.is_set():
            return False
        check_versions(versions(), self._described(described))
        weights, name, content = weights_file(self._options), None, None
        if weights is not None:
            name, content = f"{_sum(weights)[:16]}{weights.suffix}", self._objects.file(weights)
        options = self._options.model_copy(update={"threads": demands["num_cpus"] or self._options.threads})
        if options.device.startswith("cuda:"):
            options.device = "cuda"  # an actor sees its own only
        ray.get(self._actor.begin.remote(as_line(options), name, content))
        threading.Thread(target=self._send_all, name="actor-commands", daemon=True).start()
        return True

    def _created(self, demands: dict[str, int]) -> Any:
        import ray

        kind: Any = ray.remote(WorkerActor)
        environment = {"env_vars": dict(WORKER_ENVIRONMENT)}
        return kind.options(**demands, max_concurrency=CALLS_AT_ONCE, runtime_env=environment).remote()

    def _described(self, reference: Any) -> dict[str, Any]:
        import ray
        from ray.exceptions import RayActorError, RayTaskError

        try:
            return dict(ray.get(reference))
        except (RayActorError, RayTaskError) as error:
            if "import" not in str(error):
                raise
            raise ClusterError(
                f"A node of the cluster cannot load neural-style-server ({str(error).strip().splitlines()[-1][:200]}).",
                hint=f"Install the same version there as here ({versions()['neural-style-server']}). {OWN_MACHINE}",
                code="cluster_versions",
            ) from None

    # To the actor

    def _send_all(self) -> None:
        number = 0
        while (command := self._commands.get()) is not None:
            try:
                line, names, blobs = self._packed(command)
            except Exception as error:  # whatever a store that is full raises, the commands after it are sent
                log.warning("a command could not be sent: %s", error)
                self._fail(command, error)
                continue
            self._actor.tell.remote(number, line, names, *blobs)
            number += 1

    def _packed(self, command: Command) -> tuple[str, list[str], list[Any]]:
        """A command for the node, with the files that it needs there. Raises NeuralStyleError, OSError."""
        if isinstance(command, StartRun):
            folder = self._folders[command.id] = Path(command.folder)
            command = command.model_copy(update={"folder": folder.name, "spare_devices": []})
        elif not isinstance(command, ChangeRun) or command.id not in self._folders:
            return as_line(command), [], []
        items = items_of(self._folders[command.id], self._home / "images")
        sent = self._sent.setdefault(command.id, set())
        items = [item for item in items if item.key is None or item.name not in sent]
        sent |= {item.name for item in items}
        if isinstance(command, ChangeRun):  # what it has painted is there already
            items = [item for item in items if item.key is not None or item.name.endswith("/task.json")]
        check_store(total(items), self._connection.store)
        return as_line(command), [item.name for item in items], [self._objects.argument(item) for item in items]

    def _fail(self, command: Command, error: Exception) -> None:
        why = " ".join(str(error).split())[:LONGEST_REASON]
        known = error if isinstance(error, NeuralStyleError) else ClusterError(f"A job could not be sent ({why}).")
        if not isinstance(command, Quit):
            self._forget(command.id)
            self._tell(Ended(id=command.id, state="failed", error=known.as_problem()))

    # From the actor

    def _listen(self) -> None:
        import ray

        while True:
            post: Post = ray.get(self._actor.hear.remote(PATIENCE_S))
            if post.calibration is not None and self._options.calibrate:
                with contextlib.suppress(StorageError):
                    write_json(self._home / CALIBRATION_FILE, post.calibration)
            for run, parts in post.parts.items():
                self._take(run, parts)
            for line in post.lines:
                self._pass_on(read_message(line))
            if post.ended:
                return

    def _take(self, run: str, parts: Any) -> None:
        folder = self._folders.get(run)
        if folder is None:
            return
        try:
            take(parts, folder)
        except NeuralStyleError as error:  # this computer's own disk
            self.send(EndRun(op="cancel", id=run))
            self._forget(run)
            self._tell(Ended(id=run, state="failed", error=error.as_problem()))

    def _pass_on(self, message: Message) -> None:
        run = getattr(message, "id", None)
        if run is not None and run not in self._folders:
            return  # it has failed here already
        if isinstance(message, Ended):
            self._forget(message.id)
        self._tell(message)

    def _forget(self, run: str) -> None:
        self._folders.pop(run, None)
        self._sent.pop(run, None)


def check_versions(own: dict[str, str], node: dict[str, Any]) -> None:
    """Raises ClusterError that names the first difference."""
    for name, version in own.items():
        other = node["versions"].get(name, "none")
        if other != version:
            raise ClusterError(
                f"The cluster's node {node['host']} has {name} {other}, and here it is {version}.",
                hint=f"Install the same version on both sides. {OWN_MACHINE}",
                code="cluster_versions",
            )


def check_store(size: int, store: int) -> None:
    """Raises ClusterError where a job of so many bytes does not fit into a node's object store."""
    if size > store:
        raise ClusterError(
            f"The job's pictures take {size >> 20} MiB, and a node's object store holds {store >> 20} MiB.",
            hint=f"Start Ray there with a larger --object-store-memory, or paint a smaller picture. {OWN_MACHINE}",
            code="cluster_store",
        )


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
