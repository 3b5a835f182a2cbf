"""What the docker's buttons do, with records for dockers and runs, and neither Krita nor a daemon."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from neural_style.neural_style_client.api import Pixels
from neural_style.neural_style_client.errors import PainterError
from neural_style.neural_style_client.parameters import Parameters
from tests.hosts.stand_ins import Anything
from tests.krita.stand_ins import Document
from tests.krita.test_dockers import Docker

from neural_style.controller import Controller
from neural_style.document import open_documents
from neural_style.run.job_run import OVER, JobRun
from neural_style.run.settings import Settings
from neural_style.ui.dockers import Dockers

STARTS_ELSEWHERE = Parameters(preset="ink-wash", start="image")


class Choosing(Docker):
    """One whose problem a painter reads."""

    def __init__(self) -> None:
        super().__init__()
        del self.show_problem, self.withdraw_problem  # the class's own
        self.choice: Any = STARTS_ELSEWHERE
        self.problem = ""

    def show_problem(self, words: str) -> None:
        self.problem = words

    def withdraw_problem(self, words: str) -> None:
        if self.problem == words:
            self.problem = ""

    def chosen(self) -> Parameters:
        if isinstance(self.choice, str):
            raise PainterError(self.choice)
        return self.choice


@pytest.fixture
def document(monkeypatch: pytest.MonkeyPatch) -> Document:
    document = Document()
    monkeypatch.setattr(open_documents, "current", lambda: document)
    monkeypatch.setattr(open_documents, "is_open", lambda one: one is document)
    monkeypatch.setattr(open_documents, "is_wrapped", lambda: False)
    return document


@pytest.fixture
def controller(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Controller:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path))
    controller = Controller(Dockers(), Settings(lambda *_: "", lambda *_: None))
    controller.welcome(Choosing())
    controller.presets.known = [{"name": "ink-wash", "title": "Ink Wash"}]
    return controller


def docker_of(controller: Controller) -> Choosing:
    return controller.view._all[0]


def refused(controller: Controller) -> Choosing:
    """The painter has pressed Stylize, and no layer to start from is chosen."""
    docker = docker_of(controller)
    controller.begin.stylize(docker.chosen)
    assert docker.problem.startswith("Choose the layer to start from")
    controller._watch()
    assert docker.problem.startswith("Choose the layer to start from")
    return docker


def test_why_nothing_is_painted_is_said_until_something_else_is_chosen(controller: Controller) -> None:
    docker = refused(controller)
    docker.choice = STARTS_ELSEWHERE.changed(start_layer="ground", start_id="{ground}")
    controller._watch()
    assert docker.problem == ""


def test_or_until_another_layer_is(controller: Controller, document: Document) -> None:
    docker = refused(controller)
    document.active = None
    controller._watch()
    assert docker.problem == ""


def test_a_setting_that_cannot_be_is_refused_until_it_is_changed(controller: Controller) -> None:
    docker = docker_of(controller)
    docker.choice = "Write the iterations as numbers."
    controller.begin.stylize(docker.chosen)
    controller._watch()
    assert docker.problem == "Write the iterations as numbers."
    docker.choice = STARTS_ELSEWHERE
    controller._watch()
    assert docker.problem == ""


class Run(SimpleNamespace):
    """A run that only notes what is asked of it."""

    def watch(self) -> None: ...

    def pause_or_resume(self) -> None:
        self.asked = True


def running(controller: Controller) -> Run:
    run = Run(phase="running", record={"id": "job0"}, result=None, asked=False, document=None, frame=0)
    controller.show_begun(run)
    return run


def test_pause_reaches_the_run_also_when_the_daemon_is_not_known_any_more(controller: Controller) -> None:
    run = running(controller)
    assert controller.daemon.client is None
    controller.pause_or_resume()
    assert run.asked


def test_that_a_pause_was_not_heard_is_said_until_the_job_is_over(controller: Controller) -> None:
    run = running(controller)
    controller.run_changed(run, "refused", "The daemon does not answer.")
    controller._watch()
    assert docker_of(controller).problem == "The daemon does not answer."
    run.phase = OVER
    controller._watch()
    assert docker_of(controller).problem == ""


def test_a_new_window_shows_the_job_of_the_first_and_keeps_it_when_that_is_closed(controller: Controller) -> None:
    run, second = running(controller), Docker()
    controller.presets._thumbnails = {"ink-wash": b"PNG"}
    controller.welcome(second)
    assert second.shown["show_run"] == (run,)
    assert second.shown["show_presets"] == (controller.presets.known,)
    assert second.shown["show_thumbnail"] == ("ink-wash", b"PNG")
    docker_of(controller).destroyed.emit()
    controller.run_changed(run, "progress", {"iteration": 3})
    assert controller.is_running and second.shown["show_progress"] == ({"iteration": 3},)


def live(controller: Controller, document: Document, picture: Any) -> None:
    source = SimpleNamespace(document=document, node=document.layers[0])
    controller.live.run = SimpleNamespace(source=source, picture=picture, end=lambda keep: None)


@pytest.mark.parametrize("picture", [None, Pixels(2, 2, "RGBA8", bytes(16))])
def test_full_size_is_painted_from_lives_picture_or_from_the_chosen_start(
    controller: Controller, document: Document, picture: Pixels | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: list[Any] = []
    monkeypatch.setattr(JobRun, "_send", lambda _, body: iter([bodies.append(body)]))
    monkeypatch.setattr("neural_style.run.job_run.Pen", Anything)
    docker = docker_of(controller)
    docker.choice = Parameters(preset="ink-wash", start="noise")
    live(controller, document, picture)
    controller.begin.full_size(docker.chosen)
    assert docker.problem == "" and controller.live.run is None and controller.is_running
    assert bodies[0]["method"].get("start") == (None if picture else "noise")
    assert controller.run.chosen == controller.settings.last == docker.choice


def test_before_the_first_picture_there_is_nothing_to_keep(controller: Controller, document: Document) -> None:
    live(controller, document, None)
    controller.live.keep()
    assert docker_of(controller).problem == "Nothing is painted yet. Wait for the first picture."
    assert controller.live.run is not None
    live(controller, document, Pixels(2, 2, "RGBA8", bytes(16)))
    controller.live.keep()
    assert controller.live.run is None
