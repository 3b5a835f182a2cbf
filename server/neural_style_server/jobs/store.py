"""Job records on the disk: loaded once, saved and removed by a thread of its own.

`save` and `remove` only queue the work, so they may be called under any lock. Writes follow the order of the calls; of
several saves of one job only the last is written. A record that cannot be read, or is from a newer version, is set
aside with its folder.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import StorageError
from ..files import (
    LARGEST_JSON,
    UNREADABLE,
    delete,
    forget_set_aside,
    own_folder,
    read_regular,
    remove_halves,
    set_aside,
    write_atomic,
)
from .picture_files import read_notes
from .record import PAUSED, QUEUED, RUNNING, FrameRecord, JobRecord
from .spec import FrameSpec
from .task import CHECKPOINT, FORMER_CHECKPOINT, LOSSES

log = logging.getLogger(__name__)

RECORD = "job.json"
PARTS = ("", "frames", "styles")
"""Where a job's files are, below its folder."""

PAINTED = ("result.json", "result.raw", CHECKPOINT, FORMER_CHECKPOINT, LOSSES, "frames")
"""What workers write there."""

CLOSE_S = 30.0


class JobStore:
    """One folder for each job below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.root = own_folder(folder)
        self.set_aside = 0
        self._changed = threading.Condition()
        self._pending: dict[str, bytes | None] = {}
        self._garbage: list[Path] = []
        self._failed: dict[str, bytes | None] = {}
        self._busy = self._closing = False
        self._thread = threading.Thread(target=self._work, name="job-store", daemon=True)
        self._thread.start()

    def folder(self, job: str) -> Path:
        return self.root / job

    def load(self) -> Iterator[tuple[JobRecord, float]]:
        """Every record, with the Unix time when it was saved. An unfinished job is now paused. To be called once.

        A folder that has no record was left half made, or half deleted, and is removed.
        """
        remove_halves(self.root)
        for path in sorted(self.root.iterdir()):
            if not path.is_dir() or path.name == UNREADABLE:
                continue
            for part in PARTS:
                remove_halves(path / part)
            if not os.path.lexists(path / RECORD):
                delete(path)
                continue
            try:
                loaded = _read(path), (path / RECORD).stat().st_mtime
            except Exception as error:  # whatever is wrong with one record, it hides no other
                self.set_aside += set_aside(path, error)
                continue
            yield loaded

    def create(self, record: JobRecord) -> None:
        """Write a new job's record at once. Raises DiskFull, StorageError."""
        write_atomic(self.folder(record.id) / RECORD, _bytes(record))

    def save(self, record: JobRecord) -> None:
        """Save its present values. After a failure, `retry` tries again."""
        self._note(record.id, _bytes(record))

    def remove(self, job: str) -> None:
        """Delete the record, so that no later daemon finds the job. Its folder stays."""
        self._note(job, None)

    def clear(self, job: str) -> None:
        """Delete a removed job's folder."""
        self._throw_away([self.folder(job)])

    def remove_frames(self, job: str, numbers: Iterable[int]) -> None:
        """Delete the pictures of some frames."""
        frames = self.folder(job) / "frames"
        self._throw_away([frames / f"{number}{suffix}" for number in numbers for suffix in (".json", ".raw")])

    def forget_painted(self, job: str) -> None:
        """Delete all that a worker has made of a job."""
        folder = self.folder(job)
        self._throw_away([folder / name for name in PAINTED])

    def forget_checkpoint(self, job: str) -> None:
        """Of a job that is done and will not be extended."""
        self._throw_away([self.folder(job) / name for name in (CHECKPOINT, FORMER_CHECKPOINT)])

    def retry(self) -> None:
        """Try the failed writes again."""
        with self._changed:
            self._pending = {**self._failed, **self._pending}
            self._failed = {}
            self._changed.notify_all()

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until all queued work is done; returns whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._busy or self._has_work()), timeout_s)

    def forget_set_aside(self, older_than_s: float) -> None:
        """Delete jobs that were set aside longer ago than that."""
        forget_set_aside(self.root, older_than_s)

    def close(self) -> None:
        """Finish the work and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(CLOSE_S)

    def _note(self, job: str, data: bytes | None) -> None:
        with self._changed:
            self._failed.pop(job, None)
            self._pending.pop(job, None)
            self._pending[job] = data
            self._changed.notify_all()

    def _throw_away(self, paths: list[Path]) -> None:
        with self._changed:
            self._garbage += paths
            self._changed.notify_all()

    def _has_work(self) -> bool:
        return bool(self._pending or self._garbage)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._closing or self._has_work())
                if not self._has_work():
                    return
                self._busy = True
                pending, self._pending = self._pending, {}
                garbage, self._garbage = self._garbage, []
            for job, data in pending.items():
                self._write(job, data)
            for path in garbage:
                delete(path)

    def _write(self, job: str, data: bytes | None) -> None:
        path = self.folder(job) / RECORD
        if data is None or not path.parent.exists():
            with contextlib.suppress(OSError):
                path.unlink()
            return
        try:
            write_atomic(path, data)
        except (StorageError, OSError) as error:
            log.warning("the record of job %s could not be saved: %s", job, error, extra={"job": job})
            with self._changed:
                if job not in self._pending:
                    self._failed[job] = data


def _bytes(record: JobRecord) -> bytes:
    return record.model_dump_json().encode()


def _read(folder: Path) -> JobRecord:
    record = JobRecord.model_validate_json(read_regular(folder / RECORD, LARGEST_JSON))
    if record.id != folder.name:
        raise ValueError(f"the record is of job {record.id[:40]!r}")
    json.dumps(record.view(), allow_nan=False)  # raises for what could not be answered
    number = record.frames[-1].number + 1 if record.frames else 1
    while (notes := read_notes(folder / "frames" / str(number))) is not None:
        add_frame(record, number, notes.iteration, notes.width, notes.height, record.revision if record.live else None)
        number += 1
    if record.state in (QUEUED, RUNNING):
        record.state, record.eta, record.resting = PAUSED, None, False
        record.note("The daemon ended while this job was unfinished; it can be resumed.")
    return record


def add_frame(
    record: JobRecord, number: int, iteration: int, width: int, height: int, revision: int | None = None
) -> FrameRecord:
    """A frame that is painted again, from a checkpoint, replaces the former one and those after it."""
    kept = FrameSpec.model_validate(record.request["frames"]).keeps(iteration)
    frame = FrameRecord(number=number, iteration=iteration, width=width, height=height, kept=kept, revision=revision)
    record.frames = [old for old in record.frames if old.number < number] + [frame]
    return frame
