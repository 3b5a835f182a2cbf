"""Thousands of frames through one sequence: what the daemon keeps of them does not grow."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.jobs.fakes import FakeWorker, Shop, grey
from tests.jobs.test_sequences import start

from neural_style_server.jobs import picture_files
from neural_style_server.jobs.messages import Command, StartRun
from neural_style_server.jobs.picture_files import write_picture
from neural_style_server.jobs.record import DONE, FramePlace, JobRecord
from neural_style_server.jobs.sequence_spec import SequenceFrameSpec
from neural_style_server.jobs.table import Job
from neural_style_server.pixels import Picture
from neural_style_server.users import OWNER

LENGTH = 3000 if os.environ.get("NEURAL_STYLE_NIGHTLY") else 150
AHEAD = 3
BYTES_PER_FRAME = 100
"""Of memory, at most: less than a frame's name and number."""


class Eager(FakeWorker):
    """Paints whatever it is told at once, and remembers nothing."""

    def _obey(self, command: Command) -> None:
        if isinstance(command, StartRun):
            write_picture(Path(command.folder) / "result", grey(200), iteration=1)
            self._end(command.id, "done")


class Film:
    """A client that sends frames a few ahead, and deletes each when the next is done, as the plug-ins do."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.sequence = shop, start(shop)
        self.waiting: deque[str] = deque()
        self.before = ""
        self.count = 0

    def paint(self, count: int) -> None:
        for _ in range(count):
            self.waiting.append(self._add())
            if len(self.waiting) == AHEAD:
                self._finish(self.waiting.popleft())

    def _add(self) -> str:
        self.count += 1
        pixels = np.full((6, 8, 4), 255, np.uint8)
        pixels[0, 0, :3] = self.count % 256, self.count // 256, 7
        content = str(self.shop.images.put(Picture(pixels, "RGBA8"))["id"])
        return str(self.shop.all.sequences.add_frame(self.sequence, SequenceFrameSpec(content=content))["id"])

    def _finish(self, job: str) -> None:
        table = self.shop.table
        with table.lock:
            assert table.lock.wait_for(lambda: table.find(job, OWNER).state == DONE, timeout=10)
        if self.before:
            self.shop.controller.delete(self.before, wait=False)
        self.before = job


def kept(shop: Shop) -> dict[str, int]:
    """How many objects and files there are, and the bytes of both."""
    assert shop.all.store.flush(30)
    picture_files._has_sum.cache_clear()  # which remembers a fixed number
    gc.collect()
    objects = gc.get_objects()
    counts = {kind.__name__: sum(type(each) is kind for each in objects) for kind in (Job, JobRecord, FramePlace)}
    files = [path for path in Path(shop.home).rglob("*") if path.is_file()]
    return {**counts, "files": len(files), "memory": tracemalloc.get_traced_memory()[0]}


def test_what_the_daemon_keeps_of_a_film_does_not_grow_with_its_length(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # most of the time otherwise
    shop = open_shop()
    shop.start = Eager
    shop.warm()
    film = Film(shop)
    film.paint(50)
    tracemalloc.start()
    try:
        film.paint(50)
        before = kept(shop)
        record = (shop.home / "sequences" / f"{film.sequence}.json").stat().st_size
        film.paint(LENGTH)
        after = kept(shop)
    finally:
        tracemalloc.stop()
    assert shop.all.sequences.view(film.sequence)["frames"] == film.count
    assert len(shop.all.sequences.view(film.sequence)["jobs"]) == AHEAD
    for name in ("Job", "JobRecord", "FramePlace", "files"):
        assert after[name] <= before[name] + 2, (name, before, after)
    assert after["memory"] - before["memory"] < LENGTH * BYTES_PER_FRAME, (before, after)
    assert (shop.home / "sequences" / f"{film.sequence}.json").stat().st_size <= record + 8
