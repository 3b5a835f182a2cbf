"""The driver's connection to a cluster: made, watched, and given up when the cluster no longer answers."""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from ..errors import ClusterError
from .access import OWN_MACHINE, Place, check, place_of, unreachable
from .protocol import DriverOptions

log = logging.getLogger(__name__)

RETRY_S, WATCH_S = 2.0, 2.0
LOST_S = 15.0
"""A cluster that has not answered for so long is lost."""

CONNECT_S = 60.0
Resources = Mapping[str, float]


class Connection:
    """`on_room` gets how many workers the cluster has room for, whenever that changes; `on_lost` is called when it is
    lost: nothing of Ray can be used then.

    demands: what an actor asks of a node, as Ray calls it; store: bytes of the smallest node's object store. Both are
    known once it is settled without a problem.
    """

    def __init__(self, options: DriverOptions, on_room: Callable[[int], None], on_lost: Callable[[], None]) -> None:
        self._options, self._on_room, self._on_lost = options, on_room, on_lost
        self._settled = threading.Event()
        self._answers = threading.Condition()
        self._answered = time.monotonic()
        self.detail = "Connecting to the cluster."
        self.problem: ClusterError | None = None
        self.place: Place | None = None
        self.demands: dict[str, int] = {}
        self.store = 0

    def open(self) -> None:
        threading.Thread(target=self._run, name="connection", daemon=True).start()
        threading.Thread(target=self._guard, name="connection-guard", daemon=True).start()

    def settled(self, timeout_s: float) -> bool:
        """Whether it is known by then that the cluster is there, or that it is a `problem`."""
        return self._settled.wait(timeout_s)

    def answers(self) -> None:
        """Wait until the cluster answers again; it is lost if it does not."""
        asked = time.monotonic()
        with self._answers:
            self._answers.wait_for(lambda: self._answered > asked)

    def waiting(self) -> str:
        """For people, of a worker that has no place yet."""
        cores = self.demands["num_cpus"]
        what = "GPU" if self.demands["num_gpus"] else f"{cores} processor cores" if cores > 1 else "processor core"
        return f"Waiting for a free {what} in the cluster at {self.place}."

    def _run(self) -> None:
        while True:
            try:
                self._connect()
                break
            except ClusterError as error:
                if not self._options.connected or error.code != "cluster_unreachable":
                    self.problem = error
                    self._settled.set()
                    return
                self.detail = f"{error.detail} Jobs wait until it does."
                log.warning("%s", self.detail)
                time.sleep(RETRY_S)
        self._answered = time.monotonic()
        self._on_room(0)
        self._settled.set()
        self._watch()

    def _connect(self) -> None:
        if any(importlib.util.find_spec(name) is None for name in ("ray", "grpc")):
            raise ClusterError(
                "A cluster is set, and Ray is not installed here.",
                hint=f"Install it with: pip install 'neural-style-server[cluster]'. {OWN_MACHINE}",
                code="needs_cluster",
            )
        place = self.place = place_of(self._options.address)
        os.environ["RAY_AUTH_MODE"] = "token" if check(place) else "disabled"  # read when ray is imported
        import ray

        timer = threading.Timer(CONNECT_S, self._on_lost)  # Ray may wait for ever
        timer.daemon = True
        timer.start()
        try:
            ray.init(str(place), log_to_driver=True, logging_level="warning")
            nodes = self._look()
            self.demands = demands(self._options, nodes, place)
        except ClusterError:
            raise
        except Exception as error:
            raise explained(place, error) from None
        finally:
            timer.cancel()

    def _watch(self) -> None:
        known = 0
        while True:
            try:
                nodes = self._look()
            except Exception as error:  # whatever it is, the cluster has not answered
                log.warning("the cluster does not answer: %s", error)
            else:
                with self._answers:
                    self._answered = time.monotonic()
                    self._answers.notify_all()
                room = room_for(self.demands, nodes)
                if room != known:
                    known = room
                    self._on_room(room)
            time.sleep(WATCH_S)

    def _look(self) -> list[Resources]:
        """What the living nodes have."""
        import ray

        nodes: list[Resources] = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        self.store = min((int(node.get("object_store_memory", 0)) for node in nodes), default=0)
        return nodes

    def _guard(self) -> None:
        self._settled.wait()
        while self.problem is None:
            if time.monotonic() - self._answered > LOST_S:
                log.error("the cluster at %s has not answered for %.0f s: it is lost", self.place, LOST_S)
                self._on_lost()
                return
            time.sleep(1.0)


def demands(options: DriverOptions, nodes: Sequence[Resources], place: object) -> dict[str, int]:
    """What an actor is to have: a GPU where there are any, else so many processor cores. Raises ClusterError where no
    node has that, nor ever will."""
    has_gpu = any(node.get("GPU", 0) >= 1 for node in nodes)
    if options.device.startswith("cuda") and not (has_gpu or options.grows):
        raise ClusterError(
            f"The cluster at {place} has no GPU, and 'device' asks for one.",
            hint=f"Set 'device: auto' to paint on its processors, or 'cluster_workers' if nodes with GPUs are started "
            f"when there is work. {OWN_MACHINE}",
            code="cluster_no_gpu",
        )
    if options.device.startswith("cuda") or (has_gpu and options.device != "cpu"):
        return {"num_gpus": 1, "num_cpus": 0}
    cores = [int(node["CPU"]) for node in nodes if node.get("CPU", 0) >= 1]
    count = options.threads or min(cores, default=1)
    if cores and count > max(cores) and not options.grows:
        raise ClusterError(
            f"A worker is to have {count} processor cores, and no node of the cluster has more than {max(cores)}.",
            hint=f"Lower 'threads' in the settings. {OWN_MACHINE}",
            code="cluster_no_room",
        )
    return {"num_gpus": 0, "num_cpus": count}


def room_for(demands: dict[str, int], nodes: Sequence[Resources]) -> int:
    """How many such actors the nodes can have at once."""
    kind, each = ("GPU", demands["num_gpus"]) if demands["num_gpus"] else ("CPU", demands["num_cpus"])
    return sum(int(node.get(kind, 0)) // each for node in nodes)


def explained(place: Place, error: Exception) -> ClusterError:
    text = " ".join(str(error).split())
    if "ersion mismatch" in text:
        return ClusterError(
            f"The cluster at {place} has another version of Ray or Python: {text[:300]}",
            hint=f"Install the cluster's versions here, or these there. {OWN_MACHINE}",
            code="cluster_versions",
        )
    if "uthenticat" in text:
        return ClusterError(
            f"The cluster at {place} does not accept the token.",
            hint=f"Put the cluster's token into ~/.ray/auth_token. {OWN_MACHINE}",
            code="cluster_token",
        )
    return unreachable(place, text[:300] or type(error).__name__)
