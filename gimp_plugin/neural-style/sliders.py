"""The painter's seven controls as sliders that know each preset's own values."""

import gi

gi.require_version("Gtk", "3.0")
import parameters as parameters_  # noqa: E402
import widgets  # noqa: E402
from gi.repository import Gtk  # noqa: E402


class Sliders(Gtk.Box):
    """`changed()` is called whenever a slider was moved."""

    def __init__(self, changed):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        self._changed = changed
        self._own = {}
        self._scales = {}
        grid = widgets.grid()
        grid.set_row_spacing(0)
        for number, control in enumerate(parameters_.CONTROLS):
            self._scales[control.name] = widgets.row(grid, number, control.label, self._scale(control))
        self.pack_start(grid, False, False, 0)
        self._reset = Gtk.Button(label="_Reset to the style's own", use_underline=True, halign=Gtk.Align.END)
        self._reset.connect("clicked", lambda *_: self.show_preset(self._own))
        self.pack_start(self._reset, False, False, 0)

    def show_preset(self, own, changes=None):
        """`own`: the preset's values; `changes`: the painter's, where they differ."""
        self._own = dict(own)
        for control in parameters_.CONTROLS:
            scale = self._scales[control.name]
            value = self._own_value(control)
            scale.clear_marks()
            scale.add_mark(value, Gtk.PositionType.BOTTOM, None)
            scale.set_value((changes or {}).get(control.name, value))

    def changes(self):
        """Only what differs from the preset's own values: those of a changed preset must come through."""
        found = {}
        for control in parameters_.CONTROLS:
            value = round(self._scales[control.name].get_value())
            if value != round(self._own_value(control)):
                found[control.name] = value
        return found

    def _own_value(self, control):
        value = self._own.get(control.name, control.default)
        return _COLOUR_WORDS.get(value, value)

    def _scale(self, control):
        scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, control.minimum, control.maximum, 1)
        scale.set_value_pos(Gtk.PositionType.RIGHT)
        scale.set_digits(0)
        scale.set_tooltip_text(f"{control.low} — {control.high}")
        scale.set_size_request(190, -1)
        scale.get_accessible().set_description(f"from {control.low} to {control.high}")
        scale.connect("value-changed", lambda *_: self._changed())
        return scale


_COLOUR_WORDS = {"style": 0, "mixed": 50, "mine": 100}
