"""A small window that follows a layer while the painter goes on in GIMP, until they keep its picture or close it."""

from gi.repository import GimpUi, Gtk, Pango

from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.translations import tr
from ui import widgets
from ui.preview import Preview

KEEP, FULL, SETTINGS = 1, 2, 3
SIDE = 256


def follow(image, layer, chosen, act):
    """Follow the layer until the painter answers; their answer, KEEP, FULL or SETTINGS, and what `act(answer, picture)`
    makes of it. Where that raises PainterError the window says so and stays. Raises Cancelled."""
    GimpUi.init("neural-style")
    window = LiveWindow(image, layer, chosen)
    try:
        while True:
            answer = window.run()
            if answer not in (KEEP, FULL, SETTINGS):
                raise Cancelled()
            try:
                return answer, act(answer, window.preview.picture)
            except PainterError as problem:
                window.show_problem(str(problem))
    finally:
        window.close_down()


class LiveWindow(GimpUi.Dialog):
    """A preview that stays on top, with what can be made of it."""

    def __init__(self, image, layer, chosen):
        super().__init__(title=tr("Neural Style Live"), role="neural-style-live", use_header_bar=False)
        for words, tip, answer in _buttons():
            button = self.add_button(words, answer)
            button.set_tooltip_text(tip)
            self.get_action_area().set_child_non_homogeneous(button, True)
        self.set_default_response(KEEP)
        self.preview = Preview(image, layer, SIDE, is_still=True)
        name = widgets.label(
            tr("“{}” in {}", layer.get_name(), chosen.style), ellipsize=Pango.EllipsizeMode.END, max_width_chars=30
        )
        self._problem = widgets.wrapped()
        self._problem.set_no_show_all(True)
        column = widgets.box(name)
        column.pack_start(self.preview, True, True, 0)
        widgets.pack(column, self._problem).set_border_width(widgets.BORDER)
        self.get_content_area().pack_start(column, True, True, 0)
        self.set_keep_above(True)
        self.show_all()
        widgets.put_aside(self)
        self.preview.want(chosen, {})
        self.preview.begin()

    def show_problem(self, text):
        self._problem.set_text(text)
        self._problem.show()

    def close_down(self):
        self.preview.end()
        self.destroy()
        self.preview.wait_for_daemon()


def _buttons():
    """(label, what it does, the answer)"""
    return (
        (tr("_Close"), tr("End the live painting; nothing is kept"), Gtk.ResponseType.CLOSE),
        (tr("Se_ttings…"), tr("Back to the style and its settings"), SETTINGS),
        (tr("Paint _full size"), tr("Paint the layer as large as was chosen, from this picture on"), FULL),
        (tr("_Keep"), tr("Make a layer of this picture"), KEEP),
    )
