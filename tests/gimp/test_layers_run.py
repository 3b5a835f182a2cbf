"""A run from its beginning to whatever end, with records for layers and a daemon that paints nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.client.fake_daemon import FakeDaemon
from tests.gimp.fake_editor import FakeEditor, FakeImage, FakeLayer, Source

from document.pixels import Picture
from neural_style_client import Client, connect
from neural_style_client.errors import Cancelled, DaemonGone, PainterError
from neural_style_client.parameters import INSTEAD, Parameters
from neural_style_client.tasks import run_to_end
from run import records
from run.job_start import MoreIterations, NewJob
from run.layers_run import LayersRun, NoView

CYAN = bytes([0, 255, 255, 255])


class Watching(NoView):
    """A window that looks: `when` is called at each look, and may press buttons."""

    live = True

    def __init__(self, when: Callable[[Any], None] = lambda view: None, keep: bool = False) -> None:
        self.cancelled = self.finished = False
        self.keep_on_cancel = keep
        self.when = when
        self.paused = False
        self.texts: list[str] = []
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def show(self, progress: Any) -> None:
        self.texts.append(progress.text())
        self.when(self)


def make(*layers: FakeLayer, view: Any = None, **chosen: Any) -> tuple[FakeImage, LayersRun]:
    image = FakeImage(*(layers or (FakeLayer("sky"),)))
    return image, new_run(image, Parameters(preset="ink-wash", **chosen), view)


def new_run(image: FakeImage, parameters: Parameters, view: Any = None, **start: Any) -> LayersRun:
    editor = FakeEditor(image)
    job = NewJob(editor, image, parameters, "gimp-1", view is not None and view.live, **start)
    return LayersRun(editor, image, image.layers, parameters, connect, job, view)


def names(image: FakeImage) -> list[str]:
    return [layer.name for layer in image.layers]


def test_the_result_is_one_undo_step(fake_daemon: FakeDaemon) -> None:
    image, run = make()
    made = run_to_end(run.task())
    assert names(image) == ["Neural Style: ink-wash (iteration 30)", "sky"]
    assert image.undo_steps == [["Neural Style: ink-wash (iteration 30)"]]
    assert made[0].data == CYAN


def test_a_live_layer_improves_and_leaves_no_trace(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=5, step_s=0.05)
    seen = set()
    image, run = make(view=Watching(lambda view: seen.update(names(image))))
    run_to_end(run.task())
    assert "Neural Style: ink-wash (painting…)" in seen
    assert names(image) == ["Neural Style: ink-wash (iteration 50)", "sky"]
    assert len(image.undo_steps) == 1


def test_a_slow_first_frame_is_not_taken_for_a_deleted_layer(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("run.layers_run.LOOK_EVERY_S", 0.0)
    image, run = make(view=Watching())
    run._editor.slow_s = 0.05
    run_to_end(run.task())
    assert len(names(image)) == 2


class Drawing(Watching):
    """The painter draws: of five looks at the mouse's button four see it down."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.seen: list[tuple[int, int]] = []

    def is_pressed(self) -> bool:
        self.looks += 1
        self.seen.append((len(self.image.layers), len(self.image.undo_steps)))
        return self.looks % 5 != 0


def test_no_layer_comes_or_goes_in_the_middle_of_a_stroke(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=5, step_s=0.05)
    view = Drawing()
    view.image, run = make(view=view)
    run_to_end(run.task())
    assert view.seen == [(1, 0)] * 5 + [(2, 0)] * 5
    assert len(view.image.undo_steps) == 1


def test_a_job_that_is_cancelled_elsewhere_takes_no_layer_away_in_the_middle_of_a_stroke(
    fake_daemon: FakeDaemon,
) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    view = Drawing()
    view.image, run = make(view=view)
    view.when = lambda _: view.image.layers[1:] and connect().cancel("job0")
    with pytest.raises(Cancelled):
        run_to_end(run.task())
    assert view.seen == [(1, 0)] * 5 + [(2, 0)] * 5 and names(view.image) == ["sky"]


def test_the_result_may_take_the_layers_place(fake_daemon: FakeDaemon) -> None:
    image, run = make(FakeLayer("sky"), FakeLayer("sea"), place=INSTEAD)
    run_to_end(run.task())
    assert names(image) == ["Neural Style: ink-wash (iteration 30)"] * 2
    assert len(image.undo_steps) == 1


def test_a_layer_stays_where_its_painting_was_cancelled(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    view = Watching(lambda view: setattr(view, "cancelled", len(image.layers) > 1), keep=True)
    image, run = make(view=view, place=INSTEAD)
    run_to_end(run.task())
    assert len(image.layers) == 2 and names(image)[1] == "sky"


def test_kept_frames_lie_below_the_result(fake_daemon: FakeDaemon) -> None:
    image, run = make(keep="every 10")
    run_to_end(run.task())
    assert image.undo_steps == [[f"Neural Style: ink-wash (iteration {at})" for at in (10, 20, 30)]]


def test_several_layers_are_painted_in_turn_in_one_step(fake_daemon: FakeDaemon) -> None:
    view = Watching()
    image, run = make(FakeLayer("sky"), FakeLayer("sea"), view=view)
    run_to_end(run.task())
    result = "Neural Style: ink-wash (iteration 30)"
    assert names(image) == [result, "sky", result, "sea"]
    assert len(image.undo_steps) == 1


def test_cancel_takes_everything_back(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    image, run = make(view=Watching(lambda view: setattr(view, "cancelled", len(image.layers) > 1)))
    began = time.monotonic()
    with pytest.raises(Cancelled):
        run_to_end(run.task())
    run.wait_for_daemon(2)
    assert time.monotonic() - began < 2
    assert names(image) == ["sky"]
    assert image.undo_steps == []
    assert fake_daemon.jobs["job0"].state == "cancelled"


def test_cancel_may_keep_the_last_whole_frame(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    view = Watching(lambda view: setattr(view, "cancelled", len(image.layers) > 1), keep=True)
    image, run = make(view=view)
    made = run_to_end(run.task())
    assert made[0].data == CYAN
    assert len(image.undo_steps) == 1
    run.wait_for_daemon(2)
    assert fake_daemon.jobs["job0"].state == "cancelled"


def test_cancel_before_the_first_frame_leaves_nothing_to_keep(fake_daemon: FakeDaemon) -> None:
    view = Watching(keep=True)
    view.cancelled = True
    image, run = make(view=view)
    assert run_to_end(run.task()) == []
    assert names(image) == ["sky"]
    assert image.undo_steps == []


def test_stopping_here_keeps_the_picture_and_starts_no_more(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    view = Watching(lambda view: setattr(view, "finished", len(image.layers) > 2))
    image, run = make(FakeLayer("sky"), FakeLayer("sea"), view=view)
    run_to_end(run.task())
    assert len(fake_daemon.jobs) == 1
    assert fake_daemon.jobs["job0"].state == "done"
    assert names(image)[1:] == ["sky", "sea"]


def test_a_failure_keeps_finished_layers_and_nothing_half_painted(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=3, step_s=0.02)

    def fail_the_second(view: Any) -> None:
        if len(fake_daemon.jobs) == 2:
            fake_daemon.behave(fail={"code": "x", "detail": "Out of memory.", "hint": "Choose a smaller size."})

    image, run = make(FakeLayer("sky"), FakeLayer("sea"), view=Watching(fail_the_second))
    with pytest.raises(PainterError, match=r"Out of memory\. Choose a smaller size\."):
        run_to_end(run.task())
    assert names(image) == ["Neural Style: ink-wash (iteration 30)", "sky", "sea"]
    assert len(image.undo_steps) == 1


def test_an_image_that_is_closed_ends_the_job(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    image, run = make(view=Watching(lambda view: setattr(image, "open", len(image.layers) < 2)))
    with pytest.raises(PainterError, match="image was closed"):
        run_to_end(run.task())
    run.wait_for_daemon(2)
    assert image.undo_steps == []
    assert fake_daemon.jobs["job0"].state == "cancelled"


def test_deleting_the_live_layer_is_a_cancel(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    image, run = make(view=Watching(lambda view: image.layers.remove(image.layers[0]) if image.layers[1:] else None))
    with pytest.raises(Cancelled):
        run_to_end(run.task())
    assert names(image) == ["sky"]
    run.wait_for_daemon(2)
    assert fake_daemon.jobs["job0"].state == "cancelled"


def test_an_image_that_becomes_indexed_is_explained(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    image, run = make(view=Watching(lambda view: setattr(image, "indexed", len(image.layers) > 1)))
    with pytest.raises(PainterError, match="Mode → RGB"):
        run_to_end(run.task())
    assert names(image) == ["sky"]


def test_what_was_there_is_kept_when_the_layers_size_was_changed(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    image, run = make(view=Watching(lambda view: setattr(run._editor, "resized", len(image.layers) > 1)))
    with pytest.raises(PainterError, match="size of the layer was changed"):
        run_to_end(run.task())
    assert len(image.layers) == 2 and image.layers[0].data == CYAN and len(image.undo_steps) == 1
    run.wait_for_daemon(2)
    assert fake_daemon.jobs["job0"].state == "cancelled"


def test_nothing_comes_of_a_layer_that_was_scaled_before_its_first_frame(fake_daemon: FakeDaemon) -> None:
    image, run = make(view=Watching())
    run._editor.resized = True
    with pytest.raises(PainterError, match="size of the layer was changed"):
        run_to_end(run.task())
    assert names(image) == ["sky"] and image.undo_steps == []


def test_a_layer_that_is_deleted_before_its_turn_is_left_out(fake_daemon: FakeDaemon) -> None:
    sea = FakeLayer("sea")
    image, run = make(FakeLayer("sky"), sea, FakeLayer("land"), view=Watching(lambda view: delete(image, sea)))
    run_to_end(run.task())
    result = "Neural Style: ink-wash (iteration 30)"
    assert names(image) == [result, "sky", result, "land"]
    assert run._editor.told == ["The layer “sea” was deleted. Edit → Undo brings it back."]


def test_the_result_of_a_layer_that_was_deleted_meanwhile_comes_on_top(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=5, step_s=0.05)
    sky = FakeLayer("sky")
    image, run = make(sky, FakeLayer("sea"), view=Watching(lambda view: delete(image, sky)), place=INSTEAD)
    run._layers.pop()
    run_to_end(run.task())
    assert names(image) == ["Neural Style: ink-wash (iteration 50)", "sea"]


def delete(image: FakeImage, layer: FakeLayer) -> None:
    if layer in image.layers:
        image.layers.remove(layer)


def test_the_layer_to_start_from_is_sent(fake_daemon: FakeDaemon) -> None:
    image = FakeImage(FakeLayer("sky"))
    start = FakeLayer("start", bytes([9, 9, 9, 255]))
    run = new_run(image, Parameters(preset="ink-wash", start="image"), init_layer=start)
    run_to_end(run.task())
    assert fake_daemon.images[fake_daemon.jobs["job0"].body["init"]][3] == start.data


def test_a_run_goes_on_from_a_picture_of_another_size(fake_daemon: FakeDaemon) -> None:
    image = FakeImage(FakeLayer("sky"))
    picture = Picture(2, 1, "RGBA8", [bytes([9, 9, 9, 255] * 2)])
    run = new_run(image, Parameters(preset="ink-wash"), init=picture)
    run_to_end(run.task())
    body = fake_daemon.jobs["job0"].body
    assert body["method"]["start"] == "image"
    assert fake_daemon.images[body["init"]] == (2, 1, "RGBA8", picture.data)


def test_a_result_says_how_to_make_it_again(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = []
    monkeypatch.setattr(records, "pack", lambda *how: packed.append(how) or b"")
    _, run = make(controls={"detail": 5})
    run_to_end(run.task())
    earlier = records.EarlierJob("job0", packed[0][1].last_event, 30, 7, (0, 0, 1, 1), (0, 0, 1, 1), (9, 9))
    assert packed == [(Parameters(preset="ink-wash", controls={"detail": 5}), earlier)]
    assert earlier.last_event > 3


def go_on(record: bytes, iterations: int = 10) -> tuple[FakeImage, LayersRun]:
    image, parameters = FakeImage(FakeLayer("result")), Parameters(preset="ink-wash")
    editor = FakeEditor(image)
    start = MoreIterations(editor, image, parameters, records.earlier_job(record), iterations)
    return image, LayersRun(editor, image, image.layers, parameters, connect, start)


def recorded_by(run: LayersRun, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The parasite of the layer that a run makes."""
    with monkeypatch.context() as patch:
        kept: list[bytes] = []
        pack = records.pack
        patch.setattr(records, "pack", lambda *how: kept.append(pack(*how)) or kept[-1])
        run_to_end(run.task())
    return kept[-1]


def test_a_result_goes_on_where_it_ended_as_often_as_wanted(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = recorded_by(make()[1], monkeypatch)
    for reached in (40, 50):
        image, run = go_on(record)
        record = recorded_by(run, monkeypatch)
        assert names(image) == [f"Neural Style: ink-wash (iteration {reached})", "result"]
    assert len(fake_daemon.jobs) == 1


def test_a_result_that_was_scaled_since_cannot_go_on(fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    image, run = go_on(recorded_by(make()[1], monkeypatch))
    layer = image.layers[0]
    larger = Source(layer, Picture(2, 1, "RGBA8", [CYAN * 2]), b"", (0, 0, 1, 1))
    run._editor.read_result = lambda *_: iter_of(larger)
    with pytest.raises(PainterError, match="“result” has another size than when it was painted"):
        run_to_end(run.task())
    assert names(image) == ["result"]


def iter_of(value: Any) -> Any:
    """A task with this outcome."""
    yield
    return value


def test_a_painting_that_the_daemon_has_forgotten_cannot_go_on(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = recorded_by(make()[1], monkeypatch)
    fake_daemon.jobs.clear()
    image, run = go_on(record)
    with pytest.raises(PainterError, match="has this painting no longer"):
        run_to_end(run.task())
    assert names(image) == ["result"]


def test_a_run_is_paused_and_goes_on(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=20, step_s=0.02)
    states = []

    def press(view: Any) -> None:
        states.append(fake_daemon.jobs["job0"].state if fake_daemon.jobs else "")
        if "iteration" in view.texts[-1].lower() and "paused" not in states:
            view.paused = True
        if states[-1] == "paused":
            view.paused = False

    view = Watching(press)
    image, run = make(view=view)
    run_to_end(run.task())
    assert "paused" in states and any(text.startswith("Paused") for text in view.texts)
    assert names(image)[0].endswith("(iteration 200)")


@pytest.mark.parametrize("button", ["paused", "finished"])
def test_a_button_that_the_daemon_does_not_hear_says_so_and_can_be_pressed_again(
    fake_daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch, button: str
) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    order = {"paused": "pause", "finished": "finish"}[button]
    heard = getattr(Client, order)

    def lost(*_: object) -> None:
        raise DaemonGone("The daemon does not answer at http://127.0.0.1:1 (refused).")

    def press(view: Any) -> None:
        if "Iteration" in view.texts[-1] and not view.told:
            setattr(view, button, True)
        elif view.told and not view.was_before:
            view.was_before = (view.paused, view.finished, view.texts[-1].split(" ")[0])
            monkeypatch.setattr(Client, order, heard)
            view.finished = True

    view = Watching(press)
    view.was_before = ()
    monkeypatch.setattr(Client, order, lost)
    image, run = make(view=view)
    run_to_end(run.task())
    assert view.told[0].startswith("The daemon does not answer") and view.was_before == (False, False, "Iteration")
    assert fake_daemon.jobs["job0"].state == "done" and len(names(image)) == 2


def test_an_empty_layer_is_told_and_asks_nothing_of_the_daemon(fake_daemon: FakeDaemon) -> None:
    image, run = make(FakeLayer("sky", bytes(4)))
    with pytest.raises(PainterError, match="The layer is empty"):
        run_to_end(run.task())
    assert fake_daemon.exchanges == [] and names(image) == ["sky"]


def test_a_job_that_starts_from_another_layer_needs_one(fake_daemon: FakeDaemon) -> None:
    with pytest.raises(PainterError, match="Choose the layer to start from"):
        run_to_end(make(start="image")[1].task())
    assert fake_daemon.exchanges == []


def test_a_job_that_is_cancelled_elsewhere_is_a_cancel(fake_daemon: FakeDaemon) -> None:
    fake_daemon.behave(frames=1000, step_s=0.02)
    image, run = make(view=Watching(lambda view: fake_daemon.jobs and connect().cancel("job0")))
    with pytest.raises(Cancelled):
        run_to_end(run.task())
    assert names(image) == ["sky"]
