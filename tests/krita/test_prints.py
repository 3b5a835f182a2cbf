"""Paint for Print without Krita: when it begins, with what, and what is asked of the daemon before."""

# ruff: noqa: F811
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from neural_style.neural_style_client import status
from neural_style.neural_style_client.errors import DaemonError, PainterError
from neural_style.neural_style_client.parameters import Parameters
from neural_style.neural_style_client.print_size import PrintSize
from neural_style.neural_style_client.tasks import WAIT
from tests.hosts.stand_ins import Anything
from tests.krita.stand_ins import Document
from tests.krita.test_controller import controller, document, running  # noqa: F401

from neural_style import beginnings
from neural_style.controller import Controller
from neural_style.document import open_documents, print_copy
from neural_style.run.job_run import JobRun

PRINT = PrintSize(3, "in", 100)
CHOSEN = Parameters(preset="ink-wash", size=256)


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What copies were asked for; each is a picture of its own. No job is sent."""
    made: list[Any] = []

    def copy(document: Any, layer: Any, wanted: PrintSize, pixels: tuple[int, int]) -> Any:
        made.append((document, layer, wanted, pixels))
        copied = Document("copy")
        return SimpleNamespace(document=copied, layer=copied.layers[0], drawn=lambda: iter([WAIT]))

    monkeypatch.setattr(beginnings, "PrintCopy", copy)
    monkeypatch.setattr(JobRun, "_send", lambda _, body: iter(()))
    monkeypatch.setattr("neural_style.run.job_run.Pen", Anything)
    return made


def painted(controller: Controller) -> None:
    """The copy is drawn, and its job begun."""
    for _ in controller.ticker._tasks.popleft():
        pass


def test_the_copy_is_painted_at_full_size(controller: Controller, document: Document, copies: list[Any]) -> None:
    controller.begin.for_print(CHOSEN, document, document.layers[0], PRINT)
    painted(controller)
    assert copies == [(document, document.layers[0], PRINT, (300, 300))]
    assert controller.run is not None and controller.run.document.name == "copy"
    assert controller.run.layer is controller.run.document.layers[0]
    assert controller.run.chosen == CHOSEN.changed(size=0)


def test_a_picture_in_wrap_around_mode_is_printed_seamless(
    controller: Controller,
    document: Document,
    copies: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_documents, "is_wrapped", lambda: not copies)  # the copy's view is a new one
    controller.begin.for_print(CHOSEN.changed(seamless="auto"), document, document.layers[0], PRINT)
    painted(controller)
    assert controller.run is not None and controller.run.wrapped


@pytest.mark.parametrize("what", ["another picture", "no layer", "no style", "no room", "a job"])
def test_what_is_in_the_way_is_said_before_there_is_a_copy(
    what: str,
    controller: Controller,
    document: Document,
    copies: list[Any],
) -> None:
    picture, layer, chosen, size = document, document.layers[0], CHOSEN, PRINT
    if what == "another picture":
        picture = Document("other")
    elif what == "no layer":
        document.layers.clear()
    elif what == "no style":
        chosen = Parameters()
    elif what == "no room":
        size = PrintSize(1000)
    else:
        running(controller)
    with pytest.raises(PainterError):
        controller.begin.for_print(chosen, picture, layer, size)
    assert copies == []


def test_a_copy_is_called_after_the_picture_and_its_paper() -> None:
    picture = Anything()
    picture.name, picture.fileName = lambda: "", lambda: "/home/painter/harbour.v2.kra"
    picture.width, picture.height = lambda: 1500, lambda: 1000
    assert print_copy.name_of(picture, PrintSize(36)) == "harbour.v2 36 × 24 in"
    picture.name = lambda: "Harbour"
    assert print_copy.name_of(picture, PrintSize(29.7, "cm")) == "Harbour 29.7 × 19.8 cm"


class Daemon:
    """Answers a forecast, or refuses it."""

    def __init__(self, answer: Any) -> None:
        self.answer, self.bodies = answer, []

    def request(self, work: Any, done: Any, failed: Any) -> None:
        done(work(self))

    def forecast(self, body: dict[str, Any]) -> Any:
        self.bodies.append(body)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "words", "refused"),
    [
        ({"seconds": 30, "bytes": 1e9}, "About 30 s and 1.0 GB of memory", False),
        (DaemonError(413, {"code": "too_large", "detail": "It is too large.", "hint": "Scale it."}), "too large", True),
    ],
)
def test_a_forecast_is_asked_for_the_prints_pixels(
    controller: Controller,
    answer: Any,
    words: str,
    refused: bool,
) -> None:
    daemon = controller.forecasts._daemon = Daemon(answer)
    controller.connection.become(status.READY)
    heard: list[Any] = []
    controller.forecasts.ask(CHOSEN.changed(size=0), (10800, 7200), lambda *said: heard.append(said))
    assert words in heard[0][0] and heard[0][1] == refused
    assert (daemon.bodies[0]["width"], daemon.bodies[0]["height"]) == (10800, 7200) and "size" not in daemon.bodies[0]
