"""The history of a picture's jobs: more iterations, settings and results again, and what stays in the list."""

from driving import (
    ITERATIONS,
    check,
    choose,
    client,
    docker,
    document,
    is_over,
    job,
    names,
    paint_layer,
    press,
    problem,
    result_layer,
    run,
    started,
    stylize,
    widget,
)
from krita import Selection
from neural_style.neural_style_client.job_history import KEPT_JOBS, Entry
from rig_driver import QtWidgets, drive, until

from neural_style.document import open_documents


@check
def more_iterations_go_on_in_the_same_layer():
    made = yield from document()
    yield from paint_layer(made)
    first = yield from stylize()
    widget("more_iterations", QtWidgets.QSpinBox).setValue(4)
    widget("section_history").setChecked(True)
    yield 0.1
    press("more")
    yield from started()
    yield until(is_over, 60)
    yield 0.2
    assert problem() == "", problem()
    assert job() == first.record["id"]
    assert docker().controller.run.iteration == ITERATIONS + 4, docker().controller.run.iteration
    assert len(names(made)) == 2, names(made)
    assert docker().history.entry().iteration == ITERATIONS + 4


@check
def more_iterations_go_on_where_the_painter_has_moved_the_result_to_and_no_further():
    made = yield from document()
    yield from paint_layer(made)
    chosen = Selection()
    chosen.select(20, 10, 40, 30, 255)
    made.setSelection(chosen)
    yield from stylize()
    made.setSelection(Selection())
    layer = result_layer()
    bounds = layer.bounds()
    layer.move(7, 5)
    widget("more_iterations", QtWidgets.QSpinBox).setValue(4)
    widget("section_history").setChecked(True)
    yield 0.1
    before = bytes(layer.pixelData(0, 0, 110, 80))
    press("more")
    yield from started()
    yield until(is_over, 60)
    yield 0.3
    assert problem() == "" and bytes(layer.pixelData(0, 0, 110, 80)) != before, problem()
    assert layer.bounds() == bounds.translated(7, 5), (layer.bounds(), bounds)
    layer.remove()
    yield 0.2
    press("back")
    yield from started()
    yield until(is_over, 30)
    yield 0.3
    assert result_layer().bounds() == bounds, (result_layer().bounds(), bounds)


@check
def a_result_of_a_canvas_of_another_size_is_not_put_into_a_wrong_place():
    made = yield from document()
    yield from paint_layer(made)
    yield from stylize()
    made.scaleImage(48, 32, 72, 72, "Bicubic")
    yield 0.3
    widget("section_history").setChecked(True)
    before, run_before = names(made), docker().controller.run
    for name in ("back", "more"):
        docker().show_problem("")
        yield 0.2
        press(name)
        yield until(lambda: "picture's size was changed" in problem(), 5)
    assert names(made) == before and docker().controller.run is run_before


@check
def a_result_stays_when_more_iterations_fail_or_are_cancelled():
    made = yield from document()
    yield from paint_layer(made)
    yield from stylize()
    widget("section_history").setChecked(True)
    widget("more_iterations", QtWidgets.QSpinBox).setValue(9999)
    yield 0.1
    press("more")
    yield from started()
    yield until(lambda: docker().controller.run.iteration > ITERATIONS + 2, 30)
    press("cancel")
    yield until(is_over, 10)
    yield 0.3
    assert len(names(made)) == 2 and docker().history.entry().has_result, names(made)
    yield from stylize()
    client().delete_job(job())
    before = names(made)
    widget("history", QtWidgets.QListWidget).setCurrentRow(0)
    press("more")
    yield until(lambda: "has this painting no longer" in problem(), 10)
    yield until(is_over, 5)
    yield 0.3
    assert names(made) == before, names(made)


@check
def the_history_gives_settings_and_results_back():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(seed=77, controls={"strength": 33}, size=300))
    yield 0.1
    yield from stylize()
    before = bytes(result_layer().pixelData(0, 0, 96, 64))
    docker().use(docker().chosen().changed(seed=5, controls={}, size=256))
    widget("section_history").setChecked(True)
    yield 0.1
    press("again")
    yield 0.1
    assert docker().chosen().seed == 77 and docker().chosen().controls == {"strength": 33}
    assert docker().chosen().size == 300  # none of those in the list
    made.topLevelNodes()[1].remove()
    yield 0.2
    press("back")
    yield from started()
    yield until(is_over, 30)
    yield 0.2
    assert bytes(result_layer().pixelData(0, 0, 96, 64)) == before


@check
def a_result_is_inserted_above_the_layer_whose_mask_is_chosen():
    made = yield from document()
    layer = yield from paint_layer(made)
    yield from stylize()
    made.topLevelNodes()[1].remove()
    mask = made.createTransparencyMask("mask")
    layer.addChildNode(mask, None)
    yield from choose(made, mask)
    widget("section_history").setChecked(True)
    yield 0.1
    press("back")
    yield from started()
    yield until(is_over, 30)
    yield 0.3
    assert len(names(made)) == 2 and names(made)[0] == "paint", names(made)
    yield until(lambda: made.activeNode() == mask, 3)


@check
def a_full_history_says_so_and_a_star_lets_one_stay():
    made = yield from document()
    history, key = docker().controller.history, open_documents.key(made)
    for number in range(KEPT_JOBS):
        history._history.add(key, Entry(f"job{number}", "Mosaic", state="done", area=[0, 0, 5, 5], at=1.0 + number))
    history.refresh()
    widget("section_history").setChecked(True)
    yield 0.2
    assert "The list is full" in widget("history_leaving").text() and widget("history_leaving").isVisibleTo(docker())
    widget("history", QtWidgets.QListWidget).setCurrentRow(KEPT_JOBS - 1)
    press("history_star")
    yield until(lambda: docker().history.entry().starred, 3)
    assert docker().history.list.currentItem().text().startswith("★ ")
    assert widget("history_star").text() == "★" and not widget("history_leaving").isVisibleTo(docker())
    for number in range(KEPT_JOBS, KEPT_JOBS + 2):
        history._history.add(key, Entry(f"job{number}", "Mosaic", at=1.0 + number))
    assert [one.job for one in history._history.of(key)][-2:] == ["job2", "job0"]


@drive
def test():
    return (yield from run())
