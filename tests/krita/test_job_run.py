"""One job's life in the docker, with records for layers and neither Krita nor a daemon."""

from __future__ import annotations

from typing import Any

import pytest
from neural_style.neural_style_client.parameters import Parameters
from tests.hosts.stand_ins import Anything
from tests.krita.stand_ins import Document

from neural_style.document import open_documents
from neural_style.document.errors import LayerLocked
from neural_style.document.pixels import Picture
from neural_style.run.job_run import OVER, JobRun


class Controller:
    """Hears what a run tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.tasks: list[Any] = []
        self.ticker = self.presets = self.daemon = self
        self.inbox: list[Any] = []

    def add(self, task: Any) -> None:
        self.tasks.append(task)

    def title_of(self, _: Parameters) -> str:
        return "Ink Wash"

    def find(self) -> Any:
        raise AssertionError("no daemon is asked here")

    def post(self, call: Any, *values: Any) -> None:
        self.inbox.append((call, values))

    def run_changed(self, run: JobRun, what: str, value: Any) -> None:
        self.told.append((what, value))

    def heard(self, what: str) -> list[Any]:
        return [value for name, value in self.told if name == what]


class Session:
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def stop(self, keep: bool = False) -> None:
        self.asked.append("keep" if keep else "cancel")


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Document:
    document = Document()
    monkeypatch.setattr(open_documents, "is_open", lambda one: one is document)
    monkeypatch.setattr("neural_style.document.frame_to_layer.is_open", lambda one: one is document)
    return document


@pytest.fixture
def run(document: Document) -> JobRun:
    """One that the daemon has, and that is painted."""
    run = JobRun(document, Parameters(preset="ink-wash"), "Ink Wash", Controller())
    run.session, run._pen = Session(), Anything()
    run.record = {"id": "job0"}
    run._heard("state", "running")
    return run


def told(run: JobRun) -> Controller:
    return run._tell.__self__


class Result:
    """A layer whose removal takes Krita its time: meanwhile the painter, and the docker, look."""

    outlives_failure = was_there = False
    layer_id = "{1}"

    def __init__(self, look: Any) -> None:
        self.look = look

    def take_away(self, *_: Any) -> None:
        self.look()

    def finish(self) -> None: ...


def test_why_a_job_has_ended_is_told_before_krita_takes_its_time_over_the_layer(run: JobRun) -> None:
    seen: list[Any] = []
    run.result = Result(lambda: seen.append((run.phase, told(run).heard("problem"))))
    run._heard("failed", "The daemon was lost.")
    assert seen == [(OVER, ["The daemon was lost."])]
    assert told(run).told[-1] == ("over", "failed")


@pytest.mark.parametrize(("state", "order"), [("running", "pause"), ("paused", "resume")])
def test_pause_and_resume_go_to_where_the_job_is_painted(run: JobRun, state: str, order: str) -> None:
    run._heard("state", state)
    run.pause_or_resume()
    assert run.session.asked == [order]


def test_a_pause_that_was_not_heard_is_told(run: JobRun) -> None:
    run._heard("notice", "The daemon does not answer.")
    assert told(run).heard("refused") == ["The daemon does not answer."] and run.phase == "running"


def test_a_locked_layer_is_no_problem_any_more_once_a_frame_is_shown(run: JobRun) -> None:
    run._not_shown(LayerLocked("The result's layer is locked."))
    assert told(run).heard("held up") == ["The result's layer is locked."]
    run._shown(Picture(1, 1, "RGBA8", [], 10))
    assert told(run).heard("held up")[-1] == "" and run.iteration == 10


def test_the_last_picture_that_a_locked_layer_could_not_take_is_told_with_what_to_do(run: JobRun) -> None:
    run._not_shown(LayerLocked("The result's layer is locked."))
    run._heard("ended", "done")
    (text,) = told(run).heard("problem")
    assert "has not the last picture" in text and "Insert result" in text
    assert told(run).told[-1] == ("over", "done")


def test_a_layer_that_was_unlocked_in_time_has_the_last_picture(run: JobRun) -> None:
    run._not_shown(LayerLocked("The result's layer is locked."))
    run._shown(Picture(1, 1, "RGBA8", [], 10))
    run._heard("ended", "done")
    assert told(run).heard("problem") == []


@pytest.mark.parametrize("notice", [lambda run: run.watch(), lambda run: run._heard("submitted", {"id": "job0"})])
def test_a_picture_that_is_scaled_before_the_daemon_has_the_job_ends_it(
    run: JobRun, document: Document, notice: Any
) -> None:
    document.side = 4
    notice(run)
    assert run.phase == OVER and run.result is None and run.session.asked == ["keep"]
    assert "size was changed" in told(run).heard("problem")[0]
