"""Live: what is painted on the layer is followed, what is not stays, and no job is left behind."""

import time

from brush import canvas_widget, mouse, press_mouse, take_brush
from driving import (
    OVER,
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
    widget,
)
from krita import InfoObject, Krita, Selection
from rig_driver import QtCore, drive, until

WIDTH, HEIGHT = 192, 128
GREY, RED = bytes((120, 130, 140, 255)), bytes((30, 30, 220, 255))
ITERATIONS = 4


def live():
    return docker().controller.live


def said():
    return widget("live_state").text()


def live_node(made):
    found = [node for node in made.topLevelNodes() if node.name().startswith("Live: ")]
    return found[0] if found else None


def seen(node, x=0, y=0, width=WIDTH, height=HEIGHT):
    return bytes(node.pixelData(x, y, width, height))


def switch(wanted):
    box = widget("live")
    assert box.isVisibleTo(docker()) and box.isChecked() != wanted
    box.click()


def up_to_date(timeout_s=60):
    yield until(lambda: said() == "Live: up to date" or not widget("live").isChecked(), timeout_s)
    assert live().run is not None, said()


def followed(node, before, timeout_s=60):
    """Wait until the layer shows something else, and is done with it."""
    yield until(lambda: seen(node) != before or live().run is None, timeout_s)
    assert live().run is not None, said()
    yield from up_to_date(timeout_s)


def begun(pixels=GREY):
    """Live follows a new layer, and has settled: (document, layer, live layer)."""
    made = yield from document(WIDTH, HEIGHT)
    layer = yield from paint_layer(made, pixels)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    switch(True)
    yield from up_to_date()
    return made, layer, live_node(made)


def stroke(layer, colour=RED, x=16, y=16):
    layer.setPixelData(colour * 576, x, y, 24, 24)


def nothing_is_left():
    """The daemon has no job that goes on."""
    return all(one["state"] in OVER for one in client().jobs())


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
    yield from drag()
    assert seen(layer) != GREY * (WIDTH * HEIGHT), "nothing was painted"
    yield from followed(shown, before)
    painted = seen(shown)
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: seen(layer) == GREY * (WIDTH * HEIGHT), 5)
    yield from followed(shown, painted)
    assert names(made) == ["paint", shown.name()]
    assert client().job(live().run.session.job)["revision"] == 2


@check
def a_stroke_is_measured_with_live_on_and_off():
    made = yield from document(2048, 2048)
    yield from paint_layer(made, GREY)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    for state in ("off", "on"):
        if state == "on":
            switch(True)
            yield from up_to_date(120)
        took = []
        for _ in range(3):
            yield from drag(took, steps=80)
        TOOK["stroke_step_ms_median_longest_" + state] = [
            round(1000 * value, 2) for value in (sorted(took)[len(took) // 2], max(took))
        ]


def drag(took=None, steps=12):
    """A stroke by the mouse, across the middle of the canvas; `took` gets how late each of its steps came."""
    yield from take_brush()
    canvas, kinds = canvas_widget(), QtCore.QEvent.Type
    place = canvas.rect().center()
    press_mouse()
    for step in range(steps):
        begun_at = time.perf_counter()
        yield 0.02
        assert live().run is None or live().run.pen.is_down
        place += QtCore.QPoint(3 if step % 40 < 20 else -3, 1)
        mouse(canvas, kinds.MouseMove, place, held=True)
        if took is not None:
            took.append(time.perf_counter() - begun_at - 0.02)
    mouse(canvas, kinds.MouseButtonRelease, place)
    yield 0.5


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
def a_selection_is_painted_alone():
    made = yield from document(WIDTH, HEIGHT)
    yield from paint_layer(made, GREY)
    chosen = Selection()
    chosen.select(96, 0, 96, 128, 255)
    made.setSelection(chosen)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    switch(True)
    yield from up_to_date()
    alphas = seen(live_node(made))[3::4]
    assert all(alphas[y * WIDTH + 20] == 0 and alphas[y * WIDTH + 150] == 255 for y in range(HEIGHT))


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
def a_locked_layer_and_another_colour_model_are_followed():
    made, layer, shown = yield from begun()
    layer.setLocked(True)
    before = seen(shown)
    stroke(layer)
    yield from followed(shown, before)
    made.setColorSpace("GRAYA", "U8", "")
    made.waitForDone()
    yield 0.5
    assert live().run is not None and layer.colorModel() == "GRAYA", said()
    before = seen(shown)
    layer.setPixelData(bytes((250, 255)) * 576, 60, 60, 24, 24)
    yield from followed(shown, before)


@check
def in_wrap_around_mode_it_is_seamless():
    made = yield from document(WIDTH, HEIGHT)
    yield from paint_layer(made, GREY)
    canvas = Krita.instance().activeWindow().activeView().canvas()
    canvas.setWrapAroundMode(True)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    try:
        switch(True)
        yield from up_to_date()
        assert client().job(live().run.session.job)["request"]["method"]["seamless"]
    finally:
        canvas.setWrapAroundMode(False)


@check
def an_empty_layer_waits_for_the_first_stroke():
    made = yield from document(WIDTH, HEIGHT)
    layer = yield from paint_layer(made, bytes(4))
    switch(True)
    yield until(lambda: "“paint” is empty" in said(), 5)
    stroke(layer)
    yield from up_to_date()
    assert live_node(made) is not None


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
def what_has_no_picture_is_refused_in_words():
    made = yield from document(WIDTH, HEIGHT)
    layer = made.createNode("blur", "filterlayer")
    made.rootNode().addChildNode(layer, None)
    yield from choose(made, layer)
    switch(True)
    yield until(lambda: "filter layer" in said(), 3)
    assert not widget("live").isChecked() and live().run is None
    layer.remove()
    yield 0.2
    assert names(made) == []
    switch(True)
    yield until(lambda: "No layer is chosen" in said(), 3)
    assert not widget("live").isChecked() and live().run is None


@check
def a_clone_and_a_fill_layer_are_followed():
    made = yield from document(WIDTH, HEIGHT)
    original = yield from paint_layer(made, GREY)
    clone = made.createCloneLayer("clone", original)
    colour, everything = InfoObject(), Selection()
    colour.setProperty("color", "#cc6633")
    everything.select(0, 0, WIDTH, HEIGHT, 255)
    fill = made.createFillLayer("fill", "color", colour, everything)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    for layer in (clone, fill):
        made.rootNode().addChildNode(layer, None)
        made.refreshProjection()
        yield from choose(made, layer)
        switch(True)
        yield from up_to_date()
        assert seen(live_node(made))[3::4] == b"\xff" * (WIDTH * HEIGHT)
        if layer is clone:
            before = seen(live_node(made))
            stroke(original)
            made.refreshProjection()
            yield from followed(live_node(made), before)
        switch(False)
        yield until(lambda: live_node(made) is None, 3)


@check
def a_16_bit_group_is_followed():
    made = yield from document(WIDTH, HEIGHT, depth="U16")
    group = made.createGroupLayer("group")
    made.rootNode().addChildNode(group, None)
    layer = yield from paint_layer(made, bytes((0, 90, 0, 100, 0, 110, 255, 255)) * (WIDTH * HEIGHT), parent=group)
    made.refreshProjection()
    yield from choose(made, group)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    switch(True)
    yield from up_to_date()
    shown = live_node(made)
    before = bytes(shown.pixelData(0, 0, WIDTH, HEIGHT))
    layer.setPixelData(bytes(4) + b"\xff\xff\xff\xff" + bytes(8 * 575), 0, 0, 24, 24)
    made.refreshProjection()
    yield until(lambda: bytes(shown.pixelData(0, 0, WIDTH, HEIGHT)) != before, 30)
    yield from up_to_date()


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
