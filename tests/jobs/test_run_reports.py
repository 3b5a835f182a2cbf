"""What a run's reports make of its job, without workers: its record, its events, its state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.test_store import record

from neural_style_server.jobs.corrections import Corrections
from neural_style_server.jobs.counters import Counters
from neural_style_server.jobs.disk_limit import DiskLimit
from neural_style_server.jobs.image_store import ImageStore
from neural_style_server.jobs.messages import Ended, FrameWritten, Progress, Started
from neural_style_server.jobs.record import CANCELLED, DONE, FAILED, PAUSED, QUEUED, RUNNING, FramePlace, Loss
from neural_style_server.jobs.run_reports import MOST_ATTEMPTS, RunReports
from neural_style_server.jobs.store import JobStore
from neural_style_server.jobs.table import Job, JobTable
from neural_style_server.jobs.task import CHECKPOINT

RUN = "run-1"


class Painted:
    """A job whose run reports."""

    def __init__(self, home: Path, **more: Any) -> None:
        self.counters = Counters()
        images = ImageStore(home / "images", 10, DiskLimit(1 << 20, lambda: 0), self.counters)
        self.store = JobStore(home / "jobs")
        self.table = JobTable(self.store, images, self.counters)
        self.reports = RunReports(self.table, self.store, self.counters, Corrections(home))
        made = record(**more)
        self.store.folder(made.id).mkdir()
        with self.table.lock:
            self.job = self.table.add(made)
            self.job.run, self.job.device = RUN, "cpu"
            self.table.set_state(self.job, RUNNING)

    def progress(self, iteration: int, tile: int | None = None) -> None:
        loss, size = Loss(total=3.0, content=1.0, style=1.5, tv=0.5), {"scale": 0, "width": 8, "height": 6}
        spent: dict[str, Any] = {"seconds": 0.5, "eta": 2.0, **size}
        self.reports.progress(
            self.job, Progress(id=RUN, iteration=iteration, iterations=60, loss=loss, tile=tile, **spent)
        )

    def frame(self, number: int, iteration: int) -> None:
        self.reports.frame(
            self.job, FrameWritten(id=RUN, number=number, iteration=iteration, iterations=60, width=8, height=6)
        )

    def ended(self, state: Any, **more: Any) -> Job:
        self.reports.ended(self.job, Ended(id=RUN, state=state, **more))
        return self.job


@contextmanager
def locked(home: Path, **more: Any) -> Iterator[Painted]:
    """As the dispatcher has it."""
    made = Painted(home, **more)
    with made.table.lock:
        yield made
    made.store.close()


@pytest.fixture
def painted(tmp_path: Path) -> Iterator[Painted]:
    with locked(tmp_path) as made:
        yield made


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Painted]:
    with locked(tmp_path, live=True, revision=3) as made:
        yield made


def test_where_a_run_begins_is_noted(painted: Painted) -> None:
    painted.reports.started(painted.job, Started(id=RUN, tile=256, notes=["The checkpoint was damaged."]))
    assert (painted.job.record.tile, painted.job.record.notes) == (256, ["The checkpoint was damaged."])


def test_progress_is_counted_once_and_by_stage(painted: Painted) -> None:
    for iteration in (1, 2, 5):
        painted.progress(iteration)
    assert painted.counters.of("iterations") == {"cpu": 5}
    assert set(painted.counters.of("stage_seconds")) == {"preparing", "painting"}
    record = painted.job.record
    assert (record.iteration, record.iterations, record.seconds, record.eta) == (5, 60, 0.5, 2.0)


def test_a_live_picture_that_has_changed_is_counted_from_its_beginning(live: Painted) -> None:
    for iteration in (7, 2):
        live.progress(iteration)
    assert live.counters.of("iterations") == {"cpu": 9}


def test_smaller_tiles_are_noted_once(painted: Painted) -> None:
    for tile in (None, 256, 256):
        painted.progress(1, tile)
    assert painted.job.record.notes == ["Memory ran out; painted in tiles of 256 px from there."]


def test_a_job_that_is_done_is_as_far_as_its_last_frame(painted: Painted) -> None:
    painted.progress(58)
    painted.frame(1, 60)
    assert painted.ended("done").state == DONE
    assert painted.job.record.iteration == 60


def test_a_failure_has_its_problem(painted: Painted) -> None:
    problem = {"code": "diverged", "detail": "No.", "hint": "Less."}
    assert painted.ended("failed", error=problem, notes=["One."]).state == FAILED
    assert (painted.job.record.error, painted.job.record.notes) == (problem, ["One."])
    assert painted.counters.of("job_errors") == {"diverged": 1}


def test_a_pause_that_was_asked_for_is_over_with_it(painted: Painted) -> None:
    painted.job.requested = "pause"
    assert painted.ended("paused").state == PAUSED
    assert (painted.job.requested, painted.job.record.eta) == (None, None)


@pytest.mark.parametrize(("requested", "kept"), [("yield", None), ("finish", "finish")])
def test_the_end_of_a_turn_is_no_failed_attempt(painted: Painted, requested: Any, kept: str | None) -> None:
    painted.job.record.attempts, painted.job.requested = 1, requested
    painted.reports.turn_ended(painted.job, Ended(id=RUN, state="paused"))
    assert (painted.job.state, painted.job.record.attempts, painted.job.requested) == (QUEUED, 0, kept)


@pytest.mark.parametrize(
    ("requested", "painted_extensions", "state"),
    [(None, 0, QUEUED), ("pause", 0, PAUSED), ("finish", 0, DONE), (None, 1, DONE), (None, None, DONE)],
)
def test_an_extension_that_crossed_the_end_is_painted(
    painted: Painted, requested: Any, painted_extensions: int | None, state: str
) -> None:
    painted.job.record.extensions, painted.job.requested = 1, requested
    assert painted.ended("done", extensions=painted_extensions).state == state
    assert painted.job.requested is None


@pytest.mark.parametrize(
    ("requested", "shown", "state", "resting"),
    [
        (None, 3, RUNNING, True),
        (None, 2, QUEUED, False),
        ("pause", 3, PAUSED, False),
        ("finish", 3, QUEUED, False),
        ("yield", 3, RUNNING, True),
    ],
)
def test_a_live_picture_rests_unless_something_came_meanwhile(
    live: Painted, requested: Any, shown: int, state: str, resting: bool
) -> None:
    live.job.requested = requested
    job = live.ended("resting", revision=shown)
    assert (job.state, job.record.resting, job.run) == (state, resting, None)
    assert job.requested == ("finish" if requested == "finish" else None)


def test_a_frame_of_a_sequence_keeps_no_checkpoint(tmp_path: Path) -> None:
    with locked(tmp_path, sequence=FramePlace(id="s", frame=1).model_dump()) as frame:
        checkpoint = frame.store.folder(frame.job.id) / CHECKPOINT
        for state, stays in (("cancelled", True), ("done", False)):
            checkpoint.write_bytes(b"state")
            assert frame.ended(state).state == {"cancelled": CANCELLED, "done": DONE}[state]
            frame.store.flush(10)
            assert checkpoint.exists() == stays


@pytest.mark.parametrize(
    ("requested", "state", "kept"),
    [(None, QUEUED, None), ("yield", QUEUED, None), ("pause", PAUSED, None), ("finish", QUEUED, "finish")],
)
def test_a_job_whose_worker_died_is_taken_up_again(
    painted: Painted, requested: Any, state: str, kept: str | None
) -> None:
    painted.progress(7)
    painted.job.record.attempts, painted.job.requested = MOST_ATTEMPTS - 1, requested
    painted.reports.died(painted.job, -11)
    assert (painted.job.state, painted.job.requested) == (state, kept)
    assert painted.job.record.notes == ["The worker ended (code -11) at iteration 7; the job was taken up again."]


def test_a_job_that_kills_its_workers_fails(painted: Painted) -> None:
    painted.job.record.attempts = MOST_ATTEMPTS
    painted.reports.died(painted.job, -11)
    assert painted.job.state == FAILED
    assert painted.job.record.error is not None and painted.job.record.error["code"] == "worker_died"
