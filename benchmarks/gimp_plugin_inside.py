"""The part of benchmarks/gimp_plugin.py that runs in GIMP, with the installed plug-in's own modules."""

import json
import os
import sys
import time

sys.path.insert(0, os.environ["BENCHMARK_PLUG_IN"])
import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp  # noqa: E402

from document import buffers, editor, layers  # noqa: E402
from neural_style_client import connect  # noqa: E402
from neural_style_client.parameters import Parameters  # noqa: E402
from neural_style_client.tasks import WAIT  # noqa: E402
from run.layers_run import LayersRun, NoView  # noqa: E402

found = {}
IDLE_S = 4
"""After a cancelled run the worker is at its iteration a little longer; a painter's next run finds it idle."""


def make(side):
    image = Gimp.Image.new(side, side, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(image, "paint", side, side, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    row = bytes(value & 255 if at % 4 < 3 else 255 for value in range(side) for at in range(4))
    buffer = layer.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, side, side), "R'G'B'A u8", row * side)
    buffer.flush()
    return image, layer


class Clock:
    """Drives tasks and remembers their longest step."""

    def __init__(self):
        self.longest = 0.0

    def drive(self, task):
        while True:
            began = time.perf_counter()
            try:
                step = next(task)
            except StopIteration as end:
                return end.value
            finally:
                self.longest = max(self.longest, time.perf_counter() - began)
            if step is WAIT:
                time.sleep(0.005)


def large_layer():
    image, layer = make(4096)
    daemon, clock = connect(), Clock()
    times = [time.perf_counter()]
    source = clock.drive(buffers.read_source(image, layer))
    times.append(time.perf_counter())
    picture = source.picture
    daemon.upload(picture.data, picture.width, picture.height, picture.format)
    times.append(time.perf_counter())
    live = clock.drive(buffers.new_layer(source, "live"))
    clock.drive(buffers.write_frame(source, live, picture.pixels()))
    layers.show_live(live, layer)
    times.append(time.perf_counter())
    for what, start, end in zip(("read", "sent", "written as a frame"), times[:-1], times[1:], strict=True):
        found["4096 x 4096: " + what] = end - start
    found["4096 x 4096: in all"] = times[-1] - times[0]
    found["4096 x 4096: longest step of the plug-in's main loop"] = clock.longest
    image.delete()


class FirstPixels(NoView):
    """Cancels as soon as there is something on the buffers."""

    live = True
    cancelled = False

    def __init__(self):
        self.began = time.perf_counter()
        self.seen = 0.0


def first_pixels():
    image, layer = make(1024)
    view = FirstPixels()
    show = layers.show_live

    def show_and_look(live, above):
        show(live, above)
        view.seen = time.perf_counter()
        view.cancelled = True

    editor.show_live = show_and_look
    clock = Clock()
    run = LayersRun(editor, image, [layer], Parameters(preset="ink-wash"), find=connect, view=view)
    try:
        clock.drive(run.task())
    except Exception as error:
        print("ended with", type(error).__name__)
    run.wait_for_daemon(5)
    image.delete()
    time.sleep(IDLE_S)
    return view.seen - view.began, clock.longest


with_network = "BENCHMARK_WITHOUT_NETWORK" not in os.environ
if with_network:
    large_layer()
first_pixels()  # the style's targets are computed once
taken = [first_pixels() for _ in range(3)]
which = "1024 x 1024: from OK to the first pixels, " + ("warm" if with_network else "without the network's time")
found[which + " (best of 3)"] = min(seconds for seconds, _ in taken)
found[which + " (worst)"] = max(seconds for seconds, _ in taken)
found["1024 x 1024: longest step of the plug-in's main loop"] = max(longest for _, longest in taken)
with open(os.environ["BENCHMARK_REPORT"], "w", encoding="utf-8") as file:
    json.dump(found, file)
