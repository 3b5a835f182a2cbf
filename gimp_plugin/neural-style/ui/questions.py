"""One question at a time."""

from gi.repository import GimpUi, Gtk

from neural_style_client.translations import tr
from ui import widgets


def convert_to_rgb():
    """Whether an indexed image may be made RGB."""
    return _ask(
        tr(
            "This image is indexed: its palette has too few colours for a painting. "
            "Convert it to RGB? Edit → Undo brings the palette back."
        ),
        tr("_Convert to RGB"),
    )


def start_otherwise(problem):
    """Whether to go on without the start layer that cannot be found."""
    return _ask(problem + " " + tr("Start as the style itself does instead?"), tr("_Start as the style does"))


def _ask(question, yes):
    GimpUi.init("neural-style")
    dialog = GimpUi.Dialog(title="Neural Style", role="neural-style-question", use_header_bar=False)
    dialog.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
    dialog.add_button(yes, Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    text = widgets.wrapped(question)
    text.set_property("margin", widgets.BORDER)
    dialog.get_content_area().pack_start(text, True, True, 0)
    dialog.show_all()
    answer = dialog.run()
    dialog.destroy()
    return answer == Gtk.ResponseType.OK
