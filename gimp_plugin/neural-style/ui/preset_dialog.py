"""The dialogue of Make Preset from Layer…."""

from functools import partial

from gi.repository import Gimp, GimpUi, GLib, Gtk

from document import buffers, layers
from neural_style_client import connect_chosen
from neural_style_client.errors import Cancelled, PainterError, explain
from neural_style_client.make_preset import make_preset_from
from neural_style_client.tasks import run_to_end
from neural_style_client.translations import tr
from ui import widgets
from ui.background import in_background


def ask_and_make(image, layer):
    """Ask for a title, make the preset, say so. Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = PresetDialog(layer)
    try:
        while dialog.run() == Gtk.ResponseType.OK:
            preset = dialog.make(partial(_picture_of, image, layer))
            if preset is not None:
                Gimp.message(tr("The style “{}” is in the gallery now.", preset.get("title") or preset["name"]))
                return
        raise Cancelled()
    finally:
        dialog.destroy()


def _picture_of(image, layer):
    """Raises PainterError: GIMP went on while the dialogue was open."""
    layers.layers_of(image, [layer])
    return run_to_end(buffers.read_style_picture(image, layer))


class PresetDialog(GimpUi.Dialog):
    def __init__(self, layer):
        super().__init__(title=tr("Make Preset from Layer"), role="neural-style-make-preset", use_header_bar=False)
        self.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
        self.add_button(tr("_Make"), Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        grid = widgets.grid()
        grid.set_border_width(widgets.BORDER)
        self._title = widgets.row(grid, 0, tr("_Name"), Gtk.Entry(activates_default=True, width_chars=32))
        tags = Gtk.Entry(activates_default=True, placeholder_text=tr("ink, portrait"))
        self._tags = widgets.row(grid, 1, tr("_Tags"), tags)
        self._title.set_text(layer.get_name())
        self._error_label = widgets.wrapped()
        grid.attach(self._error_label, 0, 2, 2, 1)
        self.get_content_area().pack_start(grid, True, True, 0)
        self.show_all()

    def make(self, read):
        """The preset, or None after saying what is wrong. `read()` gives the picture, or raises PainterError."""
        try:
            picture = read()
        except PainterError as problem:
            self._error_label.set_text(str(problem))
            return None
        self.set_sensitive(False)
        loop, outcome = GLib.MainLoop(), []
        title, tags = self._title.get_text(), self._tags.get_text()

        def end(value):
            outcome.append(value)
            loop.quit()

        in_background(lambda: make_preset_from(connect_chosen(), picture.pixels(), title, tags), end, end)
        loop.run()
        self.set_sensitive(True)
        if isinstance(outcome[0], Exception):
            self._error_label.set_text(explain(outcome[0]))
            return None
        return outcome[0]
