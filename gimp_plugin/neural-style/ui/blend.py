"""A second and a third style beside the first, each with a slider between the two."""

from gi.repository import Gtk

from neural_style_client.blend import EVEN, LEAST, MOST, MOST_BLENDED
from neural_style_client.translations import tr
from ui import widgets
from ui.thumbnails import Picture, PresetChoice, remove_button


class Blend(Gtk.Box):
    """`changed()` is called when the painter chose, moved or removed one."""

    def __init__(self, thumbnails, changed):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        self._changed = changed
        self._presets, self._first, self._used = [], "", 0
        self._rows = [BlendRow(number, thumbnails, self) for number in range(MOST_BLENDED)]
        self._add_button = Gtk.Button(label=tr("Incl_ude another style"), use_underline=True, halign=Gtk.Align.START)
        self._add_button.set_tooltip_text(tr("Blend a second style with the first"))
        self._add_button.connect("clicked", lambda *_: self._add())
        widgets.pack(self, *self._rows, self._add_button)
        self._show_used()

    def fill(self, presets):
        self._presets = presets
        for row in self._rows:
            row.choice.fill(presets)
        self._add_button.set_sensitive(len(presets) > 1)

    def show_first(self, name):
        """Which style the sliders' left ends stand for."""
        self._first = name
        for row in self._rows:
            row.show_first(name)

    def show_blend(self, blend):
        self._show_pairs(list(blend.items()))

    def read(self):
        """{"blend": {preset: share}}"""
        return {"blend": {name: share for name, share in self._pairs() if name}}

    def removed(self, row):
        left = [pair for one, pair in zip(self._rows, self._pairs()) if one is not row]
        self._show_pairs(left)
        self._add_button.grab_focus()

    def moved(self):
        self._changed()

    def _pairs(self):
        return [row.pair() for row in self._rows[: self._used]]

    def _add(self):
        taken = {self._first, *self.read()["blend"]}
        free = next((one["name"] for one in self._presets if one["name"] not in taken), "")
        self._show_pairs([*self._pairs(), (free, EVEN)])
        self._rows[self._used - 1].choice.grab_focus()

    def _show_pairs(self, pairs):
        self._used = len(pairs)
        for row, pair in zip(self._rows, pairs):
            row.show_pair(*pair)
        self._show_used()
        self._changed()

    def _show_used(self):
        for place, row in enumerate(self._rows):
            row.set_visible(place < self._used)
        self._add_button.set_visible(self._used < len(self._rows))


class BlendRow(Gtk.Box):
    """[first style] slider [this style] [this style's name] [remove]"""

    def __init__(self, number, thumbnails, blend):
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=widgets.SPACING, no_show_all=True)
        words = tr("Style {}", number + 2)
        self._pictures = Picture(thumbnails), Picture(thumbnails)
        self._scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, LEAST, MOST, 1)
        self._scale.set_value(EVEN)
        self._scale.set_digits(0)
        self._scale.set_value_pos(Gtk.PositionType.RIGHT)
        self._scale.set_size_request(120, -1)
        self._scale.set_tooltip_text(tr("Left the first style, right this one"))
        widgets.named(self._scale, tr("Share of {}", words), tr("from the first style to this one"))
        self.choice = widgets.named(PresetChoice(thumbnails, self._on_chosen), words)
        remove = remove_button(tr("Take {} away", words), lambda: blend.removed(self))
        first, second = self._pictures
        widgets.pack(self, first)
        self.pack_start(self._scale, True, True, 0)
        widgets.pack(self, second, self.choice, remove)
        self._moved = blend.moved
        self._scale.connect("value-changed", lambda *_: self._moved())
        for child in self.get_children():
            child.show_all()

    def show_first(self, name):
        self._pictures[0].show_preset(name)

    def show_pair(self, name, share):
        self.choice.choose(name)
        self._scale.set_value(share)

    def pair(self):
        return self.choice.preset, round(self._scale.get_value())

    def _on_chosen(self):
        self._pictures[1].show_preset(self.choice.preset)
        self._moved()
