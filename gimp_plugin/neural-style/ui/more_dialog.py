"""The dialogue of More Iterations…: how many."""

from gi.repository import GimpUi, Gtk

from neural_style_client.errors import Cancelled
from neural_style_client.kept_frames import MAX_ITERATIONS
from neural_style_client.translations import tr
from ui import widgets


def ask(layer, earlier):
    """How many more iterations. Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = GimpUi.Dialog(title=tr("More Iterations"), role="neural-style-more", use_header_bar=False)
    dialog.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
    dialog.add_button(tr("_Go on"), Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    ended = tr("“{}” ended at iteration {}.", layer.get_name(), earlier.iteration)
    number = widgets.number(1, MAX_ITERATIONS, 10, lambda *_: None)
    number.set_value(max(1, earlier.iteration))
    number.set_activates_default(True)
    grid = widgets.grid()
    widgets.row(grid, 0, tr("_More iterations"), number)
    about = widgets.wrapped(ended + " " + tr("The result comes as a new layer above it."))
    column = widgets.box(about, grid, spacing=widgets.BORDER)
    column.set_border_width(widgets.BORDER)
    dialog.get_content_area().pack_start(column, True, True, 0)
    dialog.show_all()
    number.grab_focus()
    answer, chosen = dialog.run(), number.get_value_as_int()
    dialog.destroy()
    if answer != Gtk.ResponseType.OK:
        raise Cancelled()
    return chosen
