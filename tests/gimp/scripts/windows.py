"""Runs in GIMP on a screen: every window of the plug-in in every language, how large it is, and what has no name."""

import os
import sys
import time

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp, GimpUi, Gtk

sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
from neural_style_client import connect
from neural_style_client.parameters import Parameters
from neural_style_client.regions import Region
from neural_style_client.style_part import StylePart
from neural_style_client.translations import LANGUAGES, use
from run.records import LastValues
from ui.film_dialog import FilmDialog
from ui.live_window import LiveWindow
from ui.panel import Panel
from ui.preset_dialog import PresetDialog
from ui.print_dialog import PrintDialog
from ui.run_window import RunWindow
from ui.style_part import PartDialog
from ui.stylize_dialog import StylizeDialog

PATIENCE_S = 20
USED = (Gtk.Button, Gtk.Entry, Gtk.ComboBox, Gtk.Scale, Gtk.FlowBox, Gtk.FlowBoxChild, Gtk.Expander, Gtk.ProgressBar)

GimpUi.init("neural-style")
image = inside.new_image(480, 320)
layer = inside.new_layer(image, (480, 320))
inside.new_layer(image, (480, 320), name="frame 2")
inside.write(layer, inside.picture(480, 320))
presets = connect().presets()
first, second = (one["name"] for one in presets[:2])
chosen = Parameters(
    preset=first, blend={second: 30}, regions=(Region("paint", second, part=StylePart(0, 0, 50, 50)),), start="image"
)


def descendants(widget):
    """What a container has, what it keeps for itself too."""
    found = []
    if isinstance(widget, Gtk.Container):
        widget.forall(found.append)
    for child in found:
        yield child
        yield from descendants(child)


def is_used(widget):
    """Whether a painter can do something with it, or is told something by it alone."""
    inner = not isinstance(widget, Gtk.ComboBox) and widget.get_ancestor(Gtk.ComboBox) is not None
    picture = isinstance(widget, Gtk.EventBox) and widget.get_can_focus()
    return widget.get_mapped() and not inner and (isinstance(widget, USED) or picture)


def told(window, is_ready=lambda: True):
    """The window's size as it wants to be, how many widgets can be used, and those without a name."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and not is_ready():
        turn()
    for _ in range(20):
        turn()
    used = [one for one in descendants(window) if is_used(one)]
    nameless = [type(one).__name__ for one in used if not (one.get_accessible().get_name() or "").strip()]
    size = window.get_size()
    return {"size": [size[0], size[1]], "used": len(used), "nameless": nameless}


def turn():
    while Gtk.events_pending():
        Gtk.main_iteration()
    time.sleep(0.02)


def stylize(find):
    dialog = StylizeDialog(image, [layer], chosen, LastValues(Gimp.directory()))
    dialog._expert.set_expanded(True)
    found = find(dialog, dialog._paint.get_sensitive)
    dialog.wait_for_daemon()
    dialog.close_down()
    return found


def film(find):
    dialog = FilmDialog(image, image.get_layers(), chosen)
    found = find(dialog, dialog._paint.get_sensitive)
    dialog.close_down()
    return found


def live(find):
    window = LiveWindow(image, layer, chosen.changed(regions=(), start=""))
    found = find(window)
    window.close_down()
    return found


def simple(make):
    def look(find):
        window = make()
        window.show_all()
        found = find(window)
        window.destroy()
        return found

    return look


WINDOWS = {
    "stylize": stylize,
    "film": film,
    "live": live,
    "run": simple(lambda: RunWindow(chosen)),
    "preset": simple(lambda: PresetDialog(layer)),
    "print": simple(lambda: PrintDialog(image)),
    "part": simple(lambda: PartDialog(None, presets[0], StylePart())),
    "panel": simple(Panel),
}

report = {}
for language in LANGUAGES:
    use(language)
    report[language] = {name: look(told) for name, look in WINDOWS.items()}
inside.report(**report)
