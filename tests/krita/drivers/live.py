"""Live: what is painted on the layer is followed, what is not stays, and no job is left behind."""

import time

from brush import move_mouse, press_mouse, release_mouse, take_brush
from driving import (
    TOOK,
    check,
    choose,
    client,
    docker,
    document,
    is_over,
    names,
    paint_layer,
    problem,
    result_layer,
    run,
    stylize,
    widget,
)
from following import (
    GREY,
    HEIGHT,
    ITERATIONS,
    WIDTH,
    begun,
    followed,
    live,
    nothing_is_left,
    said,
    seen,
    stroke,
    switch,
    up_to_date,
)
from krita import Krita
from rig_driver import drive, until

from strokes import drag


@check
def it_shows_the_style_in_a_locked_layer_of_its_own_above_the_source():
    made, layer, shown = yield from begun()
    assert names(made) == ["paint", shown.name()] and shown.locked()
    assert shown.name() == "Live: " + docker().controller.presets.title_of(docker().chosen())
    assert seen(shown)[3::4] == b"\xff" * (WIDTH * HEIGHT) and seen(shown) != seen(layer)
    assert seen(layer) == GREY * (WIDTH * HEIGHT)
    yield until(lambda: made.activeNode() == layer, 3)
    assert widget("live").accessibleName() == "Live" and widget("live").focusPolicy() != 0


@check
def a_stroke_changes_the_picture_there_and_not_elsewhere():
    _made, layer, shown = yield from begun()
    before = seen(shown)
    begun_at = time.perf_counter()
    stroke(layer)
    yield until(lambda: seen(shown) != before, 60)
    TOOK["api_stroke_to_first_pixels_s"] = round(time.perf_counter() - begun_at, 3)
    yield from up_to_date()
    after, far = seen(shown), range(WIDTH * 2 // 3, WIDTH)
    assert all(
        after[4 * (y * WIDTH + x) :][:4] == before[4 * (y * WIDTH + x) :][:4] for y in range(HEIGHT) for x in far
    )
    there = [abs(a - b) for a, b in zip(seen(shown, 16, 16, 24, 24), cut(before), strict=True)]
    assert sum(there) / len(there) > 10, sum(there) / len(there)
    assert client().job(live().run.session.job)["revision"] == 1


def cut(data):
    return b"".join(data[4 * (y * WIDTH + 16) : 4 * (y * WIDTH + 40)] for y in range(16, 40))


@check
def a_real_stroke_and_its_undo_are_followed():
    made, layer, shown = yield from begun()
    before = seen(shown)
    yield from drag(each=the_pen_is_down)
    assert seen(layer) != GREY * (WIDTH * HEIGHT), "nothing was painted"
    yield from followed(shown, before)
    painted = seen(shown)
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: seen(layer) == GREY * (WIDTH * HEIGHT), 5)
    yield from followed(shown, painted)
    assert names(made) == ["paint", shown.name()]
    assert client().job(live().run.session.job)["revision"] == 2


def the_pen_is_down():
    assert live().run.pen.is_down


@check
def sliders_and_styles_are_followed():
    _made, _layer, shown = yield from begun()
    before, names_known = seen(shown), [one["name"] for one in docker().controller.presets.known]
    docker().use(docker().chosen().changed(controls={"strength": 95}))
    yield from followed(shown, before)
    assert client().job(live().run.session.job)["request"]["controls"] == {"strength": 95}
    docker().use(docker().chosen().changed(preset=names_known[1], controls={}))
    yield until(lambda: shown.name() == "Live: " + docker().controller.presets.title_of(docker().chosen()), 5)
    yield until(lambda: client().job(live().run.session.job)["preset"] == names_known[1], 10)
    yield from up_to_date()
    assert len([one for one in client().jobs() if one["state"] == "running"]) == 1


@check
def a_style_that_is_saved_anew_is_followed():
    presets = docker().controller.presets
    client().create_preset({"name": "passing", "copy_of": "mosaic"})
    try:
        presets.look(now=True)
        yield until(lambda: presets.named("passing"), 5)
        docker().use(docker().chosen().changed(preset="passing"))
        _made, _layer, shown = yield from begun()
        assert client().job(live().run.session.job)["preset"] == "passing"
        before = seen(shown)
        client().change_preset("passing", {"controls": {"strength": 100, "brush_size": 300}})
        yield from followed(shown, before)
    finally:
        client().delete_preset("passing")
        presets.look(now=True)


@check
def off_takes_the_layer_away_and_leaves_no_job():
    made, _layer, _shown = yield from begun()
    switch(False)
    yield until(nothing_is_left, 2)
    yield until(lambda: names(made) == ["paint"], 3)
    assert said() == "" and not widget("live_keep").isVisibleTo(docker())


@check
def keep_leaves_an_ordinary_layer():
    made, _layer, shown = yield from begun()
    picture = seen(shown)
    widget("live_keep").click()
    yield until(lambda: nothing_is_left() and live().run is None, 3)
    assert len(names(made)) == 2 and seen(shown) == picture
    assert not shown.locked() and not shown.name().startswith("Live") and shown.name().endswith(" – paint")
    yield 0.3
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["paint"], 3)


@check
def full_size_goes_on_from_the_picture():
    made, _layer, _shown = yield from begun()
    widget("live_full").click()
    yield until(lambda: docker().controller.run is not None and not is_over(), 10)
    yield until(is_over, 60)
    assert problem() == "" and live().run is None, problem()
    request = client().job(docker().controller.run.record["id"])["request"]
    assert request["init"] and not request.get("live")
    yield until(lambda: names(made) == ["paint", result_layer().name()], 3)


@check
def stylize_takes_its_layer_away_which_would_hide_the_result():
    made, _layer, shown = yield from begun()
    yield from choose(made, shown)
    yield from stylize()
    assert problem() == "" and live().run is None, problem()
    yield until(lambda: names(made) == ["paint", result_layer().name()], 3)
    assert not client().job(docker().controller.run.record["id"])["request"].get("live")


@check
def its_layer_stays_until_a_stroke_has_ended():
    made, _layer, _shown = yield from begun()
    yield from take_brush()
    press_mouse()
    client().cancel(live().run.session.job)
    yield until(lambda: move_mouse() or live().run is None, 10)
    yield 0.3
    assert len(names(made)) == 2 and "ended elsewhere" in said(), (names(made), said())
    assert not docker().controller.ticker._busy, "it waits in one of Krita's calls"
    release_mouse()
    yield until(lambda: names(made) == ["paint"], 5)


@check
def what_the_painter_does_to_the_layer_is_said():
    made, layer, shown = yield from begun()
    layer.setVisible(False)
    yield until(lambda: "“paint” is hidden" in said(), 3)
    layer.setVisible(True)
    yield from up_to_date()
    shown.setVisible(False)
    yield until(lambda: "is hidden" in said(), 3)
    shown.setVisible(True)
    yield from up_to_date()
    layer.remove()
    yield until(lambda: live().run is None, 3)
    assert "“paint” was deleted" in said() and not widget("live").isChecked()
    yield until(lambda: nothing_is_left() and names(made) == [], 3)


@check
def a_resized_picture_switches_it_off():
    made, _layer, _shown = yield from begun()
    made.scaleImage(48, 32, 72, 72, "Bicubic")
    yield until(lambda: live().run is None, 3)
    assert "size was changed" in said()
    yield until(nothing_is_left, 2)


@check
def its_layer_taken_away_by_undo_switches_it_off():
    made, _layer, _shown = yield from begun()
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: live().run is None, 3)
    assert "taken away" in said()
    yield until(lambda: nothing_is_left() and names(made) == ["paint"], 3)


@check
def another_document_leaves_no_job_running():
    made, _layer, _shown = yield from begun()
    other = yield from document(40, 40)
    yield until(nothing_is_left, 3)
    assert "came to the front" in said() and names(made) == ["paint"] and names(other) == []


@check
def a_closed_document_leaves_no_job_running():
    made, _layer, _shown = yield from begun()
    made.setModified(False)
    made.close()
    yield until(nothing_is_left, 3)
    assert "was closed" in said()


@check
def at_rest_it_costs_next_to_nothing():
    made = yield from document(2048, 2048)
    yield from paint_layer(made, GREY)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    TOOK["core_share_off"] = yield from core_share()
    switch(True)
    yield from up_to_date(120)
    revision = client().job(live().run.session.job)["revision"]
    TOOK["core_share_on"] = yield from core_share()
    assert client().job(live().run.session.job)["revision"] == revision
    begun_at = time.perf_counter()
    live().run.source.sample()
    TOOK["live_sample_2048_ms"] = round(1000 * (time.perf_counter() - begun_at), 2)


def core_share(seconds=6.0):
    """How much of a processor Krita takes while nothing happens."""
    yield 3.0
    begun_at, used = time.perf_counter(), time.process_time()
    yield seconds
    return round((time.process_time() - used) / (time.perf_counter() - begun_at), 4)


@drive
def test():
    return (yield from run())
