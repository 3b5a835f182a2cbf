"""What Live follows: layers of every kind and colour, selections, wrap-around; and what it refuses in words."""

from driving import (
    check,
    choose,
    client,
    docker,
    document,
    names,
    paint_layer,
    run,
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
    live_node,
    said,
    seen,
    stroke,
    switch,
    up_to_date,
)
from krita import InfoObject, Krita, Selection
from rig_driver import drive, until


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


@drive
def test():
    return (yield from run())
