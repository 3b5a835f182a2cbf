"""For the drivers: documents with known pixels, the docker's real widgets, and what Krita made of them.

It is laid beside a driver as a plug-in of its own. A driver is a list of checks, each a generator that yields
what `rig_driver` understands; `run(globals())` goes through them in one start of Krita:

    @check
    def undo_takes_the_result_back(): ...
"""

import faulthandler
import json
import os
import struct
import sys
import time
import traceback

from krita import Krita
from rig_driver import QtCore, QtTest, QtWidgets, find_docker, screenshot, until

SRGB = "sRGB-elle-V2-srgbtrc.icc"
OVER = ("done", "cancelled", "failed")
CHECKS = []
ITERATIONS = int(os.environ.get("DRIVE_ITERATIONS", "6"))
ARTEFACTS = os.environ.get("DRIVE_ARTEFACTS", "/tmp")
STUCK_S = 60
NARROW = 280
TOOK = {}
UNCAUGHT = []
"""What was raised where nobody catches it; Krita's own hook would ask the painter what to do."""


def check(function):
    CHECKS.append(function)
    return function


def run():
    """All checks, one after the other: name -> "ok" or the traceback; figures under "measured"."""
    Krita.instance().setBatchmode(True)
    faulthandler.enable(sys.__stderr__)
    sys.excepthook = lambda *failure: UNCAUGHT.append("".join(traceback.format_exception(*failure)))
    yield until(lambda: docker().gallery.list.count() > 0, 60)
    results = {}
    for function in CHECKS:
        name = function.__name__
        print("check", name, file=sys.stderr, flush=True)
        UNCAUGHT.clear()
        faulthandler.dump_traceback_later(STUCK_S, file=sys.__stderr__)
        try:
            yield from tidy()
            begun = time.monotonic()
            yield from function()
            assert not UNCAUGHT, UNCAUGHT[0]
            results[name] = "ok"
        except Exception:
            results[name] = traceback.format_exc()
            screenshot(os.path.join(ARTEFACTS, name + ".png"))
        TOOK.setdefault("seconds", {})[name] = round(time.monotonic() - begun, 1)
        with open(os.environ["RIG_RESULT"], "w", encoding="utf-8") as file:  # should Krita crash at the next
            json.dump({"checks": results, "measured": TOOK}, file)
    return {"checks": results, "measured": TOOK}


def tidy():
    """No job, no document, a docker as at first."""
    controller = docker().controller
    if controller.is_running:
        controller.soon(controller.cancel)
        yield until(lambda: not controller.is_running, 10)
    for document in Krita.instance().documents():
        if document.name() != "neural style scratch":
            document.waitForDone()  # Krita closes a picture for a script even while it is still at work on it
            document.setModified(False)
            document.close()
    yield 0.1
    from neural_style.run.settings import FIRST

    docker().show_problem("")
    small = FIRST.changed(preset=controller.presets.known[0]["name"], size=256, iterations=ITERATIONS)
    docker().use(small)
    yield 0.1


# documents


def document(width=96, height=64, model="RGBA", depth="U8", profile=SRGB):
    """A new document in front, its background layer taken away."""
    made = Krita.instance().createDocument(width, height, "test", model, depth, profile, 72.0)
    Krita.instance().activeWindow().addView(made)
    yield until(lambda: Krita.instance().activeDocument() == made)
    for node in made.topLevelNodes():
        node.remove()
    yield 0.1
    return made


def paint_layer(made, pixels=None, x=0, y=0, width=None, height=None, name="paint", parent=None):
    """A layer with these B, G, R, A bytes (one pixel's are repeated), chosen as the active one."""
    width, height = width or made.width(), height or made.height()
    pixels = pixels if pixels is not None else pattern(width, height)
    layer = made.createNode(name, "paintlayer")
    layer.setPixelData(pixels if len(pixels) > 4 else pixels * (width * height), x, y, width, height)
    (parent or made.rootNode()).addChildNode(layer, None)
    yield from choose(made, layer)
    return layer


def choose(made, layer):
    for _ in range(3):  # Krita chooses a new layer itself, some time after it was added
        yield 0.12
        made.setActiveNode(layer)
    yield until(lambda: made.activeNode() == layer)


def pattern(width, height):
    """Soft colours well inside every gamut, a round hole of nothing in the middle."""
    rows = []
    for y in range(height):
        for x in range(width):
            hole = (x - width / 2) ** 2 + (y - height / 2) ** 2 < 36
            colour = (70 + 100 * x // width, 90 + 80 * y // height, 150 - 60 * x // width)
            rows.append(bytes((*colour, 0 if hole else 255)))
    return b"".join(rows)


def names(made):
    return [node.name() for node in made.topLevelNodes()]


# the docker


def docker():
    found = find_docker("neural_style")
    if not found.isVisible():
        found.setVisible(True)
        found.raise_()
    return found


def widget(name, kind=QtWidgets.QWidget):
    return docker().findChild(kind, "neural_style_" + name)


def press(name):
    button = widget(name)
    assert button.isVisibleTo(docker()) and button.isEnabled(), f"the button {name} cannot be pressed"
    button.click()


def is_over():
    return not docker().controller.is_running


def job():
    return docker().controller.run.record.get("id")


def problem():
    return docker().job_panel.problem.text()


def stylize(timeout_s=60):
    """Press Stylize and wait for the end; the run."""
    docker().show_problem("")
    press("stylize")
    yield from started()
    yield until(is_over, timeout_s)
    yield 0.2
    return docker().controller.run


def started():
    before = docker().controller.run
    yield until(lambda: docker().controller.run is not before or problem(), 5)


def painted(made, more_than=0, timeout_s=60):
    """Wait for the first frame on the canvas."""
    controller = docker().controller
    yield until(lambda: controller.run.result is not None or problem(), timeout_s)
    assert problem() == "", problem()
    yield until(
        lambda: controller.run.result is not None and controller.run.result.layer_id and len(names(made)) > 1, timeout_s
    )


def result_layer():
    return docker().controller.run.result._node


def shot(name):
    screenshot(os.path.join(ARTEFACTS, name + ".png"))


def narrow(*open_sections):
    """The docker as narrow as it must be usable, with these sections open."""
    window = Krita.instance().activeWindow().qwindow()
    window.showMaximized()
    for one in Krita.instance().dockers():
        one.setVisible(one.objectName() in ("neural_style", "KisLayerBox"))
    for section in docker().sections:
        section.set_open(section.name in open_sections)
    window.resizeDocks([docker()], [NARROW], QtCore.Qt.Orientation.Horizontal)
    layers = [one for one in Krita.instance().dockers() if one.objectName() == "KisLayerBox"]
    window.resizeDocks([*layers, docker()], [120, 600], QtCore.Qt.Orientation.Vertical)


def key(name, *keys):
    """Keys for a widget that has the focus."""
    one = widget(name)
    one.setFocus()
    for code in keys:
        QtTest.QTest.keyClick(one, code)


def request():
    """What the last job was asked for."""
    return client().job(job())["request"]


def fits():
    area = widget("scroll", QtWidgets.QScrollArea)
    return area.widget().minimumSizeHint().width() <= NARROW - 24 and not area.horizontalScrollBar().isVisible()


# the daemon


def client():
    return docker().controller.daemon.client


def state_of(identity):
    return client().job(identity)["state"]


def becomes(identity, state, timeout_s=2.0):
    return until(lambda: state_of(identity) == state, timeout_s)


# pixels


def daemon_result(identity):
    """(format, B, G, R, A bytes) of the daemon's result."""
    from neural_style.document import pixels

    found = client().result(identity)
    return found.format, bytes(pixels.swapped(found.data, found.format))


def in_space_of(made, data, format, width, height):
    """The same pixels in the document's own colour space, by Krita's conversion of a layer."""
    layer = made.createNode("expected", "paintlayer")
    layer.setColorSpace("RGBA", "U8" if format == "RGBA8" else "U16", SRGB)
    layer.setPixelData(data, 0, 0, width, height)
    layer.setColorSpace(made.colorModel(), made.colorDepth(), made.colorProfile())
    return bytes(layer.pixelData(0, 0, width, height))


def samples(data, depth):
    """Numbers from 0 to 1 (more in float documents)."""
    kind, most = {"U8": ("B", 255), "U16": ("H", 65535), "F16": ("e", 1.0), "F32": ("f", 1.0)}[depth]
    size = struct.calcsize(kind)
    return [value / most for value in struct.unpack(f"<{len(data) // size}{kind}", data)]


def worst(one, other):
    assert len(one) == len(other), (len(one), len(other))
    return max((abs(a - b) for a, b in zip(one, other, strict=False)), default=0.0)


def pixel(node, x, y):
    return list(bytes(node.pixelData(x, y, 1, 1)))


class Gaps(QtCore.QObject):
    """How long the event loop was kept from a timer that wants to be called all the time."""

    def __init__(self):
        super().__init__()
        self.longest_s = 0.0
        self._last = time.perf_counter()
        self._timer = QtCore.QTimer(self)
        self._timer.setInterval(2)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self):
        now = time.perf_counter()
        self.longest_s = max(self.longest_s, now - self._last)
        self._last = now

    def stop(self):
        self._timer.stop()
        return self.longest_s
