"""Job records on the disk: loaded once, saved and removed by a thread of its own.

`save` and `remove` only queue the work, so they may be called under any lock. Writes follow the order of the calls; of
several saves of one job only the last is written. A record that cannot be read, or is from a newer version, is set
aside with its folder.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from ..errors import InvalidRequest, StorageError
from ..files import private_folder, read_json, write_atomic
from .record import PAUSED, QUEUED, RUNNING, FrameRecord, JobRecord, named_images
from .spec import FrameSpec

log = logging.getLogger(__name__)

RECORD = "job.json"
UNREADABLE = ".unreadable"
"""Folder for the jobs that were set aside."""

CLOSE_S = 30.0


class JobStore:
    """One folder for each job below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.root = private_folder(folder)
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
        for half in self.root.rglob(".*.part"):
            half.unlink(missing_ok=True)
        for path in sorted(self.root.iterdir()):
            if not path.is_dir() or path.name.startswith("."):
                continue
            if not (path / RECORD).exists():
                shutil.rmtree(path, ignore_errors=True)
                continue
            try:
                yield _read(path), (path / RECORD).stat().st_mtime
            except (ValidationError, InvalidRequest, OSError, LookupError, TypeError, ValueError) as error:
                self._set_aside(path, error)

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
        for path in (self.root / UNREADABLE).glob("*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > older_than_s:
                    log.warning("the unreadable job %s is deleted after %.0f days", path.name, older_than_s / 86400)
                    shutil.rmtree(path, ignore_errors=True)

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
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    with contextlib.suppress(OSError):
                        path.unlink()

    def _write(self, job: str, data: bytes | None) -> None:
        path = self.folder(job) / RECORD
        if data is None or not path.parent.exists():
            with contextlib.suppress(OSError):
                path.unlink()
            return
        try:
            write_atomic(path, data)
        except (StorageError, OSError) as error:
            log.warning("the record of job %s could not be saved: %s", job, error)
            with self._changed:
                if job not in self._pending:
                    self._failed[job] = data

    def _set_aside(self, path: Path, error: Exception) -> None:
        log.error("job %s cannot be read and is moved to %s/%s: %s", path.name, self.root.name, UNREADABLE, error)
        place = private_folder(self.root / UNREADABLE) / path.name
        with contextlib.suppress(OSError):
            shutil.rmtree(place, ignore_errors=True)
            path.rename(place)
            place.touch()
        self.set_aside += 1


def _bytes(record: JobRecord) -> bytes:
    return record.model_dump_json().encode()


def _read(folder: Path) -> JobRecord:
    record = JobRecord.model_validate_json((folder / RECORD).read_bytes())
    if record.id != folder.name:
        raise ValueError(f"the record is of job {record.id[:40]!r}")
    (
        named_images(record.request),
        FrameSpec.model_validate(record.request["frames"]),
    )  # raise what makes a request unreadable
    number = record.frames[-1].number + 1 if record.frames else 1
    while isinstance(meta := read_json(folder / "frames" / f"{number}.json"), dict):
        add_frame(record, number, meta["iteration"], meta["width"], meta["height"])
        number += 1
    if record.state in (QUEUED, RUNNING):
        record.state, record.eta = PAUSED, None
        record.note("The daemon ended while this job was unfinished; it can be resumed.")
    return record


def add_frame(record: JobRecord, number: int, iteration: int, width: int, height: int) -> FrameRecord:
    """A frame that is painted again, from a checkpoint, replaces the former one and those after it."""
    kept = FrameSpec.model_validate(record.request["frames"]).keeps(iteration)
    frame = FrameRecord(number=number, iteration=iteration, width=width, height=height, kept=kept)
    record.frames = [old for old in record.frames if old.number < number] + [frame]
    return frame
