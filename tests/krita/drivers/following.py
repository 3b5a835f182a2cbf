"""Live, for drivers: it follows a small layer, and what is seen of it. It is laid beside a driver, as `driving` is."""

from driving import (
    OVER,
    client,
    docker,
    document,
    paint_layer,
    widget,
)
from rig_driver import until

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
