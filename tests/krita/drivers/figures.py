"""How long a painter waits, and how long the canvas does; run by `benchmarks/krita_plugin.py`."""

import os
import time

from driving import TOOK, Gaps, check, choose, docker, document, is_over, names, pattern, press, run, started
from rig_driver import drive, until

SIDE = int(os.environ["DRIVE_SIDE"])
TIMES = int(os.environ.get("DRIVE_TIMES", "3"))


@check
def from_the_button_to_the_picture():
    """Layer out, first frame back on the canvas, and the longest time that Krita's event loop stood still."""
    made = yield from document(SIDE, SIDE)
    layer = made.createNode("paint", "paintlayer")
    layer.setPixelData(pattern(64, 64) * (SIDE * SIDE // 4096), 0, 0, SIDE, SIDE)
    made.rootNode().addChildNode(layer, None)
    yield 3.0
    docker().use(docker().chosen().changed(size=min(SIDE, 1024), iterations=0))
    for _ in range(TIMES):
        yield from choose(made, layer)
        yield 2.0
        yield from once(made)


def once(made):
    controller = docker().controller
    idle = Gaps()
    yield 2.0
    keep("idle gap, ms", 1000 * idle.stop())
    controller.ticker.longest_s = 0.0
    before, gaps, begun = len(names(made)), Gaps(), time.perf_counter()
    press("stylize")
    yield from started()
    yield until(lambda: bool(controller.run.record), 60)
    keep("button to job accepted, s", time.perf_counter() - begun)
    yield until(lambda: len(names(made)) > before, 60)
    keep("button to first pixels, s", time.perf_counter() - begun)
    yield until(lambda: is_over() or controller.run.iteration > 0, 60)
    yield 1.0
    keep("longest gap of the event loop, ms", 1000 * gaps.stop())
    keep("longest tick of the plug-in, ms", 1000 * controller.ticker.longest_s)
    if not is_over():
        press("cancel")
    yield until(is_over, 20)


def keep(name, value):
    TOOK.setdefault(name, []).append(round(value, 3))


@drive
def test():
    return (yield from run())
