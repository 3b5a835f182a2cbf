"""How late the steps of a stroke come and show, with Live off and on; run by `benchmarks/krita_live.py`."""

import os

from brush import canvas_widget
from driving import TOOK, check, choose, docker, document, paint_layer, run, widget
from rig_driver import drive, until

from strokes import PaintTimes, drag

SIDE = int(os.environ["DRIVE_SIDE"])
ROUNDS = int(os.environ["DRIVE_ROUNDS"])
STROKES, STEPS = 3, 100
GREY = bytes((120, 130, 140, 255))


@check
def strokes_with_live_off_and_on():
    """In turn: strokes of two seconds. Live sends what was painted after one, and the next stroke begins while that is
    still being painted in its style. *Off* is the same picture with the same layers, of which Krita shows both."""
    made = yield from document(SIDE, SIDE)
    layer = yield from paint_layer(made, GREY)
    for _ in range(ROUNDS):
        yield from strokes("one layer")
        widget("live").click()
        yield until(lambda: widget("live_state").text() == "Live: up to date", 240)
        yield from strokes("on")
        docker().controller.live.stop(keep=True)
        yield until(lambda: docker().controller.live.run is None, 20)
        yield 2.0
        yield from choose(made, layer)
        yield from strokes("off")
        for node in made.topLevelNodes():
            if node != layer:
                node.remove()
        yield from choose(made, layer)


def strokes(state):
    for _ in range(STROKES):
        painted, took = PaintTimes(canvas_widget()), []
        yield from drag(took, STEPS)
        painted.stop()
        sent, late, busy = zip(*took, strict=True)
        keep("step late, ms", state, late)
        keep("Krita busy with it, ms", state, busy)
        keep("step to screen, ms", state, [painted.after(moment) - moment for moment in sent])


def keep(what, state, seconds):
    TOOK.setdefault(what, {}).setdefault(state, []).append([round(1000 * value, 3) for value in seconds])


@drive
def test():
    return (yield from run())
