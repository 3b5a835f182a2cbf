"""The dialogue of Paint for Print…: how wide on paper, and how fine. The style is chosen in the next one."""

from gi.repository import GimpUi, Gtk

from document.print_copy import printed_size, size_of
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.parameters import MAX_SIZE
from neural_style_client.print_size import (
    ACTION,
    HIGHEST,
    INCHES,
    LOWEST,
    RESOLUTION_LABEL,
    TIP,
    UNITS,
    WIDTH_LABEL,
    PrintSize,
)
from neural_style_client.translations import tr
from ui import widgets

WIDEST = MAX_SIZE / LOWEST / min(INCHES.values())
"""In the smallest unit."""


def ask(image):
    """The PrintSize. Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = PrintDialog(image)
    try:
        if dialog.run() != Gtk.ResponseType.OK:
            raise Cancelled()
        return dialog.print_size()
    finally:
        dialog.destroy()


class PrintDialog(GimpUi.Dialog):
    """It begins with the image as it is printed now, in the image's own unit."""

    def __init__(self, image):
        super().__init__(title=tr(ACTION).rstrip(" …"), role="neural-style-print", use_header_bar=False)
        self._size = size_of(image)
        self.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
        self._next = self.add_button(tr("Choose a _Style…"), Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        unit = image.get_unit().get_abbreviation()
        now = printed_size(image, unit if unit in INCHES else "in")
        self._unit = now.unit
        self._build(now)
        self.show_all()
        self._width.grab_focus()

    def print_size(self):
        """Raises PainterError."""
        return PrintSize(self._width.get_value(), self._unit, self._resolution.get_value())

    def _build(self, now):
        grid, self._summary = widgets.grid(), widgets.wrapped()
        self._width = self._number(grid, 0, tr(WIDTH_LABEL), (0.01, WIDEST, 1), now.width)
        self._resolution = self._number(grid, 1, tr(RESOLUTION_LABEL), (LOWEST, HIGHEST, 10), now.resolution)
        self._units = widgets.named(widgets.choice(widgets.translated(UNITS), self._on_unit), tr("Unit"))
        self._units.set_active_id(self._unit)
        grid.attach(self._units, 2, 0, 1, 1)
        column = widgets.box(widgets.wrapped(tr(TIP)), grid, self._summary, spacing=widgets.BORDER)
        column.set_border_width(widgets.BORDER)
        self.get_content_area().pack_start(column, True, True, 0)

    def _number(self, grid, row, label, bounds, value):
        number = widgets.row(grid, row, label, widgets.number(*bounds, lambda *_: None, digits=2))
        number.set_value(value)
        number.set_activates_default(True)
        number.connect("value-changed", self._show_summary)
        return number

    def _on_unit(self, units):
        """The paper stays as wide as it is."""
        former, self._unit = self._unit, units.get_active_id()
        self._width.set_value(self._width.get_value() * INCHES[former] / INCHES[self._unit])
        self._show_summary()

    def _show_summary(self, *_):
        try:
            said, is_possible = self.print_size().summary(self._size, MAX_SIZE), True
        except PainterError as problem:
            said, is_possible = str(problem), False
        self._summary.set_text(said)
        self._next.set_sensitive(is_possible)
