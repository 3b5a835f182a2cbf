"""The painter's seven controls as sliders that know each preset's own values."""

from gi.repository import Gtk

from neural_style_client.controls import CONTROLS, changed_values, preset_values
from neural_style_client.translations import tr
from ui import widgets


class Sliders(Gtk.Box):
    """`changed()` is called whenever a slider was moved."""

    def __init__(self, changed):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        self._changed = changed
        self._preset = {}
        self._scales = {}
        grid = widgets.grid()
        grid.set_row_spacing(0)
        for number, control in enumerate(CONTROLS):
            self._scales[control.name] = widgets.row(grid, number, tr(control.label), self._scale(control))
        self._reset = Gtk.Button(label=tr("_Reset to the style's own"), use_underline=True, halign=Gtk.Align.END)
        self._reset.connect("clicked", lambda *_: self.show_preset(self._preset))
        widgets.pack(self, grid, self._reset)

    def show_preset(self, preset, changes=None):
        """The sliders stand where the preset has them, but for what the painter changed."""
        self._preset = preset
        for name, value in preset_values(preset).items():
            scale = self._scales[name]
            scale.clear_marks()
            scale.add_mark(value, Gtk.PositionType.BOTTOM, None)
            scale.set_value((changes or {}).get(name, value))

    def changes(self):
        """What differs from the preset."""
        return changed_values({name: scale.get_value() for name, scale in self._scales.items()}, self._preset)

    def _scale(self, control):
        scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, control.minimum, control.maximum, 1)
        scale.set_value_pos(Gtk.PositionType.RIGHT)
        scale.set_digits(0)
        scale.set_tooltip_text(f"{tr(control.low)} — {tr(control.high)}")
        scale.set_size_request(190, -1)
        scale.get_accessible().set_description(tr("from {} to {}", tr(control.low), tr(control.high)))
        scale.connect("value-changed", lambda *_: self._changed())
        return scale
