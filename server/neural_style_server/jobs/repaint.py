"""Paints frames of a sequence from their beginnings again, some of them at another place between its keys."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..errors import Conflict
from .dispatcher import Dispatcher
from .event_streams import EventStreams
from .frame_task import task_drawn_to, write_key
from .image_store import ImageStore
from .record import DONE, ENDED, FramePlace, named_images
from .sequence_keys import Keys, changed_frames
from .store import JobStore
from .table import Job, JobTable
from .task import TaskFile

LET_GO_S = 10.0
"""How long it waits for a worker to let go of a job, and for the disk."""


class NewPlace(NamedTuple):
    """key: the id of the picture that is the frame's result."""

    place: FramePlace
    key: str | None


class Repaint:
    """What the jobs have painted is deleted."""

    def __init__(self, table: JobTable, store: JobStore, streams: EventStreams, dispatcher: Dispatcher) -> None:
        self._table, self._store, self._streams, self._dispatcher = table, store, streams, dispatcher

    def again(self, jobs: Sequence[Job], first: int, last: int, images: ImageStore) -> None:
        """The frames from `first` to `last` of a sequence with these `jobs`, but for keys. Raises Conflict where one
        is no longer kept, or a worker does not let go of one in time."""
        kept = {place_of(job).frame: job for job in jobs}
        _check_kept(kept, range(max(1, first - 1), last + 1))  # the first follows the one before it
        again = [kept[number] for number in range(first, last + 1)]
        self._paint([job for job in again if not place_of(job).key], images, {})

    def with_keys(self, jobs: Sequence[Job], before: Keys, now: Keys, last: int, images: ImageStore) -> None:
        """What other keys make new, of `last` frames; what came with a frame itself stays. Raises Conflict as `again`
        does, and NotFound and ImageError for pictures of the keys."""
        kept = {place_of(job).frame: job for job in jobs}
        own = [number for number, job in kept.items() if place_of(job).key and before.at(number) is None]
        frames = changed_frames(before, now, own, last)
        followed = [number - 1 for number in frames if number > 1 and now.at(number) is None]
        _check_kept(kept, sorted({*frames, *followed}))
        places = {}
        for number in frames:
            place, key = place_of(kept[number]), now.at(number)
            asked = place.drawn_to not in (None, before.drawing(number))
            drawn_to = None if key is not None else place.drawn_to if asked else now.drawing(number)
            new = place.model_copy(update={"key": key is not None, "drawn_to": drawn_to})
            places[kept[number].id] = NewPlace(new, None if key is None else key.image)
        self._paint([kept[number] for number in frames], images, places)

    def _paint(self, jobs: Sequence[Job], images: ImageStore, places: Mapping[str, NewPlace]) -> None:
        """In order; `places` are new ones by the jobs' ids."""
        self._stop(jobs)
        for job in jobs:
            if job.id in places:
                self._write_task(job, places[job.id], images)
        for job in jobs:
            self._store.forget_painted(job.id)
        self._store.flush(LET_GO_S)
        keys = {identity: new.key for identity, new in places.items() if new.key is not None}
        for job in jobs:
            if job.id in keys:
                write_key(job.folder, job.record, images.get(keys[job.id]))
        with self._table.lock:
            for job in jobs:
                if self._table.has(job) and job.state in ENDED:
                    self._begin(job, places.get(job.id))
            self._dispatcher.dispatch()

    def _stop(self, jobs: Sequence[Job]) -> None:
        with self._table.lock:
            for job in reversed(jobs):
                if job.state not in ENDED:
                    self._dispatcher.cancel(job)
            deadline = time.monotonic() + LET_GO_S
            while any(job.held for job in jobs):
                if time.monotonic() > deadline:
                    raise Conflict("A frame is still being stopped.", hint="Try again in a moment.")
                self._table.lock.wait(0.05)

    def _write_task(self, job: Job, new: NewPlace, images: ImageStore) -> None:
        """What the job was painted from stays until it is written."""
        own = named_images(job.record.request)
        former = place_of(job).images
        images.hold(job.id, [*own, *former, *new.place.images])
        pictures = {name: images.get(name) for name in [*own, *new.place.images]}
        task = TaskFile.read(job.folder)
        task.drawn_to = task_drawn_to(new.place, pictures, pictures[job.record.request["content"]])
        task.write(job.folder)
        images.hold(job.id, [*own, *new.place.images])

    def _begin(self, job: Job, new: NewPlace | None) -> None:
        job.record.forget_painted()
        if new is not None:
            job.record.sequence = new.place
        self._table.queue_again(job)
        if new is not None and new.key is not None:
            job.record.iteration = job.record.iterations
            self._table.end(job, DONE)
        else:
            self._streams.expect(job.log)


def place_of(job: Job) -> FramePlace:
    assert job.record.sequence is not None
    return job.record.sequence


def not_kept(number: int) -> Conflict:
    return Conflict(
        f"Frame {number}, which the next one follows, is no longer kept.",
        hint="Start a new sequence with that frame, and with its result as a key.",
        code="not_kept",
    )


def _check_kept(kept: Collection[int], wanted: Iterable[int]) -> None:
    gone = next((number for number in wanted if number not in kept), None)
    if gone is not None:
        raise not_kept(gone)
