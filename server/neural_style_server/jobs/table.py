"""All jobs in memory, and their changes of state.

`lock` guards the jobs. Nothing slow happens under it: records are saved, files deleted and workers spoken to by the
threads of the objects that do so. Whoever holds it may call the store, the event logs, the images and the pool, which
have locks of their own; none of them calls back while it holds one.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ..errors import Conflict, NotFound
from .corrections import Lesson
from .counters import Counters
from .event_streams import EventLog
from .image_store import ImageStore
from .record import DONE, ENDED, FAILED, QUEUED, RUNNING, JobRecord, State
from .store import JobStore

NUMBERS_AFTER_RESTART = 1_000_000
"""Event numbers jump so far when a record is loaded: whoever followed the old daemon gets everything there is."""

Action = Literal["pause", "finish", "yield"]


class Client(NamedTuple):
    """A program that submits jobs, such as an editor, and the user who runs it."""

    owner: str
    name: str


@dataclass(eq=False)
class Job:
    """A record, and what is known of the job only while the daemon runs.

    requested: what a client, or the scheduler with "yield", has asked for and the worker has not done yet.
    run, worker: the present run, while it is running. held: how many runs a worker still has, so its folder is in use.
    since: when it came into its state, and heard: when its run was last heard of, by the monotonic clock. device: the
    run's; lesson: what it teaches about forecasts. changed: when the record last changed, in Unix time. changing: held
    while its task is being changed.
    """

    record: JobRecord
    folder: Path
    log: EventLog = field(default_factory=EventLog)
    requested: Action | None = None
    run: str | None = None
    worker: str | None = None
    held: int = 0
    since: float = field(default_factory=time.monotonic)
    heard: float | None = None
    device: str = ""
    lesson: Lesson = field(default_factory=Lesson)
    changed: float = field(default_factory=time.time)
    changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def state(self) -> State:
        return self.record.state

    @property
    def owner(self) -> str:
        return self.record.owner

    @property
    def client(self) -> Client:
        """Who it counts for in sharing the workers: a live job stands beside its client's other jobs."""
        name = f"{self.record.client} (live)" if self.record.live else self.record.client
        return Client(self.owner, name)

    @property
    def iteration_s(self) -> float:
        """Seconds of an iteration, forecast or measured, whichever is longer."""
        record = self.record
        expected = record.forecast.seconds / max(1, record.iterations)
        return max(record.seconds / max(1, record.iteration), expected)

    def refuse_in(self, states: tuple[str, ...], action: str) -> None:
        """Raises Conflict where it is in one of these."""
        if self.state in states:
            raise Conflict(f"The job is {self.state}, so it cannot be {action}.")


class JobTable:
    """Jobs by id. Methods that take a job need `lock`; the others take it themselves."""

    def __init__(self, store: JobStore, images: ImageStore, counters: Counters) -> None:
        self.lock = threading.Condition()
        self.ended = 0
        self._store, self._images, self._counters = store, images, counters
        self._jobs: dict[str, Job] = {}
        for record, changed in store.load():
            record.told += NUMBERS_AFTER_RESTART
            self._begin(Job(record, store.folder(record.id), log=EventLog(record.told), changed=changed))
            images.hold(record.id, record.images())
            images.set_finished(record.id, record.state in ENDED)

    def all(self) -> list[Job]:
        with self.lock:
            return list(self._jobs.values())

    def in_state(self, *states: str) -> list[Job]:
        with self.lock:
            return [job for job in self._jobs.values() if job.state in states]

    def painted(self) -> list[Job]:
        """Those that a worker has, or is about to have: a live job that rests runs, but is not painted."""
        with self.lock:
            return [job for job in self._jobs.values() if job.state == RUNNING and not job.record.resting]

    def waiting(self) -> list[Job]:
        """The queued jobs that a worker may take: not those whose predecessor in a sequence is not done yet."""
        with self.lock:
            return [job for job in self.in_state(QUEUED) if self._may_begin(job)]

    def waiting_of(self, sequence: str) -> list[Job]:
        """Of `waiting`, and of those that are painted now, the frames of a sequence."""
        with self.lock:
            active = [*self.waiting(), *self.painted()]
            return [job for job in active if job.record.sequence is not None and job.record.sequence.id == sequence]

    def needed(self) -> set[str]:
        """The ids of the jobs whose results unfinished successors are painted from."""
        with self.lock:
            places = [job.record.sequence for job in self._jobs.values() if job.state != DONE]
            return {place.previous for place in places if place is not None and place.previous is not None}

    def latest(self) -> set[str]:
        """The ids of the last job of each sequence, which the next frame will follow."""
        with self.lock:
            last: dict[str, tuple[int, str]] = {}
            for job in self._jobs.values():
                if (place := job.record.sequence) is not None:
                    last[place.id] = max(last.get(place.id, (0, "")), (place.frame, job.id))
            return {job for _, job in last.values()}

    def of_sequence(self, identity: str) -> list[Job]:
        """In the order of the frames."""
        with self.lock:
            found = [(job.record.sequence, job) for job in self._jobs.values()]
        pairs = [(place.frame, job) for place, job in found if place is not None and place.id == identity]
        return [job for _, job in sorted(pairs, key=lambda pair: pair[0])]

    def find(self, identity: str, owner: str) -> Job:
        """A user's job. Raises NotFound, in the same words whether it is another user's or nobody's."""
        with self.lock:
            job = self._jobs.get(identity)
        if job is None or job.owner != owner:
            raise NotFound(f"There is no job {identity[:40]!r}.")
        return job

    def has(self, job: Job) -> bool:
        with self.lock:
            return self._jobs.get(job.id) is job

    def add(self, record: JobRecord) -> Job:
        """A new job, queued. Its images are held already."""
        with self.lock:
            job = Job(record, self._store.folder(record.id))
            self._jobs[job.id] = job
            self.set_state(job, QUEUED)
            return job

    def set_state(self, job: Job, state: State, *, resting: bool = False) -> None:
        job.record.state, job.record.resting, job.since = state, resting, time.monotonic()
        self._emit_state(job)
        self.save(job)
        self.lock.notify_all()

    def end(self, job: Job, state: State) -> None:
        job.record.finished, job.record.eta, job.requested = time.time(), 0.0, None
        self._images.set_finished(job.id, True)
        self.ended += 1
        self._counters.add("jobs_ended", state)
        if state == FAILED:
            self._counters.add("job_errors", str((job.record.error or {}).get("code")))
        self.set_state(job, state)

    def queue_again(self, job: Job) -> None:
        """Continue a paused or ended job."""
        record = job.record
        record.attempts, record.error, record.finished, job.requested = 0, None, None, None
        job.log.reopen()
        self._images.set_finished(job.id, False)
        self.set_state(job, QUEUED)

    def emit(self, job: Job, name: str, **data: Any) -> None:
        job.record.told = job.log.add(name, data)

    def save(self, job: Job) -> None:
        if self.has(job):
            job.changed = time.time()
            self._store.save(job.record)

    def remove(self, job: Job) -> None:
        """Delete a job; its files as soon as no worker writes them any more."""
        if self._jobs.pop(job.id, None) is None:
            return
        self.ended += 1
        job.log.close()
        self._images.release(job.id)
        self._store.remove(job.id)
        if not job.held:
            self._store.clear(job.id)

    def _may_begin(self, job: Job) -> bool:
        place = job.record.sequence
        if place is None or place.previous is None:
            return True
        before = self._jobs.get(place.previous)
        return before is not None and before.state == DONE

    def _begin(self, job: Job) -> None:
        """Add a loaded job, and emit its events again for readers after a restart."""
        record = job.record
        self._jobs[job.id] = job
        for frame in record.frames:
            self.emit(job, "frame", **frame.model_dump(), iterations=record.iterations)
        self._emit_state(job)

    def _emit_state(self, job: Job) -> None:
        if job.state == FAILED:
            self.emit(job, "error", **(job.record.error or {}))
        else:
            live = {"resting": job.record.resting, "revision": job.record.revision} if job.record.live else {}
            self.emit(job, "done" if job.state in ENDED else "state", state=job.state, **live)
