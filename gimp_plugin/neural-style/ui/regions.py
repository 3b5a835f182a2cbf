"""Parts of the picture in styles of their own: a short list of what marks each, its style, what of the style's image it
is painted with, and its weight."""

from gi.repository import Gtk, Pango

from neural_style_client.regions import MOST_REGIONS, ONE, RESULTS, WHOLE, Region
from neural_style_client.style_part import WHOLE_STYLE
from neural_style_client.translations import tr
from ui import style_part, widgets
from ui.thumbnails import PresetChoice, remove_button


class Regions(Gtk.Expander):
    """`markers` are (mark, name) pairs of what can mark one; `changed()` is called when the painter changed it;
    `fetch(preset, show, failed)` calls `show` with the PNG of a preset's style image."""

    def __init__(self, thumbnails, changed, markers, fetch):
        super().__init__(label=tr("Regio_ns"), use_underline=True)
        self._thumbnails, self._changed, self._markers, self._fetch = thumbnails, changed, markers, fetch
        self._presets, self._rows, self._first = [], [], ""
        self._list = widgets.box(spacing=widgets.BORDER)
        about = widgets.dim(widgets.wrapped(tr("What no region marks is painted in the style on the left.")))
        self._add_button = Gtk.Button(label=tr("Add a region"), halign=Gtk.Align.START)
        self._add_button.set_tooltip_text(
            tr("Paint a part in another style. A layer, a layer mask or a channel marks it")
        )
        self._add_button.connect("clicked", lambda *_: self._add())
        self.connect_after("activate", lambda *_: self.get_expanded() and self._add_button.grab_focus())
        grid = widgets.grid()
        self._result = widgets.row(
            grid, 0, tr("Result"), widgets.choice(widgets.translated(RESULTS), lambda *_: self._changed())
        )
        self._result.get_cells()[0].set_property("ellipsize", Pango.EllipsizeMode.END)
        self._result.set_tooltip_text(tr("In a group each region can be hidden, faded and painted over by itself"))
        grid.show_all()
        grid.set_no_show_all(True)
        self._result_row = grid
        inner = widgets.box(self._list, about, self._add_button, grid)
        inner.set_margin_start(widgets.BORDER)
        inner.set_margin_top(widgets.SPACING)
        self.add(inner)

    def fill(self, presets):
        self._presets = presets
        for row in self._rows:
            row.style.fill(presets)

    def show_markers(self, markers):
        """Offer these from now on; one that is gone but chosen stays, by its name."""
        if markers != self._markers:
            self._markers = markers
            for row in self._rows:
                row.show_markers(markers)

    def show_first(self, name):
        """Which style the rest is painted in: a new region is offered another."""
        self._first = name

    def show_result(self, result):
        self._result.set_active_id(result)

    def show_regions(self, regions):
        """As many rows as there are regions."""
        while len(self._rows) > len(regions):
            self._rows.pop().destroy()
        while len(self._rows) < len(regions):
            self._rows.append(self._made(len(self._rows) + 1))
        for row, region in zip(self._rows, regions):
            row.show_region(region)
        self._add_button.set_sensitive(len(self._rows) < MOST_REGIONS)
        self._result_row.set_visible(bool(regions))
        if regions:
            self.set_expanded(True)
        self._changed()

    def read(self):
        regions = tuple(row.region() for row in self._rows)
        return {"regions": regions, "region_result": self._result.get_active_id() or ONE}

    def removed(self, gone):
        self.show_regions([row.region() for row in self._rows if row is not gone])
        self._add_button.grab_focus()

    def moved(self):
        self._changed()

    def ask_for_part(self, row):
        """Let the painter choose what of the style's image a region is painted with."""
        preset = next((one for one in self._presets if one["name"] == row.style.preset), None)
        if preset is None:
            return
        part = style_part.ask(self.get_toplevel(), preset, row.part, self._fetch)
        if part is not None:
            row.show_part(part)
            self._changed()

    def _made(self, number):
        row = RegionRow(number, self._thumbnails, self._markers, self)
        row.style.fill(self._presets)
        row.show_all()
        widgets.pack(self._list, row)
        return row

    def _add(self):
        known = self.read()["regions"]
        marked, taken = {one.mark for one in known}, {self._first, *(one.preset for one in known)}
        free = [one for one in self._markers if one[0] not in marked]
        mark = next(iter(free or self._markers), ("", ""))
        style = next((one["name"] for one in self._presets if one["name"] not in taken), self._first)
        self.show_regions([*known, Region(mark[1], style, mark=mark[0])])
        self._rows[-1].focus()


class RegionRow(Gtk.Grid):
    """[what marks it] [remove] / [its style] [its weight] / [what of the style's image]"""

    def __init__(self, number, thumbnails, markers, regions):
        super().__init__(row_spacing=2, column_spacing=widgets.SPACING)
        words = tr("Region {}", number)
        self._names = dict(markers)
        self._layer = widgets.named(widgets.choice(markers, lambda *_: regions.moved()), words)
        self._layer.get_cells()[0].set_property("ellipsize", Pango.EllipsizeMode.MIDDLE)
        self._layer.set_hexpand(True)
        self._layer.set_tooltip_text(tr("The layer, mask or channel that marks it. A hidden one marks, too"))
        self._regions, self.part = regions, WHOLE_STYLE
        self.style = widgets.named(PresetChoice(thumbnails, self._on_style), tr("Style of {}", words))
        self._part_button = Gtk.Button(halign=Gtk.Align.START)
        self._part_button.set_tooltip_text(tr("Choose a part of the style image"))
        self._part_button.connect("clicked", lambda *_: regions.ask_for_part(self))
        self._words = words
        self._weight = widgets.named(widgets.number(1, WHOLE, 5, lambda *_: regions.moved()), tr("Weight of {}", words))
        self._weight.set_tooltip_text(tr("Percent; less than 100 mixes it with the style on the left"))
        self.attach(self._layer, 0, 0, 1, 1)
        self.attach(remove_button(tr("Take {} away", words), lambda: regions.removed(self)), 1, 0, 1, 1)
        self.attach(self.style, 0, 1, 1, 1)
        self.attach(self._weight, 1, 1, 1, 1)
        self.attach(self._part_button, 0, 2, 2, 1)
        self.show_part(WHOLE_STYLE)

    def show_markers(self, markers):
        chosen = self.region()
        self._names = dict(markers)
        widgets.offer(self._layer, markers)
        self.show_region(chosen)

    def show_region(self, region):
        """One whose mark is gone is still shown, by its name; painting says what is wrong."""
        known = [mark for mark, name in self._names.items() if mark == region.mark or name == region.layer]
        if not known and region.layer:
            self._names[region.mark] = region.layer
            self._layer.append(region.mark, region.layer)
        self._layer.set_active_id(region.mark if region.mark in self._names else next(iter(known), None))
        self.style.choose(region.preset)
        self._weight.set_value(region.weight)
        self.show_part(region.part)

    def show_part(self, part):
        self.part = part
        self._part_button.set_label(part.words())
        widgets.named(self._part_button, tr("Style image of {}: {}", self._words, part.words()), part.place_words())

    def _on_style(self):
        self.show_part(WHOLE_STYLE)  # another style has another picture
        self._regions.moved()

    def region(self):
        mark = self._layer.get_active_id() or ""
        return Region(self._names.get(mark, ""), self.style.preset, self._weight.get_value_as_int(), mark, self.part)

    def focus(self):
        self._layer.grab_focus()
