"""A cluster against processes on this machine, nodes that are killed, and growth with workers that sleep.

python benchmarks/cluster.py pictures --count 40 --size 256     two nodes of one core against two plain workers
python benchmarks/cluster.py overhead --size 512 --rounds 15    one job on a warm actor and on a warm process, in turn
python benchmarks/cluster.py overhead --size 512 --sleepers     the same without the noise of painting
python benchmarks/cluster.py kills --count 40 --size 128        a node killed three times, against a quiet run
python benchmarks/cluster.py growth --actors 1 2 64 --seconds 8   actors that sleep as a GPU would, and where it stops

It needs the extra `cluster`, and starts local clusters of its own. Answers one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from tests.cluster.local import LocalCluster
from tests.real import REPOSITORY

from neural_style_server.api.daemon import open_pool
from neural_style_server.cluster import link
from neural_style_server.jobs import worker_process
from neural_style_server.jobs.assembly import Jobs
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.jobs.worker_process import WorkerLog
from neural_style_server.pixels import Picture
from neural_style_server.presets.library import Library, standard_sources
from neural_style_server.settings import Settings
from neural_style_server.users import OWNER
from neural_style_server.validation import validate

PRESET = "stained-glass"
SLEEPERS, SLEEPING_WORKER, SLEEP_ITERATIONS = "tests.cluster.sleeping_driver", "tests.cluster.sleeping_worker", 16
OVERHEAD_S, OVERHEAD_SHARE = 0.05, 0.05
"""What an actor may add to a job, at most both."""

START_S = 600.0
"""How long actors may take until all are ready."""

GENTLE = {"RAY_worker_maximum_startup_concurrency": "4", "RAY_worker_register_timeout_seconds": "900"}
"""Ray starts as many processes at once as a node has cores, here pretended ones, and gives up those that are late."""


class Late(Exception):
    """So many workers are ready when all should be."""


class Daemon:
    """All of a daemon but its HTTP server, in a home of its own."""

    def __init__(self, cluster: LocalCluster | None = None, **more: Any) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="neural-style-"))
        if cluster is not None:
            os.environ.update(cluster.environment)
        settings = Settings(
            cluster=None if cluster is None else cluster.address, max_jobs_queued=10**5, max_images=10**5, **more
        )
        self._log = WorkerLog(self.home / "worker.log", 1 << 22)
        self._library = Library(standard_sources(self.home, {}), home=self.home)
        self.jobs = Jobs(self.home, self._library, open_pool(self.home, settings, self._log), settings)

    def warm(self, workers: int, content: str) -> None:
        """Have so many workers ready, each with a job that is cancelled then. Raises Late."""
        jobs = [self.submit(content, 10**4) for _ in range(workers)]
        status, until = self.jobs.controller.status, time.monotonic() + START_S
        while (ready := sum(view["state"] in ("ready", "busy") for view in status.workers(OWNER))) < workers:
            if time.monotonic() > until:
                raise Late(ready)
            time.sleep(0.2)
        for job in jobs:
            self.jobs.controller.cancel(job)
        while any(job.held for job in self.jobs.table.all()):
            time.sleep(0.1)
        self.paint([content] * workers, 1)

    def put(self, number: int, size: int) -> str:
        pixels = np.random.default_rng(number).integers(0, 256, (size // 8, size // 8, 4), np.uint8)
        pixels = pixels.repeat(8, 0).repeat(8, 1)
        pixels[..., 3] = 255
        return str(self.jobs.images.put(Picture(pixels, "RGBA8"))["id"])

    def paint(self, contents: Sequence[str], iterations: int) -> tuple[float, list[bytes]]:
        """(seconds, results in order)."""
        began = time.perf_counter()
        jobs = [self.submit(content, iterations) for content in contents]
        results = [self.result(job) for job in jobs]
        return time.perf_counter() - began, results

    def submit(self, content: str, iterations: int) -> str:
        method = {"iterations": iterations}
        body = {"content": content, "preset": PRESET, "method": method, "frames": {"every": 10**6}, "seed": 7}
        return str(self.jobs.controller.submit(validate(JobSpec, body))["id"])

    def result(self, job: str) -> bytes:
        table = self.jobs.table
        with table.lock:
            table.lock.wait_for(lambda: table.find(job, OWNER).state in ("done", "failed", "cancelled"))
            record = table.find(job, OWNER).record
        if record.state != "done":
            raise SystemExit(f"a job has {record.state}: {record.error}")
        return (self.jobs.controller.folder(job) / "result.raw").read_bytes()

    def attempts(self) -> list[int]:
        return [job.record.attempts for job in self.jobs.table.all()]

    def close(self) -> None:
        self.jobs.close()
        self._library.close()
        self._log.close()
        shutil.rmtree(self.home, ignore_errors=True)


def pictures(count: int, size: int, iterations: int) -> dict[str, Any]:
    cluster = LocalCluster(nodes=2)
    here, there = Daemon(devices=["cpu", "cpu"], threads=1), Daemon(cluster, threads=1)
    try:
        contents = [[daemon.put(number, size) for number in range(count)] for daemon in (here, there)]
        here.warm(2, contents[0][0])
        there.warm(2, contents[1][0])
        seconds, same = [0.0, 0.0], True
        half = count // 2
        for part in (slice(0, half), slice(half, count)):  # in turn, so that both see the same load
            times, results = zip(
                *(daemon.paint(own[part], iterations) for daemon, own in ((here, contents[0]), (there, contents[1]))),
                strict=True,
            )
            seconds = [total + one for total, one in zip(seconds, times, strict=True)]
            same &= results[0] == results[1]
        return {"local_s": seconds[0], "cluster_s": seconds[1], "ratio": seconds[1] / seconds[0], "same_bytes": same}
    finally:
        here.close()
        there.close()
        cluster.close()


def overhead(size: int, iterations: int, rounds: int, sleepers: bool) -> dict[str, Any]:
    """With `sleepers` both are the stand-in for the network, whose job takes the same time to the millisecond."""
    sleep = {"NEURAL_STYLE_TEST_SLEEP": "0.06"} if sleepers else {}
    if sleepers:
        link.DRIVER, worker_process.WORKER = SLEEPERS, SLEEPING_WORKER
        os.environ.update(sleep, PYTHONPATH=f"{REPOSITORY / 'server'}:{REPOSITORY}")
    cluster = LocalCluster(nodes=1, **sleep)
    here, there = Daemon(devices=["cpu"], threads=1), Daemon(cluster, threads=1)
    try:
        contents = {here: here.put(1, size), there: there.put(1, size)}
        for daemon, content in contents.items():
            daemon.warm(1, content)
        times: dict[Daemon, list[float]] = {here: [], there: []}
        for turn in range(rounds):  # each is first in every second round
            for daemon in (here, there) if turn % 2 else (there, here):
                times[daemon].append(daemon.paint([contents[daemon]], iterations)[0])
        local, remote = (statistics.median(times[daemon]) for daemon in (here, there))
        difference = statistics.median(b - a for a, b in zip(times[here], times[there], strict=True))
        return {
            "local_s": local,
            "cluster_s": remote,
            "difference_s": difference,
            "share": difference / local,
            "within_goal": difference <= OVERHEAD_S and difference <= OVERHEAD_SHARE * local,
            "all_s": [times[here], times[there]],
        }
    finally:
        here.close()
        there.close()
        cluster.close()


def kills(count: int, size: int, iterations: int, sleepers: bool) -> dict[str, Any]:
    """With `sleepers` both runs are in the cluster, by the stand-in, whose result tells each lost iteration."""
    cluster = LocalCluster(nodes=2, NEURAL_STYLE_TEST_SLEEP="0.15")
    if sleepers:
        link.DRIVER = SLEEPERS
    quiet, rough = Daemon(cluster if sleepers else None, threads=1), Daemon(cluster, threads=1)
    try:
        _, wanted = quiet.paint([quiet.put(number, size) for number in range(count)], iterations)
        quiet.close()
        contents = [rough.put(number, size) for number in range(count)]
        rough.warm(2, contents[0])
        killed = list[int]()

        def kill() -> None:
            for turn in range(3):
                due = before + (turn + 1) * count // 4
                while sum(job.state == "done" for job in rough.jobs.table.all()) < due:
                    time.sleep(0.05)
                cluster.kill_node(cluster.nodes[0])
                killed.append(due - before)
                cluster.add_node()

        killer = threading.Thread(target=kill, daemon=True)
        before = len(rough.attempts())
        killer.start()
        _, found = rough.paint(contents, iterations)
        killer.join()
        return {
            "jobs": count,
            "kills_after": killed,
            "taken_up_again": sum(attempts > 1 for attempts in rough.attempts()[before:]),
            "same_bytes": found == wanted,
        }
    finally:
        rough.close()
        cluster.close()


def processor_seconds() -> tuple[float, float]:
    """Of this process, which is the daemon, and of the driver."""
    own = psutil.Process()
    drivers = [child for child in own.children() if link.DRIVER in " ".join(child.cmdline())]
    return tuple(sum(sum(one.cpu_times()[:2]) for one in some) for some in ([own], drivers))  # type: ignore[return-value]


def actor_mib() -> float:
    """Mean resident memory of the actors' processes."""
    found = [process for process in psutil.Process().children(recursive=True) if "SleepingActor" in _name(process)]
    return sum(process.memory_info().rss for process in found) / max(1, len(found)) / 2**20


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended
        return ""


def growth(steps: Sequence[int], size: int, seconds: float, jobs_each: int) -> dict[str, Any]:
    link.DRIVER = SLEEPERS
    table: list[dict[str, Any]] = []
    for actors in steps:
        sleep = str(seconds / SLEEP_ITERATIONS)
        cluster = LocalCluster(nodes=1, cores=actors, NEURAL_STYLE_TEST_SLEEP=sleep, **GENTLE)
        daemon = Daemon(cluster, threads=1)
        try:
            contents = [daemon.put(number, size) for number in range(actors)]
            began = time.perf_counter()
            try:
                daemon.warm(actors, contents[0])
            except Late as late:
                row: dict[str, Any] = {"actors": actors, "ready": late.args[0], "stopped_after_s": START_S}
                print(json.dumps(row), flush=True)
                table.append(row)
                break
            started, memory = time.perf_counter() - began, actor_mib()
            before = processor_seconds()
            elapsed, _ = daemon.paint(contents * jobs_each, SLEEP_ITERATIONS)
            used = [(now - then) / (actors * jobs_each) for now, then in zip(processor_seconds(), before, strict=True)]
            row = {
                "actors": actors,
                "start_s": started,
                "actor_mib": memory,
                "seconds": elapsed,
                "of_linear": (table[0]["seconds"] if table else elapsed) / elapsed,
                "of_sleep": seconds * jobs_each / elapsed,
                "daemon_s_per_picture": used[0],
                "driver_s_per_picture": used[1],
                "load": os.getloadavg()[0],
            }
            table.append(row)
            print(json.dumps(row), flush=True)
        finally:
            daemon.close()
            cluster.close()
    return {"seconds_per_picture": seconds, "table": table}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("pictures", "overhead", "kills", "growth"))
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--actors", type=int, nargs="+", default=[1, 2, 4, 8, 16, 32, 64])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--jobs-each", type=int, default=3)
    parser.add_argument("--sleepers", action="store_true", help="kills, overhead: with the stand-in for the network")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    if given.what == "pictures":
        found = pictures(given.count, given.size, given.iterations)
    elif given.what == "overhead":
        found = overhead(given.size, given.iterations, given.rounds, given.sleepers)
    elif given.what == "kills":
        found = kills(given.count, given.size, given.iterations, given.sleepers)
    else:
        found = growth(given.actors, given.size, given.seconds, given.jobs_each)
    print(json.dumps({**found, "load_before": load, "load_after": os.getloadavg()[0]}, indent=1))


if __name__ == "__main__":
    main()
