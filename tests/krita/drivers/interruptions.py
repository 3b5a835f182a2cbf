"""Whatever the painter does in the middle of a job: no crash, no stray layer, and the job is ended."""

import time

from brush import move_mouse, press_mouse, release_mouse, take_brush
from driving import (
    OVER,
    TOOK,
    Gaps,
    becomes,
    check,
    choose,
    client,
    docker,
    document,
    is_over,
    job,
    names,
    paint_layer,
    painted,
    pattern,
    pixel,
    press,
    problem,
    result_layer,
    run,
    started,
    state_of,
    widget,
)
from krita import Krita
from rig_driver import QtWidgets, drive, until

from neural_style.document import open_documents

LONG = 10000


def begun(made):
    """A long job whose first frame is on the canvas; its id."""
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(iterations=LONG))
    yield 0.1
    press("stylize")
    yield from started()
    yield from painted(made)
    return job()


@check
def cancel_takes_the_layer_away_and_ends_the_job():
    made = yield from document()
    identity = yield from begun(made)
    begun_at = time.perf_counter()
    press("cancel")
    yield becomes(identity, "cancelled")
    TOOK["cancel_s"] = round(time.perf_counter() - begun_at, 3)
    yield until(lambda: names(made) == ["paint"], 3)
    yield until(lambda: is_over() and widget("stylize").isVisibleTo(docker()), 3)


@check
def cancel_before_the_first_frame_leaves_nothing():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(iterations=LONG))
    press("stylize")
    yield from started()
    press("cancel")
    yield until(is_over, 3)
    yield 1.0
    assert names(made) == ["paint"], names(made)
    assert all(one["state"] in OVER for one in client().jobs())


@check
def a_paused_job_stands_still_and_goes_on():
    made = yield from document()
    identity = yield from begun(made)
    press("pause")
    yield becomes(identity, "paused", 5)
    yield until(lambda: widget("pause").text() == "Resume", 3)
    yield 0.4
    at = client().job(identity)["iteration"]
    yield 0.6
    assert client().job(identity)["iteration"] == at
    press("pause")
    yield becomes(identity, "running", 5)
    yield until(lambda: client().job(identity)["iteration"] > at, 10)


@check
def stop_here_and_keep_keeps_the_picture():
    made = yield from document()
    identity = yield from begun(made)
    press("keep_now")
    yield becomes(identity, "done", 10)
    yield until(is_over, 10)
    yield 0.2
    assert problem() == "", problem()
    assert len(names(made)) == 2 and pixel(result_layer(), 5, 5)[3] == 255
    assert docker().history.entry().state == "kept" and docker().history.entry().has_result


@check
def a_deleted_layer_cancels_the_job():
    made = yield from document()
    identity = yield from begun(made)
    made.topLevelNodes()[1].remove()
    yield becomes(identity, "cancelled")
    yield until(lambda: "was deleted" in problem(), 3)
    assert names(made) == ["paint"]


@check
def undo_in_the_middle_cancels_the_job():
    made = yield from document()
    identity = yield from begun(made)
    Krita.instance().action("edit_undo").trigger()
    yield becomes(identity, "cancelled")
    yield until(lambda: names(made) == ["paint"], 3)


@check
def a_deleted_source_layer_does_no_harm():
    made = yield from document()
    identity = yield from begun(made)
    made.topLevelNodes()[0].remove()
    yield 0.6
    assert state_of(identity) == "running" and not is_over()
    press("cancel")
    yield becomes(identity, "cancelled")


@check
def no_layer_comes_or_goes_in_the_middle_of_a_stroke():
    made = yield from document()
    yield from paint_layer(made)
    yield from take_brush()
    docker().use(docker().chosen().changed(iterations=LONG))
    press("stylize")
    yield from started()
    press_mouse()
    yield until(lambda: move_mouse() or (job() and client().job(job())["iteration"] >= 4), 30)
    yield 0.5
    assert names(made) == ["paint"], names(made)
    release_mouse()
    yield until(lambda: len(names(made)) == 2, 10)
    press_mouse()
    yield 0.2
    press("cancel")
    yield until(lambda: move_mouse() or state_of(job()) == "cancelled", 5)
    yield 0.5
    assert len(names(made)) == 2, names(made)
    release_mouse()
    yield until(lambda: names(made) == ["paint"], 5)


@check
def a_locked_result_is_left_alone_and_said_so():
    made = yield from document()
    identity = yield from begun(made)
    result_layer().setLocked(True)
    before = bytes(result_layer().pixelData(0, 0, 96, 64))
    yield until(lambda: "is locked" in problem(), 20)
    assert bytes(result_layer().pixelData(0, 0, 96, 64)) == before
    assert state_of(identity) == "running"
    press("cancel")
    yield becomes(identity, "cancelled")


@check
def a_resized_image_keeps_what_was_there():
    made = yield from document()
    identity = yield from begun(made)
    made.scaleImage(48, 32, 72, 72, "Bicubic")
    yield becomes(identity, "done", 4)
    yield until(lambda: is_over() and "size was changed" in problem(), 3)
    assert len(names(made)) == 2
    assert docker().history.entry().state == "kept"


@check
def a_picture_that_is_scaled_before_the_first_frame_gets_no_layer():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(iterations=LONG))
    press("stylize")
    yield from started()
    made.scaleImage(48, 32, 72, 72, "Bicubic")
    yield until(lambda: is_over() and "size was changed" in problem(), 10)
    yield 1.0
    assert names(made) == ["paint"], names(made)
    assert all(one["state"] in OVER for one in client().jobs())


@check
def a_result_that_stays_locked_to_the_end_is_said_to_have_not_the_last_picture():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(iterations=16))
    press("stylize")
    yield from started()
    yield from painted(made)
    result_layer().setLocked(True)
    yield until(is_over, 120)
    assert "has not the last picture" in problem(), problem()
    result_layer().setLocked(False)


@check
def a_closed_document_cancels_the_job():
    made = yield from document()
    identity = yield from begun(made)
    made.setModified(False)
    begun_at = time.perf_counter()
    made.close()
    yield becomes(identity, "cancelled")
    TOOK["closed_to_cancelled_s"] = round(time.perf_counter() - begun_at, 3)
    yield until(is_over, 3)
    assert "was closed" in problem()


@check
def another_document_in_front_does_not_disturb_the_job():
    made = yield from document()
    identity = yield from begun(made)
    other = yield from document(40, 40)
    yield from paint_layer(other, name="other")
    yield 0.6
    assert state_of(identity) == "running"
    assert names(other) == ["other"]
    assert docker().history.list.count() == 0
    press("cancel")
    yield becomes(identity, "cancelled")
    yield until(lambda: names(made) == ["paint"], 3)


@check
def the_canvas_stays_free_while_frames_come_in():
    made = yield from document(1024, 1024)
    layer = made.createNode("paint", "paintlayer")
    layer.setPixelData(pattern(64, 64), 0, 0, 64, 64)
    layer.setPixelData(bytes((90, 120, 150, 255)) * (1024 * 1024), 0, 0, 1024, 1024)
    made.rootNode().addChildNode(layer, None)
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(iterations=LONG))
    yield 2.0
    idle = Gaps()
    yield 3.0
    TOOK["gap_idle_ms"] = round(1000 * idle.stop(), 1)
    docker().controller.ticker.longest_s = 0.0
    gaps = Gaps()
    begun_at = time.perf_counter()
    press("stylize")
    yield from started()
    yield from painted(made)
    TOOK["button_to_first_pixels_1024_s"] = round(time.perf_counter() - begun_at, 3)
    yield 4.0
    TOOK["gap_painting_ms"] = round(1000 * gaps.stop(), 1)
    TOOK["longest_tick_ms"] = round(1000 * docker().controller.ticker.longest_s, 1)
    press("cancel")
    yield until(is_over, 5)


@check
def every_canvas_is_listened_to_a_detached_one_too():
    yield from document()
    yield from every_canvas_is_found()
    detach = Krita.instance().action("view_detached_canvas")
    detach.trigger()
    yield 1.0
    try:
        yield from every_canvas_is_found()
    finally:
        detach.trigger()
        yield 1.0


def every_canvas_is_found():
    widgets = QtWidgets.QApplication.allWidgets()
    canvases = [widget for widget in widgets if widget.metaObject().className() in open_documents.CANVASES]
    assert canvases and set(open_documents.canvas_widgets()) == set(canvases), canvases
    yield 0.1


@drive
def test():
    return (yield from run())
