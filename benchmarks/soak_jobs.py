"""Small jobs from many clients that cancel, delete, pause and hang up, while the worker is killed now and then."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soak_daemon import (
    END_S,
    Daemon,
    HealthProbe,
    Report,
    resident_bytes,
    thread_and_file_counts,
    wait_until,
)

from neural_style_client import BYTES_PER_PIXEL, Client, DaemonError

PRESETS = ("night-swirl", "stained-glass")
ENDED = ("done", "cancelled", "failed")
JOB_S = 300.0
SETTLE_S = 12.0
"""Housekeeping comes by within this time and gives back what is free."""

KEEP_S = 45
"""Uploaded pictures that no job needs are forgotten after so long, so that the end of the soak can see it."""

SETTINGS = {"threads": 1, "result_keep_s": KEEP_S, "idle_unload_s": 40}


class Crowd:
    """`clients` threads that send `jobs` jobs in all; each job is one of the stories below."""

    def __init__(self, daemon: Daemon, clients: int, jobs: int, seed: int) -> None:
        self._daemon, self._left, self._seed = daemon, jobs, seed
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.ended = 0
        self._threads = [threading.Thread(target=self._live, args=(number,)) for number in range(clients)]

    def run(self) -> None:
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()

    def _live(self, number: int) -> None:
        client = Client(self._daemon.url, self._daemon.token, timeout_s=60)
        chance = random.Random(self._seed * 1000 + number)
        while self._takes_one():
            story = chance.choices(list(STORIES), [weight for weight, _ in STORIES.values()])[0]
            try:
                ending = STORIES[story][1](client, f"client-{number}", chance)
            except Exception as error:
                with self._lock:
                    self.problems.append(f"{story}: {type(error).__name__}: {error}")
                continue
            with self._lock:
                self.counts[story] += 1
                self.counts[ending] += 1
                self.ended += 1

    def _takes_one(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left >= 0


def submit(client: Client, name: str, chance: random.Random, **more: Any) -> tuple[str, int, int, str]:
    """-> id, width, height, format."""
    width, height, format = chance.randint(32, 64), chance.randint(32, 64), chance.choice(list(BYTES_PER_PIXEL))
    content = upload(client, width, height, format, chance)
    method = {"iterations": chance.randint(2, 4)}
    spec = {"content": content, "preset": chance.choice(PRESETS), "method": method, "client": name, "size": 32}
    return client.submit({**spec, "frames": {"every": 2}, **more})["id"], width, height, format


def upload(client: Client, width: int, height: int, format: str, chance: random.Random) -> str:
    block = chance.randbytes(64 * BYTES_PER_PIXEL[format]) if format != "RGBAF32" else b"\0\0\0\x3f" * 256
    size = width * height * BYTES_PER_PIXEL[format]
    return str(client.upload((block * (size // len(block) + 1))[:size], width, height, format)["id"])


def ends(client: Client, job: str, among: tuple[str, ...]) -> str:
    """Wait for the end; the state, which must be one of these, or "failed" as it is documented."""
    record: dict[str, Any] = wait_until(
        lambda: found if (found := client.job(job))["state"] in ENDED else None, JOB_S, f"job {job} ends", 0.2
    )
    state = str(record["state"])
    given_up = state == "failed" and record["error"]["code"] == "worker_died"
    assert state in among or given_up, f"{job} is {state}, expected {among}: {record['error']} {record['notes']}"
    return "given up after two more attempts" if given_up else state


def looks_right(client: Client, job: str, width: int, height: int, format: str) -> None:
    result = client.result(job)
    assert (result.width, result.height, result.format) == (width, height, format), result[:3]
    assert len(result.data) == width * height * BYTES_PER_PIXEL[format]
    assert client.png(job).startswith(b"\x89PNG")


def followed(client: Client, name: str, chance: random.Random) -> str:
    job, *size = submit(client, name, chance)
    last = [event.name for event in client.events(job)][-1]
    state = ends(client, job, ("done",))
    assert last == ("done" if state == "done" else "error"), last
    if state == "done":
        looks_right(client, job, *size)
    return state


def cancelled(client: Client, name: str, chance: random.Random) -> str:
    job, *size = submit(client, name, chance)
    time.sleep(chance.uniform(0, 1))
    return _ended_by(client, job, size, client.cancel)


def finished_early(client: Client, name: str, chance: random.Random) -> str:
    job, *size = submit(client, name, chance)
    time.sleep(chance.uniform(0, 1))
    return _ended_by(client, job, size, client.finish)


def _ended_by(client: Client, job: str, size: list[Any], wish: Callable[[str], Any]) -> str:
    with contextlib.suppress(DaemonError):  # it has ended, or has not begun
        wish(job)
    state = ends(client, job, ("cancelled", "done"))
    if state == "done":
        looks_right(client, job, *size)
    return state


def deleted(client: Client, name: str, chance: random.Random) -> str:
    job, *_ = submit(client, name, chance)
    time.sleep(chance.uniform(0, 1))
    client.delete_job(job)
    try:
        client.job(job)
    except DaemonError as error:
        assert error.status == 404, error
        return "deleted"
    raise AssertionError("a deleted job is still there")


def hung_up(client: Client, name: str, chance: random.Random) -> str:
    wish = chance.choice(("cancel", "continue"))
    job, *size = submit(client, name, chance, on_disconnect=wish)
    stream = client.events(job)
    for _ in range(chance.randint(1, 3)):
        next(stream, None)
    stream.close()  # type: ignore[attr-defined]
    state = ends(client, job, ("cancelled", "done") if wish == "cancel" else ("done",))
    if state == "done":
        looks_right(client, job, *size)
    return state


def paused(client: Client, name: str, chance: random.Random) -> str:
    job, *size = submit(client, name, chance)
    time.sleep(chance.uniform(0, 0.5))
    with contextlib.suppress(DaemonError):
        if client.pause(job)["state"] == "paused":
            time.sleep(chance.uniform(0, 0.2))
            client.resume(job)
    state = ends(client, job, ("done",))
    if state == "done":
        looks_right(client, job, *size)
    return state


def live(client: Client, name: str, chance: random.Random) -> str:
    """Changed while it is painted beside the others; it shows the last change, rests, and ends with its picture."""
    job, *size = submit(client, name, chance, live=True, frames={"seconds": 0.1})
    changes = chance.randint(1, 4)
    for _ in range(changes):
        time.sleep(chance.uniform(0, 0.5))
        with contextlib.suppress(DaemonError):  # it was given up: its worker was killed three times
            client.change(job, {"content": upload(client, *size, chance)})
    found = wait_until(
        lambda: record if (record := client.job(job))["resting"] or record["state"] in ENDED else None, JOB_S, "rest"
    )
    if found["state"] not in ENDED:
        assert found["revision"] == changes and found["frames"][-1]["revision"] == changes, found
        with contextlib.suppress(DaemonError):
            client.finish(job)
    state = ends(client, job, ("done",))
    if state == "done":
        looks_right(client, job, *size)
    return state


Story = Callable[[Client, str, random.Random], str]
STORIES: dict[str, tuple[int, Story]] = {
    "followed": (30, followed),
    "live": (15, live),
    "cancelled by its client": (15, cancelled),
    "finished early": (5, finished_early),
    "deleted by its client": (10, deleted),
    "hung up": (15, hung_up),
    "paused and resumed": (10, paused),
}


class Murderer:
    """Kills the worker, whatever it is doing, each time that the crowd has come a random way further."""

    def __init__(self, daemon: Daemon, crowd: Crowd, jobs: int, kills: int, seed: int) -> None:
        chance = random.Random(seed)
        self._moments = sorted(chance.uniform(0, 0.95 * jobs) for _ in range(kills))
        self._daemon, self._crowd, self._chance = daemon, crowd, chance
        self.killed = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        for moment in self._moments:
            while self._crowd.ended < moment and not self.over.wait(0.01):
                pass
            self.over.wait(self._chance.uniform(0, 1))
            while not self._kill() and not self.over.wait(0.01):
                pass

    def _kill(self) -> bool:
        worker = self._daemon.worker()
        if worker is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            self.killed += 1
            wait_until(lambda: self._daemon.worker() != worker, END_S, "the killed worker is gone")
        return True


def run(home: Path, *, jobs: int, clients: int, kills: int, warm_up: int, seed: int) -> Report:
    report = Report("jobs")
    daemon = Daemon(home, **SETTINGS)
    try:
        daemon.warm()
        before = _settle(daemon, Crowd(daemon, clients, warm_up, seed + 1), report)
        probe, began = HealthProbe(home), time.monotonic()
        crowd = Crowd(daemon, clients, jobs, seed)
        murderer = Murderer(daemon, crowd, jobs, kills, seed)
        murderer.thread.start()
        crowd.run()
        murderer.over.set()
        murderer.thread.join()
        seconds = time.monotonic() - began
        report.row("jobs, clients, kill -9 of the worker", f"{jobs}, {clients}, {murderer.killed}")
        report.row("time", f"{seconds:.0f} s")
        for what, count in sorted(crowd.counts.items()):
            report.row(f"  {what}", count)
        report.row("jobs that ended in a right state", f"{crowd.ended} of {jobs}", "all", crowd.ended == jobs)
        probe.report(report)
        after = _settle(daemon, None, report)
        report.problems += crowd.problems
        _compare(before, after, kills == 0, report)
        _nothing_left(daemon, report)
    finally:
        daemon.stop()
    left = daemon.processes()
    report.row("processes left over", len(left), "0", not left)
    return report


def _settle(daemon: Daemon, warm_up: Crowd | None, report: Report) -> tuple[int, int, int, int]:
    """(bytes, threads, open files, bytes of the worker) with all jobs deleted; but for the last, with the worker ended.

    A `warm_up` runs first: what is allocated once, for the first jobs, is no leak.
    """
    if warm_up is not None:
        warm_up.run()
        report.problems += [f"warm-up: {problem}" for problem in warm_up.problems]
    for job in daemon.client.jobs():
        daemon.client.delete_job(job["id"])
    wait_until(lambda: daemon.client.health()["jobs"] == {"queued": 0, "running": 0}, END_S, "no job is left")
    worker = daemon.worker()
    worker_bytes = resident_bytes(worker) if worker else 0
    wait_until(lambda: daemon.client.unload()["worker"] == "stopped", END_S, "the worker ends")
    time.sleep(SETTLE_S)
    return (resident_bytes(daemon.process.pid), *thread_and_file_counts(daemon.process.pid), worker_bytes)


def _compare(
    before: tuple[int, int, int, int], after: tuple[int, int, int, int], one_worker: bool, report: Report
) -> None:
    """A worker that was killed in between is another one: its memory is told, not judged."""
    for what, place, judged in (("daemon", 0, True), ("worker", 3, one_worker)):
        growth = 100 * (after[place] / max(1, before[place]) - 1)
        sizes = f"{before[place] / 2**20:.1f} → {after[place] / 2**20:.1f} MB ({growth:+.1f} %)"
        promise = "≤ +5 %" if judged else ""
        report.row(f"memory of the {what}, before and after", sizes, promise, growth <= 5 or not judged)
    report.row("threads, before and after", f"{before[1]} → {after[1]}", "no more", after[1] <= before[1])
    report.row("open files, before and after", f"{before[2]} → {after[2]}", "no more", after[2] <= before[2])


def _nothing_left(daemon: Daemon, report: Report) -> None:
    jobs = [path.name for path in (daemon.home / "jobs").rglob("*")]
    report.row("files in the jobs folder", len(jobs), "0", not jobs)
    images = daemon.home / "images"
    with contextlib.suppress(TimeoutError):
        wait_until(lambda: not any(images.iterdir()), KEEP_S + 90, "the pictures are forgotten")
    left = len(list(images.iterdir()))
    report.row("files in the images folder, once their time is over", left, "0", left == 0)
    halves = [path.name for path in daemon.home.rglob("*.part")]
    report.row("half-written files", len(halves), "0", not halves)
