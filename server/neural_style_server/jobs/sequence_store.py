"""Records of sequences, in memory and in `sequences/ID.json`; the pictures of their keys are held.

Each record has a lock: whoever changes a sequence may wait for workers and the disk, and no other sequence does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from ..errors import InvalidRequest, NotFound
from ..files import delete, load_json, own_folder, remove_halves, set_aside, write_json
from .image_store import ImageStore
from .repaint import place_of
from .sequence_keys import Keys
from .sequence_record import SequenceRecord
from .table import JobTable


@dataclass(eq=False)
class _Kept:
    record: SequenceRecord
    lock: threading.Lock = field(default_factory=threading.Lock)


class SequenceStore:
    """All users' sequences, in `folder`. Those without jobs are forgotten at the start when they are older than
    `keep_s`. Thread-safe."""

    def __init__(self, folder: Path, table: JobTable, images: ImageStore, keep_s: float) -> None:
        self._folder, self._images = own_folder(folder), images
        self._kept: dict[str, _Kept] = {}
        remove_halves(self._folder)
        for path in sorted(self._folder.glob("*.json")):
            self._load(path, table, keep_s)

    def find(self, identity: str, owner: str) -> SequenceRecord:
        """A user's. Raises NotFound, in the same words whether it is another user's or nobody's."""
        return self._find(identity, owner).record

    def of(self, owner: str) -> list[SequenceRecord]:
        """A user's, newest first."""
        records = [kept.record for kept in [*self._kept.values()] if kept.record.owner == owner]
        return sorted(records, key=lambda record: -record.created)

    @contextmanager
    def changing(self, identity: str, owner: str) -> Iterator[SequenceRecord]:
        """A record that nobody else changes or removes meanwhile. Raises NotFound."""
        with self._find(identity, owner).lock:
            yield self.find(identity, owner)

    @contextmanager
    def replacing(self, record: SequenceRecord, changed: SequenceRecord) -> Iterator[None]:
        """To be used while `changing`: `changed`, once saved, counts from the end on, but `record` after an error. The
        pictures of both are held meanwhile. Raises NotFound where one is being deleted."""
        before, now = (Keys(each.spec()).images for each in (record, changed))
        self._images.hold(_holder(record), [*before, *now])
        try:
            yield
        except BaseException:
            self.save(record)
            self._images.hold(_holder(record), before)
            raise
        self._kept[record.id].record = changed
        self._images.hold(_holder(record), now)

    def add(self, record: SequenceRecord, images: ImageStore) -> None:
        """Raises NotFound for a picture of a key that is not among its user's `images`, DiskFull and StorageError."""
        pictures = Keys(record.spec()).images
        self._images.hold(_holder(record), pictures)
        try:
            for picture in pictures:
                images.get(picture)
            self.save(record)
        except BaseException:
            self._images.release(_holder(record))
            raise
        self._kept[record.id] = _Kept(record)

    def save(self, record: SequenceRecord) -> None:
        """Write it. Raises DiskFull, StorageError."""
        write_json(self._path(record), record.model_dump())

    def remove(self, record: SequenceRecord) -> None:
        """To be used while `changing`."""
        self._kept.pop(record.id, None)
        self._images.release(_holder(record))
        delete(self._path(record))

    def _find(self, identity: str, owner: str) -> _Kept:
        kept = self._kept.get(identity)
        if kept is None or kept.record.owner != owner:
            raise NotFound(f"There is no sequence {identity[:40]!r}.")
        return kept

    def _load(self, path: Path, table: JobTable, keep_s: float) -> None:
        try:
            record = SequenceRecord.model_validate(load_json(path))
            pictures = Keys(record.spec()).images
            if record.id != path.stem:
                raise ValueError(f"the record is of sequence {record.id[:40]!r}")
            old = time.time() - path.stat().st_mtime > keep_s
        except (OSError, ValueError, ValidationError, InvalidRequest) as error:
            set_aside(path, error)
            return
        jobs = table.of_sequence(record.id)
        if old and not jobs:
            delete(path)
            return
        record.frames = max([record.frames, *(place_of(job).frame for job in jobs)])
        self._kept[record.id] = _Kept(record)
        self._images.hold(_holder(record), pictures)

    def _path(self, record: SequenceRecord) -> Path:
        return self._folder / f"{record.id}.json"


def _holder(record: SequenceRecord) -> str:
    return f"sequence-{record.id}"
