"""What workers report of their runs becomes what is known of the jobs: progress, frames, and how they have ended."""

from __future__ import annotations

import time

from ..pixels import PIXEL_BYTES
from .corrections import Corrections, Lesson
from .counters import Counters
from .messages import Ended, FrameWritten, Progress, Started
from .record import DONE, FAILED, PAUSED, QUEUED, RUNNING
from .spec import most_previews
from .store import JobStore, add_frame
from .table import Job, JobTable

MOST_ATTEMPTS = 3
"""After this many runs whose worker died, the job fails."""

NOT_TOLD = {"event", "id", "tile", "took", "expected"}
"""Of a progress message, what clients do not hear."""

SAVE_FRAMES_S = 1.0
"""A new frame saves the record at most this often; after a crash later frames are found by their files."""


LEAST_SHARE = 0.25
"""Of what a job was to take, from which on it teaches: the coarsest scales are unlike the rest."""


class RunReports:
    """Methods take the job of a run that is its present one, and need the table's lock."""

    def __init__(self, table: JobTable, store: JobStore, counters: Counters, corrections: Corrections) -> None:
        self._table, self._store, self._counters = table, store, counters
        self._corrections = corrections

    def handed_out(self, job: Job, calibration: str | None) -> None:
        """A worker gets its run; `calibration` is the mark of the one that its device has."""
        job.lesson = Lesson(calibration)
        painted = self._table.painted()
        for each in painted:
            each.lesson.shared = len(painted) > 1

    def started(self, job: Job, message: Started) -> None:
        for note in message.notes:
            job.record.note(note)
        job.record.tile = message.tile
        self._table.save(job)

    def progress(self, job: Job, message: Progress) -> None:
        record = job.record
        if message.tile != record.tile:
            record.note(f"Memory ran out; painted in tiles of {message.tile} px from there.")
            record.tile = message.tile
            job.lesson.restart()
        self._take_lesson(job, message)
        begins_anew = message.iteration < record.iteration  # a live picture that has changed
        painted = message.iteration - (0 if begins_anew else record.iteration)
        self._counters.add("iterations", job.device, painted)
        self._count_stage(job, "preparing" if job.heard is None else "painting")
        record.iteration, record.iterations = message.iteration, message.iterations
        record.seconds, record.eta, record.loss = message.seconds, message.eta, message.loss
        self._table.emit(job, "progress", **message.model_dump(exclude=NOT_TOLD))

    def frame(self, job: Job, message: FrameWritten) -> None:
        frame = add_frame(
            job.record, message.number, message.iteration, message.width, message.height, message.revision
        )
        self._table.emit(job, "frame", **frame.model_dump(), iterations=message.iterations)
        if "seconds" in job.record.request["frames"]:
            self._drop_live_frames(job)
        if time.time() - job.changed > SAVE_FRAMES_S:
            self._table.save(job)

    def turn_ended(self, job: Job, message: Ended) -> None:
        """It was paused to wait for its next turn, which is no failed attempt."""
        self._note_end(job, message)
        job.requested = None if job.requested == "yield" else job.requested
        job.record.attempts -= 1
        self._table.set_state(job, QUEUED)

    def ended(self, job: Job, message: Ended) -> None:
        self._note_end(job, message)
        record = job.record
        painted = record.extensions if message.extensions is None else message.extensions
        if message.state == "resting":
            self._rest(job, message.revision or 0)
        elif message.state == PAUSED:
            job.requested, record.eta = None, None
            self._table.set_state(job, PAUSED)
        elif message.state == DONE and painted < record.extensions and job.requested != "finish":
            paused, job.requested = job.requested == "pause", None  # it was extended while its end was on its way
            self._table.set_state(job, PAUSED if paused else QUEUED)
        else:
            record.error = message.error
            if message.state == DONE and record.frames:
                record.iteration = record.frames[-1].iteration
            self._table.end(job, message.state)
            if message.state == DONE and record.sequence is not None:
                self._store.forget_checkpoint(job.id)

    def died(self, job: Job, code: int) -> None:
        """Its worker ended with this exit code: the job is taken up again, but not too often."""
        record = job.record
        if record.attempts >= MOST_ATTEMPTS:
            record.error = {
                "code": "worker_died",
                "detail": f"The worker ended {record.attempts} times while it painted this job (last code {code}).",
                "hint": "Try a smaller size; 'neural-style doctor' may know more.",
            }
            self._table.end(job, FAILED)
            return
        record.note(f"The worker ended (code {code}) at iteration {record.iteration}; the job was taken up again.")
        paused = job.requested == "pause"
        job.requested = "finish" if job.requested == "finish" else None
        self._table.set_state(job, PAUSED if paused else QUEUED)

    def _take_lesson(self, job: Job, message: Progress) -> None:
        """An iteration counts if no other run was there when it began, and none has come since."""
        lesson = job.lesson
        if message.scale != lesson.scale:
            self._teach(job)
            lesson.scale = message.scale
        if not lesson.shared:
            lesson.add(message.took, message.expected)
        lesson.shared = len(self._table.painted()) > 1

    def _teach(self, job: Job) -> None:
        """Whenever a scale is completed, and when the run ends. A live job's runs are parts of pictures."""
        record, lesson = job.record, job.lesson
        foretold = record.forecast.seconds / record.forecast.correction
        if record.live or lesson.expected < LEAST_SHARE * foretold:
            return
        self._corrections.learn(job.id, _loss(job), record.tile, lesson)
        for waiting in self._table.in_state(QUEUED):
            known = waiting.record.forecast
            if known.calibrated:
                factor = self._corrections.factor(lesson.calibration, _loss(waiting), known.tile)
                waiting.record.forecast = known.corrected(factor)

    def _note_end(self, job: Job, message: Ended) -> None:
        self._teach(job)
        for note in message.notes:
            job.record.note(note)
        self._count_stage(job, "saving")

    def _rest(self, job: Job, shown: int) -> None:
        """A live picture has settled; a change or a request may have come meanwhile."""
        job.record.attempts, job.record.eta, job.run = 0, None, None
        if job.requested == "pause":
            job.requested = None
            self._table.set_state(job, PAUSED)
        elif job.record.revision > shown or job.requested == "finish":
            self._table.set_state(job, QUEUED)
        else:
            job.requested = None
            self._table.set_state(job, RUNNING, resting=True)

    def _drop_live_frames(self, job: Job) -> None:
        """Keep the first live frame, where the job began, and the latest ones."""
        record = job.record
        most = most_previews(record.width * record.height * PIXEL_BYTES[record.format])
        live = [frame.number for frame in record.frames if not frame.kept]
        gone = live[1 : max(1, len(live) - most + 1)]
        if gone:
            record.frames = [frame for frame in record.frames if frame.number not in gone]
            self._store.remove_frames(job.id, gone)

    def _count_stage(self, job: Job, stage: str) -> None:
        """Its run was in this stage until now."""
        now = time.monotonic()
        self._counters.add("stage_seconds", stage, now - (job.since if job.heard is None else job.heard))
        job.heard = now


def _loss(job: Job) -> str:
    return str(job.record.recipe.get("loss"))
