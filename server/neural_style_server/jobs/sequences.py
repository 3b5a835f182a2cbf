"""Sequences: the frames of a moving picture, in order, each an ordinary job that follows the one before.

A frame's worker is given its predecessor's content and result. So a frame waits until its predecessor is done; while
that one is paused, has failed or was cancelled, the sequence waits and says so, and other clients' jobs pass. Where
there are several workers the first frame of a scene follows none, and scenes are painted at once. What is asked of all
frames is in `sequences/ID.json`; how far they are is known from their jobs.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import secrets
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from ..errors import Conflict, ImageError, InvalidRequest, NotFound
from ..files import delete, load_json, own_folder, remove_halves, set_aside, write_json
from ..pixels import Picture
from ..users import OWNER
from .controller import JobController
from .frame_task import check_size, naming
from .image_store import ImageStore
from .record import FramePlace
from .repaint import Repaint, not_kept, place_of
from .scenes import SEARCHED_PIXELS, begins_scene
from .sequence_keys import Keys
from .sequence_record import Record, SequenceRecord
from .sequence_spec import AgainSpec, SequenceChangeSpec, SequenceFrameSpec, SequenceSpec
from .spec import FrameSpec, JobSpec
from .table import Job, JobTable

NO_FRAMES = FrameSpec(every=1_000_000)
"""Progressive frames of a frame: nobody looks at them."""


class Sequences:
    """All of a home's sequences, in `folder`. Thread-safe: frames are numbered as they come.

    Sequences without jobs are forgotten when they are older than `keep_s`. This is what the owner sees of them; `of`
    answers what another user sees.
    """

    def __init__(
        self,
        folder: Path,
        controller: JobController,
        table: JobTable,
        images: ImageStore,
        repaint: Repaint,
        keep_s: float,
    ) -> None:
        self._folder = own_folder(folder)
        self._controller, self._table, self._images, self._repaint = controller, table, images, repaint
        self._owner, self._changing = OWNER, threading.Lock()
        self._records: dict[str, SequenceRecord] = {}
        remove_halves(self._folder)
        for path in sorted(self._folder.glob("*.json")):
            self._load(path, keep_s)

    def of(self, user: str, controller: JobController, images: ImageStore) -> Sequences:
        mine = copy.copy(self)
        mine._owner, mine._controller, mine._images = user, controller, images
        return mine

    def start(self, spec: SequenceSpec) -> Record:
        """A new one without frames; answers `view`. Raises NotFound for an unknown preset or key, Conflict without the
        extra `video`, and what a forecast raises."""
        if importlib.util.find_spec("cv2") is None:
            hint = "Install it with: pip install 'neural-style-server[video]', and start the daemon again."
            raise Conflict("Moving pictures need the extra 'video'.", hint=hint, code="needs_video")
        self._controller.forecast(_job(spec, "0" * 64, None, None), 64, 64)
        record = SequenceRecord(owner=self._owner, id=secrets.token_hex(8), request=spec.model_dump(mode="json"))
        pictures = Keys(spec).images
        self._images.hold(_holder(record.id), pictures)
        try:
            for key in pictures:
                self._images.get(key)
            self._save(record)
        except BaseException:
            self._images.release(_holder(record.id))
            raise
        self._records[record.id] = record
        return self.view(record.id)

    def add_frame(self, identity: str, frame: SequenceFrameSpec) -> Record:
        """Queue the next frame; its job's view. Raises ImageError for one of another size than the first, Conflict
        where the one before is no longer kept, and what submitting raises."""
        with self._changing:
            record = self._find(identity)
            number = record.frames + 1
            content = self._images.get(frame.content)
            self._check_size(record, content)
            before = self._predecessor(identity, record.frames)
            if before is not None and self._begins_scene(before, content, frame):
                before = None
            spec = record.spec()
            keys = Keys(spec)
            at = keys.at(number)
            named = frame.key or (None if at is None else at.image)
            key = None if named is None else self._images.get(named)
            place = FramePlace(
                id=identity,
                frame=number,
                previous=None if before is None else before.id,
                previous_content=None if before is None else str(before.record.request["content"]),
                key=key is not None,
                own_key=frame.key is not None,
                drawn_to=None if key is not None else frame.drawn_to or keys.drawing(number),
            )
            with naming(number):
                job = self._controller.submit(_job(spec, frame.content, frame.mask, frame), place, key)
            record.frames, record.width, record.height = number, content.width, content.height
            self._save(record)
            return job

    def view(self, identity: str) -> Record:
        """What `GET /v1/sequences/ID` answers."""
        record = self._find(identity)
        with self._table.lock:
            jobs = [job.record.view() for job in self._table.of_sequence(identity)]
            may_begin = bool(self._table.waiting_of(identity))
        return record.view(jobs, may_begin)

    def views(self) -> list[Record]:
        """The user's, newest first."""
        own = [record for record in [*self._records.values()] if record.owner == self._owner]
        records = sorted(own, key=lambda record: -record.created)
        found = []
        for record in records:
            with contextlib.suppress(NotFound):
                found.append(self.view(record.id))
        return found

    def cancel(self, identity: str) -> Record:
        """Cancel what is unfinished; what is done stays."""
        return self._each(identity, partial(self._controller.cancel, wait=False), backwards=True)

    def pause(self, identity: str) -> Record:
        """Save what is painted now, and stop."""
        return self._each(identity, self._controller.pause, backwards=True)

    def resume(self, identity: str) -> Record:
        """Go on with what is paused, and do again what was cancelled or has failed."""
        return self._each(identity, self._controller.retry)

    def again(self, identity: str, spec: AgainSpec) -> Record:
        """Paint frames from their beginnings again, but for keys. Raises InvalidRequest where there are no such frames,
        and Conflict where one is no longer kept."""
        with self._changing:
            record = self._find(identity)
            last = record.frames if spec.last is None else spec.last
            if not spec.frame <= last <= record.frames:
                detail = f"There are no frames {spec.frame} to {last}: the sequence has {record.frames}."
                raise InvalidRequest(detail, hint="GET the sequence lists its frames.")
            self._repaint.again(self._table.of_sequence(identity), spec.frame, last, self._images)
        return self.view(identity)

    def change(self, identity: str, change: SequenceChangeSpec) -> Record:
        """Give it other keys; only the frames whose results are others with them are painted again. Raises ImageError
        for a key of another size, NotFound for one that is not there, and Conflict where a frame is no longer kept."""
        with self._changing:
            record = self._find(identity)
            spec = record.spec()
            before, now = Keys(spec), Keys(spec.model_copy(update={"keys": change.keys}))
            self._images.hold(_holder(identity), [*before.images, *now.images])
            try:
                self._check_keys(record, now)
                request = {**record.request, **change.model_dump(mode="json")}
                changed = record.model_copy(update={"request": request})
                self._save(changed)
                jobs = self._table.of_sequence(identity)
                self._repaint.with_keys(jobs, before, now, record.frames, self._images)
            except BaseException:
                self._save(record)
                self._images.hold(_holder(identity), before.images)
                raise
            self._records[identity] = changed
            self._images.hold(_holder(identity), now.images)
        return self.view(identity)

    def delete(self, identity: str) -> None:
        """Forget it with all its jobs, unfinished ones too."""
        with self._changing:
            self._find(identity)
            for job in reversed(self._table.of_sequence(identity)):
                with contextlib.suppress(NotFound):
                    self._controller.delete(job.id, wait=False)
            self._records.pop(identity, None)
            self._images.release(_holder(identity))
            delete(self._path(identity))

    # within

    def _load(self, path: Path, keep_s: float) -> None:
        try:
            record = SequenceRecord.model_validate(load_json(path))
            spec = record.spec()
            if record.id != path.stem:
                raise ValueError(f"the record is of sequence {record.id[:40]!r}")
            old = time.time() - path.stat().st_mtime > keep_s
        except (OSError, ValueError, ValidationError, InvalidRequest) as error:
            set_aside(path, error)
            return
        jobs = self._table.of_sequence(record.id)
        if old and not jobs:
            delete(path)
            return
        record.frames = max([record.frames, *(place_of(job).frame for job in jobs)])
        self._records[record.id] = record
        self._images.hold(_holder(record.id), Keys(spec).images)

    def _find(self, identity: str) -> SequenceRecord:
        record = self._records.get(identity)
        if record is None or record.owner != self._owner:
            raise NotFound(f"There is no sequence {identity[:40]!r}.")
        return record

    def _save(self, record: SequenceRecord) -> None:
        write_json(self._path(record.id), record.model_dump())

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity}.json"

    def _predecessor(self, identity: str, number: int) -> Job | None:
        """The job of frame `number`, None where that is 0."""
        if number == 0:
            return None
        for job in self._table.of_sequence(identity):
            if place_of(job).frame == number:
                return job
        raise not_kept(number)

    def _begins_scene(self, before: Job, content: Picture, frame: SequenceFrameSpec) -> bool:
        """Whether a frame owes nothing to the one before, where that lets another worker paint it. With a mask the
        worker decides, which looks at what is selected alone."""
        alone = len(self._controller.workers()) < 2
        if alone or frame.mask is not None or content.width * content.height > SEARCHED_PIXELS:
            return False
        return begins_scene(self._images.get(str(before.record.request["content"])), content)

    @staticmethod
    def _check_size(record: SequenceRecord, content: Picture) -> None:
        size = content.width, content.height
        if record.frames and size != (record.width, record.height):
            raise ImageError(
                f"Frame {record.frames + 1} is {size[0]} × {size[1]} pixels, "
                f"the sequence {record.width} × {record.height}.",
                hint="Scale it to that size, or start a new sequence with it.",
                code="other_size",
            )

    def _check_keys(self, record: SequenceRecord, keys: Keys) -> None:
        """Raises NotFound, and ImageError for a key of another size than the frames that have come."""
        size = None if record.width is None or record.height is None else (record.width, record.height)
        for key in keys:
            for name, image in (("the key", key.image), ("the key's content", key.content)):
                picture = None if image is None else self._images.get(image)
                if picture is not None and size is not None:
                    with naming(key.frame):
                        check_size(name, picture, size, "its frame", "Make it as large as its frame.")

    def _each(self, identity: str, action: Callable[[str], Record], backwards: bool = False) -> Record:
        """`backwards`, so that no frame begins only to be stopped."""
        self._find(identity)
        jobs = self._table.of_sequence(identity)
        for job in reversed(jobs) if backwards else jobs:
            with contextlib.suppress(Conflict, NotFound):
                action(job.id)
        return self.view(identity)


def _job(spec: SequenceSpec, content: str, mask: str | None, frame: SequenceFrameSpec | None) -> JobSpec:
    """A frame's job."""
    preset = spec.preset if frame is None or frame.preset is None else frame.preset
    blend = spec.blend if frame is None or frame.blend is None else frame.blend
    return JobSpec(
        content=content,
        mask=mask,
        preset=preset,
        blend=blend,
        controls=spec.controls,
        method=spec.method,
        size=spec.size,
        seed=spec.seed,
        client=spec.client,
        frames=NO_FRAMES,
        on_disconnect=spec.on_disconnect,
    )


def _holder(identity: str) -> str:
    return f"sequence-{identity}"
