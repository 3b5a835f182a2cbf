"""The dialogue of Insert Earlier Result…: which one."""

from gi.repository import GimpUi, Gtk, Pango

from neural_style_client.errors import Cancelled
from neural_style_client.translations import tr
from ui import widgets


def ask(results):
    """The number of one of `layers.returnable_results`, from 1. Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = GimpUi.Dialog(title=tr("Insert Earlier Result"), role="neural-style-insert", use_header_bar=False)
    dialog.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
    insert = dialog.add_button(tr("_Insert"), Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    names = ["{} · {}".format(name, tr("seed {}", parameters.seed)) for name, parameters, _ in results]
    choice = widgets.choice(enumerate(names, 1), lambda *_: None)
    choice.get_cells()[0].set_property("ellipsize", Pango.EllipsizeMode.MIDDLE)
    choice.set_active(0)
    grid = widgets.grid()
    widgets.row(grid, 0, tr("_Result"), choice)
    about = widgets.wrapped(tr("It comes as a new layer where it was, above the selected one."))
    column = widgets.box(about, grid, spacing=widgets.BORDER)
    column.set_border_width(widgets.BORDER)
    dialog.get_content_area().pack_start(column, True, True, 0)
    dialog.show_all()
    insert.grab_focus()  # Return on the list would only open it
    answer, chosen = dialog.run(), choice.get_active() + 1
    dialog.destroy()
    if answer != Gtk.ResponseType.OK:
        raise Cancelled()
    return chosen
