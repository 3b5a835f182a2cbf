"""The rest of the dialogue: size and quality, kept frames and seed, the expert's settings."""

import random

from gi.repository import Gtk, Pango

from neural_style_client import kept_frames
from neural_style_client.kept_frames import AT, EVERY, MAX_ITERATIONS
from neural_style_client.parameters import MAX_SEED, PLACES, QUALITIES, START_LAYER, STARTS, size_choices
from neural_style_client.translations import N_, tr
from ui import widgets


class Size(Gtk.Box):
    """Size and quality, with what they cost."""

    def __init__(self, changed, long_side):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        grid = widgets.grid()
        self._size = widgets.row(grid, 0, tr("Si_ze"), widgets.choice(size_choices(long_side), changed))
        self._quality = widgets.row(grid, 1, tr("_Quality"), widgets.choice(widgets.translated(QUALITIES), changed))
        self._forecast = widgets.named(widgets.dim(widgets.wrapped()), tr("Forecast"))
        self.show_forecast = self._forecast.set_text
        widgets.pack(self, grid, self._forecast)

    def show(self, parameters):
        if not self._size.set_active_id(str(parameters.size)):
            self._size.append(str(parameters.size), f"{parameters.size} px")
            self._size.set_active_id(str(parameters.size))
        self._quality.set_active_id(parameters.quality)

    def read(self):
        return {"size": int(self._size.get_active_id() or 0), "quality": self._quality.get_active_id()}


class KeptFrames(Gtk.Box):
    """Which frames become layers, where the result goes, and the seed."""

    def __init__(self, changed):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        grid = widgets.grid()
        self._kind = widgets.row(
            grid, 0, tr("_Keep frames"), widgets.choice(widgets.translated(kept_frames.KINDS), self._on_kind)
        )
        self._at = widgets.named(Gtk.Entry(placeholder_text="100, 300"), tr("Iterations to keep"))
        self._every = widgets.named(widgets.number(1, MAX_ITERATIONS, 10, changed), tr("Keep every so many iterations"))
        for widget in (self._at, self._every):
            widget.set_no_show_all(True)
            grid.attach(widget, 1, 1, 1, 1)
        places = widgets.choice(widgets.translated(PLACES), changed)
        self._place = widgets.row(grid, 2, tr("Result layer"), places)
        self._seed = widgets.row(grid, 3, tr("S_eed"), self._seed_box(changed))
        widgets.pack(self, grid)

    def show(self, parameters):
        kind, words = kept_frames.kind_and_words(parameters.keep)
        self._kind.set_active_id(kind)
        if kind == EVERY:
            self._every.set_value(int(words))
        elif kind == AT:
            self._at.set_text(words)
        self._place.set_active_id(parameters.place)
        self._seed_spin.set_value(parameters.seed)

    def read(self):
        kind = self._kind.get_active_id()
        words = str(self._every.get_value_as_int()) if kind == EVERY else self._at.get_text()
        found = {"keep": kept_frames.text_of(kind, words), "seed": self._seed_spin.get_value_as_int()}
        return dict(found, place=self._place.get_active_id())

    def _on_kind(self, *_):
        kind = self._kind.get_active_id()
        self._at.set_visible(kind == AT)
        self._every.set_visible(kind == EVERY)

    def _seed_box(self, changed):
        self._seed_spin = widgets.number_or_own(-1, MAX_SEED, 1, changed)
        self._seed_spin.set_tooltip_text(tr("The same seed gives the same picture"))
        widgets.named(self._seed_spin, tr("Seed"))
        another = Gtk.Button(label=tr("New seed"))
        another.connect("clicked", lambda *_: self._seed_spin.set_value(random.randint(0, 999999)))
        box = widgets.box(vertical=False)
        box.pack_start(self._seed_spin, True, True, 0)
        return widgets.pack(box, another)


_NUMBERS = (
    ("iterations", N_("Iterations"), 0, MAX_ITERATIONS, 10, 0),
    ("content_weight", N_("Content weig_ht"), 0, 1e9, 0.1, 4),
    ("style_weight", N_("St_yle weight"), 0, 1e9, 0.1, 4),
    ("tv_weight", N_("Total-variation weight"), -1, 1e9, 0.1, 4),
)


class Expert(Gtk.Expander):
    """The method's own settings. `layers` are those that can be started from."""

    def __init__(self, changed, layers):
        super().__init__(label=tr("E_xpert"), use_underline=True)
        self._changed = changed
        grid = widgets.grid()
        grid.set_margin_start(widgets.BORDER)
        grid.set_margin_top(widgets.SPACING)
        self._numbers = {}
        for place, (name, label, low, high, step, digits) in enumerate(_NUMBERS):
            spin = widgets.number_or_own(low, high, step, changed, digits)
            self._numbers[name] = widgets.row(grid, place, tr(label), spin)
        starts = (*STARTS, START_LAYER)
        self._start = widgets.row(
            grid, 4, tr("Start image"), widgets.choice(widgets.translated(starts), self._on_start)
        )
        self._layers = []
        self._layer = widgets.named(widgets.choice((), changed), tr("Layer to start from"))
        self._layer.get_cells()[0].set_property("ellipsize", Pango.EllipsizeMode.MIDDLE)
        self.show_layers(layers)
        self._layer.set_active(0)
        self._layer.set_no_show_all(True)
        grid.attach(self._layer, 1, 5, 1, 1)
        self._seamless = Gtk.CheckButton(label=tr("Seamle_ss (can be tiled)"), use_underline=True)
        self._seamless.connect("toggled", changed)
        grid.attach(self._seamless, 0, 6, 2, 1)
        self.add(grid)

    def show(self, parameters):
        for name, spin in self._numbers.items():
            spin.set_value(getattr(parameters, name))
        self._start.set_active_id(parameters.start)
        self._seamless.set_active(parameters.seamless == "on")

    def read(self):
        found = {name: spin.get_value() for name, spin in self._numbers.items()}
        found.update(iterations=int(found["iterations"]), start=self._start.get_active_id() or "")
        return dict(found, seamless="on" if self._seamless.get_active() else "off")

    def show_layers(self, layers):
        """Offer these to start from; what was chosen stays chosen, where it is not gone."""
        pairs = [(layer.get_id(), layer.get_name()) for layer in layers]
        if pairs != self._layers:
            chosen, self._layers = self._layer.get_active_id(), pairs
            widgets.offer(self._layer, pairs)
            self._layer.set_active_id(chosen)

    def choose_layer(self, layer):
        """Offer this layer first to start from."""
        self._layer.set_active_id(str(layer.get_id()))

    def start_layer_id(self):
        """The id of the layer to start from, or None."""
        if self._start.get_active_id() != "image":
            return None
        identity = self._layer.get_active_id()
        return int(identity) if identity else None

    def _on_start(self, *_):
        self._layer.set_visible(self._start.get_active_id() == "image")
        self._changed()
