"""Runs in GIMP on a screen: what the dialogues make of an image that changes while they are open."""

import os
import sys
import time
from functools import partial

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp, GimpUi, Gtk

sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
from neural_style_client import connect
from neural_style_client.errors import PainterError
from neural_style_client.parameters import Parameters
from neural_style_client.regions import Region
from run.records import LastValues
from ui import preset_dialog, print_dialog
from ui.stylize_dialog import StylizeDialog

PATIENCE_S = 20
SIZE = 96, 64
found = {}
GimpUi.init("neural-style")
first, second = (one["name"] for one in connect().presets()[:2])


def turn(seconds=0.4):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        while Gtk.events_pending():
            Gtk.main_iteration()
        time.sleep(0.02)


def opened(image, layer, **more):
    dialog = StylizeDialog(image, [layer], Parameters(preset=first, **more), LastValues(Gimp.directory()))
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not dialog._paint.get_sensitive():
        turn(0.1)
    return dialog


def closed(dialog):
    dialog.wait_for_daemon()
    dialog.close_down()


def painted():
    image = inside.new_image(*SIZE)
    layer = inside.new_layer(image, SIZE)
    inside.write(layer, inside.picture(*SIZE))
    return image, layer


def regions_of(dialog):
    return [(one.layer, one.preset, one.weight) for one in dialog.chosen().regions]


def come_back(dialog):
    """From GIMP's window to the dialogue, as the desktop tells it."""
    other = Gtk.Window(title="another")
    other.show()
    other.present()
    turn()
    dialog.present()
    turn()
    is_active = dialog.is_active()
    other.destroy()
    return is_active


def made_meanwhile():
    image, layer = painted()
    dialog = opened(image, layer, regions=(Region("paint", second, 60),), start="image", start_layer="paint")
    row = dialog._regions._rows[0]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 40, 30)
    Gimp.Selection.save(image).set_name("sky")
    Gimp.Selection.none(image)
    more = inside.new_layer(image, SIZE, name="more")
    active = come_back(dialog)
    offered = [[line[0] for line in box.get_model()] for box in (row._layer, dialog._expert._layer)]
    same = regions_of(dialog), dialog.start_layer().get_name()
    for _ in range(3):
        dialog._regions._add()
    another = [one[0] for one in regions_of(dialog)[1:]]
    row._layer.set_active_id(row._layer.get_model()[-1][1])
    dialog._expert.choose_layer(more)
    chosen = regions_of(dialog)[0], dialog.start_layer().get_name()
    layer.set_name("renamed")
    image.remove_layer(more)
    image.remove_channel(image.get_channels()[0])
    come_back(dialog)
    gone = said(dialog.chosen), [line[0] for line in dialog._expert._layer.get_model()], row.region().layer
    closed(dialog)
    found["made meanwhile"] = dict(active=active, offered=offered, same=same, another=another, chosen=chosen, gone=gone)


def said(call):
    try:
        return call() and ""
    except PainterError as problem:
        return str(problem)


def closed_meanwhile():
    image, layer = painted()
    dialog = opened(image, layer, regions=(Region("paint", second),))
    image.delete()
    found["closed meanwhile"] = said(dialog.chosen), come_back(dialog)
    closed(dialog)


def a_style_of_what_is_gone():
    image, layer = painted()
    dialog = preset_dialog.PresetDialog(layer)
    read = partial(preset_dialog._picture_of, image, layer)
    inside.new_layer(image, SIZE, name="more")
    image.remove_layer(layer)
    gone = [dialog.make(read), dialog._error_label.get_text()]
    image.delete()
    found["a style of what is gone"] = [gone, [dialog.make(read), dialog._error_label.get_text()]]
    dialog.destroy()


def gallery_of(dialog):
    styles = [child.get_name() for child in dialog._gallery._flow.get_children()]
    return sorted(styles), [line[1] for line in dialog._gallery._narrowed.get_model()]


def another_computer():
    image, layer = painted()
    dialog = opened(image, layer)
    dialog._gallery.select(second)
    dialog._blend._add()
    dialog._sliders._scales["strength"].set_value(33)
    before, chosen = gallery_of(dialog), dialog.chosen()
    dialog._find_daemon()
    waiting = dialog._paint.get_sensitive()
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not dialog._paint.get_sensitive():
        turn(0.1)
    same = dialog.chosen() == chosen and len(chosen.blend) == 1 and chosen.controls == {"strength": 33}
    found["another computer"] = dict(before=before, after=gallery_of(dialog), waiting=waiting, same=same)
    closed(dialog)


def a_print():
    """The dialogue as it begins, in another unit, and with a print that cannot be painted."""
    image, _ = painted()
    image.set_resolution(48, 48)
    image.set_unit(Gimp.Unit.inch())
    dialog = print_dialog.PrintDialog(image)
    looks = [look_of(dialog)]
    dialog._units.set_active_id("mm")
    looks.append(look_of(dialog))
    dialog._resolution.set_value(2400)
    dialog._width.set_value(900)
    looks.append(look_of(dialog))
    dialog.destroy()
    image.set_resolution(1, 1)
    image.set_unit(Gimp.Unit.mm())
    dialog = print_dialog.PrintDialog(image)
    looks.append(look_of(dialog))
    dialog.destroy()
    found["a print"] = looks


def look_of(dialog):
    values = dialog._width.get_value(), dialog._units.get_active_id(), dialog._resolution.get_value()
    return [*values, dialog._summary.get_text(), dialog._next.get_sensitive()]


another_computer()
a_print()
made_meanwhile()
closed_meanwhile()
a_style_of_what_is_gone()
inside.report(**found)
