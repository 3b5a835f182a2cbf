"""Sequences: the frames of a moving picture, in order, each an ordinary job that follows the one before.

A frame's worker is given its predecessor's content and result. So a frame waits until its predecessor is done; while
that one is paused, has failed or was cancelled, the sequence waits and says so, and other clients' jobs pass. Where
there are several workers the first frame of a scene follows none, and scenes are painted at once. What is asked of all
frames is in the sequence's record; how far they are is known from their jobs.
"""

from __future__ import annotations

import contextlib
import importlib.util
import secrets
from collections.abc import Callable
from functools import partial

from ..errors import Conflict, ImageError, InvalidRequest, NotFound
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
from .sequence_store import SequenceStore
from .spec import FrameSpec, JobSpec
from .table import Job, JobTable

NO_FRAMES = FrameSpec(every=1_000_000)
"""Progressive frames of a frame: nobody looks at them."""


class Sequences:
    """A user's sequences. Thread-safe: frames are numbered as they come."""

    def __init__(
        self,
        store: SequenceStore,
        controller: JobController,
        table: JobTable,
        images: ImageStore,
        repaint: Repaint,
        owner: str = OWNER,
    ) -> None:
        self._store, self._owner = store, owner
        self._controller, self._table, self._images, self._repaint = controller, table, images, repaint

    def of(self, user: str, controller: JobController, images: ImageStore) -> Sequences:
        """Another user's."""
        return Sequences(self._store, controller, self._table, images, self._repaint, user)

    def start(self, spec: SequenceSpec) -> Record:
        """A new one without frames; answers `view`. Raises NotFound for an unknown preset or key, Conflict without the
        extra `video`, and what a forecast raises."""
        if importlib.util.find_spec("cv2") is None:
            hint = "Install it with: pip install 'neural-style-server[video]', and start the daemon again."
            raise Conflict("Moving pictures need the extra 'video'.", hint=hint, code="needs_video")
        self._controller.forecast(_job(spec, "0" * 64, None, None), 64, 64)
        record = SequenceRecord(owner=self._owner, id=secrets.token_hex(8), request=spec.model_dump(mode="json"))
        self._store.add(record, self._images)
        return self.view(record.id)

    def add_frame(self, identity: str, frame: SequenceFrameSpec) -> Record:
        """Queue the next frame; its job's view. Raises ImageError for one of another size than the first, Conflict
        where the one before is no longer kept, and what submitting raises."""
        with self._store.changing(identity, self._owner) as record:
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
            self._store.save(record)
            return job

    def view(self, identity: str) -> Record:
        """What `GET /v1/sequences/ID` answers."""
        record = self._store.find(identity, self._owner)
        with self._table.lock:
            jobs = [job.record.view() for job in self._table.of_sequence(identity)]
            may_begin = bool(self._table.waiting_of(identity))
        return record.view(jobs, may_begin)

    def views(self) -> list[Record]:
        """The user's, newest first."""
        found = []
        for record in self._store.of(self._owner):
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
        with self._store.changing(identity, self._owner) as record:
            last = record.frames if spec.last is None else spec.last
            if not spec.frame <= last <= record.frames:
                detail = f"There are no frames {spec.frame} to {last}: the sequence has {record.frames}."
                raise InvalidRequest(detail, hint="GET the sequence lists its frames.")
            self._repaint.again(self._table.of_sequence(identity), spec.frame, last, self._images)
        return self.view(identity)

    def change(self, identity: str, change: SequenceChangeSpec) -> Record:
        """Give it other keys; only the frames whose results are others with them are painted again. Raises ImageError
        for a key of another size, NotFound for one that is not there, and Conflict where a frame is no longer kept."""
        with self._store.changing(identity, self._owner) as record:
            changed = record.model_copy(update={"request": {**record.request, **change.model_dump(mode="json")}})
            before, now = Keys(record.spec()), Keys(changed.spec())
            with self._store.replacing(record, changed):
                self._check_keys(record, now)
                self._store.save(changed)
                jobs = self._table.of_sequence(identity)
                self._repaint.with_keys(jobs, before, now, record.frames, self._images)
        return self.view(identity)

    def delete(self, identity: str) -> None:
        """Forget it with all its jobs, unfinished ones too."""
        with self._store.changing(identity, self._owner) as record:
            for job in reversed(self._table.of_sequence(identity)):
                with contextlib.suppress(NotFound):
                    self._controller.delete(job.id, wait=False)
            self._store.remove(record)

    # within

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
        self._store.find(identity, self._owner)
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
