"""Paints frames of a sequence from their beginnings again, some of them at another place between its keys."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from ..errors import Conflict, NotFound
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

ASK_AGAIN = "The frames that were to be painted again are cancelled meanwhile. Ask again in a moment."


class NewPlace(NamedTuple):
    """key: the id of the picture that is the frame's result."""

    place: FramePlace
    key: str | None


class Repaint:
    """What the jobs have painted is deleted."""

    def __init__(self, table: JobTable, store: JobStore, streams: EventStreams, dispatcher: Dispatcher) -> None:
        self._table, self._store, self._streams, self._dispatcher = table, store, streams, dispatcher

    def again(self, jobs: Sequence[Job], first: int, last: int, images: ImageStore) -> None:
        """The frames from `first` to `last` of a sequence with these `jobs`, but for keys. Raises Conflict where one,
        or a picture of it, is no longer kept, or a worker does not let go of one in time."""
        kept = {place_of(job).frame: job for job in jobs}
        _check_kept(kept, range(first, last + 1))
        _check_kept(kept, _followed(kept, [first]))
        again = [kept[number] for number in range(first, last + 1) if not place_of(kept[number]).key]
        for job in again:
            _check_pictures(job, images)
        self._paint(again, images, {})

    def with_keys(self, jobs: Sequence[Job], before: Keys, now: Keys, last: int, images: ImageStore) -> None:
        """What other keys make new, of `last` frames; what came with a frame itself stays. Raises Conflict as `again`
        does, and NotFound and ImageError for pictures of the keys."""
        kept = {place_of(job).frame: job for job in jobs}
        known = {number: place_of(job) for number, job in kept.items()}
        own = [number for number, place in known.items() if place.own_key or (place.key and before.at(number) is None)]
        drawn = [number for number, place in known.items() if place.drawn_to not in (None, before.drawing(number))]
        first = [number for number, place in known.items() if place.previous is None]
        frames = changed_frames(before, now, own, last, first=first, drawn=drawn)
        _check_kept(kept, frames)
        _check_kept(kept, _followed(kept, [number for number in frames if now.at(number) is None]))
        places = {}
        for number in frames:
            place, key = known[number], now.at(number)
            drawn_to = None if key is not None else place.drawn_to if number in drawn else now.drawing(number)
            new = place.model_copy(update={"key": key is not None, "drawn_to": drawn_to})
            places[kept[number].id] = NewPlace(new, None if key is None else key.image)
        self._paint([kept[number] for number in frames], images, places)

    def _paint(self, jobs: Sequence[Job], images: ImageStore, places: Mapping[str, NewPlace]) -> None:
        """In order; `places` are new ones by the jobs' ids. What is wrong with these is found before a frame is
        stopped; where a worker or the disk is slow, all are cancelled, and asking again goes on from there."""
        tasks = self._tasks([job for job in jobs if job.id in places], places, images)
        self._stop(jobs)
        for job in jobs:
            self._store.forget_painted(job.id)
        if not self._store.flush(LET_GO_S):
            raise Conflict("The disk is slow: what is to be painted again is not deleted yet.", hint=ASK_AGAIN)
        for job in jobs:
            if job.id in tasks:
                tasks[job.id].write(job.folder)
                images.hold(job.id, [*named_images(job.record.request), *places[job.id].place.images])
            if job.id in places and (key := places[job.id].key) is not None:
                write_key(job.folder, job.record, images.get(key))
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
                    raise Conflict("A frame is still being stopped.", hint=ASK_AGAIN)
                self._table.lock.wait(0.05)

    def _tasks(self, jobs: Sequence[Job], places: Mapping[str, NewPlace], images: ImageStore) -> dict[str, TaskFile]:
        """The jobs' tasks at their new places, by id; their pictures are held. Raises NotFound and ImageError."""
        found = {}
        try:
            for job in jobs:
                place, own = places[job.id].place, named_images(job.record.request)
                images.hold(job.id, [*own, *place_of(job).images, *place.images])
                pictures = {name: images.get(name) for name in [*own, *place.images]}
                found[job.id] = TaskFile.read(job.folder)
                found[job.id].drawn_to = task_drawn_to(place, pictures, pictures[job.record.request["content"]])
                if (key := places[job.id].key) is not None:
                    images.get(key)
        except BaseException:
            for job in jobs:
                images.hold(job.id, [*named_images(job.record.request), *place_of(job).images])
            raise
        return found

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


def _check_pictures(job: Job, images: ImageStore) -> None:
    try:
        images.check_there(job.record.images())
    except NotFound:
        detail = f"A picture that frame {place_of(job).frame} is painted from is no longer kept."
        raise Conflict(detail, hint="Upload it again, then ask again.", code="not_kept") from None


def not_kept(number: int) -> Conflict:
    return Conflict(
        f"Frame {number}, which the next one follows, is no longer kept.",
        hint="Start a new sequence with that frame, and with its result as a key.",
        code="not_kept",
    )


def _followed(kept: Mapping[int, Job], numbers: Iterable[int]) -> list[int]:
    """The frames that these follow."""
    return [number - 1 for number in numbers if place_of(kept[number]).previous is not None]


def _check_kept(kept: Collection[int], wanted: Iterable[int]) -> None:
    gone = next((number for number in wanted if number not in kept), None)
    if gone is not None:
        raise not_kept(gone)
