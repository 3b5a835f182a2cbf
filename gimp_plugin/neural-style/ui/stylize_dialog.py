"""The dialogue of Stylize Layer…: a style on the left, how to paint with it on the right."""

from functools import partial

from gi.repository import Gimp, GimpUi, GLib, Gtk

from document import buffers, layers, marks
from neural_style_client import connect_chosen, remotes, wording
from neural_style_client.errors import Cancelled, PainterError, explain
from neural_style_client.parameters import from_mapping, job_body
from neural_style_client.regions import forecast_regions
from ui import options, widgets
from ui.background import Debounced, in_background
from ui.blend import Blend
from ui.earlier import Earlier
from ui.gallery import Gallery
from ui.regions import Regions
from ui.sliders import Sliders
from ui.thumbnails import Thumbnails
from ui.where import Where

FRAME_HEIGHT = 150
"""What the title, the buttons and the desktop's bars take of the screen's height beside the columns."""

MEASURING_MS = 3000
"""The daemon measures a computer that is new to it in so long; then a forecast is more than a guess."""
MOST_GUESSES = 20


def ask(image, chosen_layers, remembered, last_values):
    """(parameters, layer to start from or None). Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = StylizeDialog(image, chosen_layers, remembered, last_values)
    try:
        while dialog.run() == Gtk.ResponseType.OK:
            try:
                return dialog.chosen(), dialog.start_layer()
            except PainterError as error:
                dialog.show_error(str(error))
        raise Cancelled()
    finally:
        dialog.close_down()


class StylizeDialog(GimpUi.Dialog):
    """Shows itself at once; the styles come when the daemon has answered."""

    def __init__(self, image, chosen_layers, remembered, last_values):
        super().__init__(title="Neural Style", role="neural-style-stylize", use_header_bar=False)
        self._image, self._layers, self._last_values = image, chosen_layers, last_values
        self._wanted = remembered
        self._daemon = self._forecast_body = None
        self._forecast = Debounced(self._ask_forecast)
        self._guesses_left = MOST_GUESSES
        self.add_button("_Cancel", Gtk.ResponseType.CANCEL)
        self._paint = self.add_button("_Paint", Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        self._paint.set_sensitive(False)
        self._build(image)
        self._show_remembered()
        self.show_all()
        self._find_daemon()

    def chosen(self):
        preset = self._gallery.selected()
        found = dict(self._wanted.as_mapping(), preset=preset["name"] if preset else "")
        found["controls"] = self._sliders.changes()
        for part in (self._blend, self._regions, self._size, self._kept_frames, self._expert):
            found.update(part.read())
        chosen = from_mapping(found)
        if not chosen.preset:
            raise PainterError("No style is chosen. Click one in the gallery.")
        if chosen.start == "image" and self.start_layer() is None:
            raise PainterError("Choose the layer to start from, or another start image.")
        for region in chosen.regions:
            marks.find(self._image, region)  # or say that it is gone
        return chosen

    def start_layer(self):
        identity = self._expert.start_layer_id()
        return None if identity is None else Gimp.Layer.get_by_id(identity)

    def show_error(self, text):
        self._error_label.set_text(text)
        self._error_label.show()

    def close_down(self):
        self._forecast.stop()
        self._forecast_body = None  # an answer that comes later is dropped
        self._last_values.remember_expert(self._expert.get_expanded())
        self._daemon = None
        self.destroy()

    def _build(self, image):
        self._thumbnails = Thumbnails()
        activated = partial(self.response, Gtk.ResponseType.OK)
        self._gallery = Gallery(self._thumbnails, self._on_chosen, activated, self._on_favoured)
        self._blend = Blend(self._thumbnails, self._forecast.ask)
        self._sliders = Sliders(self._forecast.ask)
        self._earlier = Earlier(layers.results_of(image), self._use)
        long_side = max(max(layer.get_width(), layer.get_height()) for layer in self._layers)
        self._size = options.Size(self._forecast.ask, long_side)
        self._regions = Regions(self._thumbnails, self._forecast.ask, marks.markers(image))
        self._kept_frames = options.KeptFrames(self._forecast.ask)
        self._expert = options.Expert(self._forecast.ask, layers.all_layers(image))
        self._expert.set_expanded(self._last_values.expert_open())
        for part in (self._expert, self._regions):
            part.connect("notify::expanded", lambda *_: GLib.idle_add(self._grow))
        self._error_label = widgets.wrapped()
        self._error_label.set_no_show_all(True)
        columns = widgets.box(vertical=False, spacing=2 * widgets.BORDER)
        columns.set_border_width(widgets.BORDER)
        self._gallery.pack_end(self._blend, False, False, 0)
        columns.pack_start(self._gallery, True, True, 0)
        columns.pack_start(self._right(image), False, False, 0)
        self.get_content_area().pack_start(columns, True, True, 0)

    def _right(self, image):
        self._note = widgets.wrapped(_GREY if buffers.is_grey(image) else "")
        self._note.set_no_show_all(not buffers.is_grey(image))
        first = (Where(self._find_daemon, self.show_error), self._note, self._earlier, self._sliders, Gtk.Separator())
        rest = (self._size, self._kept_frames, self._regions, self._expert, self._error_label)
        column = widgets.box(*first, *rest, spacing=widgets.BORDER)
        column.set_margin_end(widgets.BORDER)  # where the scroll bar is drawn
        scrolled = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.NEVER, propagate_natural_height=True)
        monitor = self.get_display().get_primary_monitor() or self.get_display().get_monitor(0)
        scrolled.set_max_content_height(max(400, monitor.get_workarea().height - FRAME_HEIGHT))
        scrolled.set_hexpand(False)
        scrolled.add(column)
        scrolled.get_child().set_focus_vadjustment(scrolled.get_vadjustment())
        return scrolled

    def _grow(self):
        """An opened Expert section makes the window higher, where the screen allows it."""
        width, height = self.get_size()
        self.resize(width, max(height, self.get_preferred_height()[1]))
        return GLib.SOURCE_REMOVE

    def _use(self, parameters):
        """Set everything as it was for an earlier result."""
        self._wanted = parameters
        self._show_remembered()
        self._show_styles()

    def _show_remembered(self):
        self._find_start_layer()
        for part in (self._size, self._kept_frames, self._expert):
            part.show(self._wanted)
        self._sliders.show_preset({}, self._wanted.controls)

    def _show_styles(self):
        """What needs the presets to be known."""
        self._gallery.select(self._wanted.preset)
        self._blend.show_blend(self._wanted.blend)
        self._regions.show_regions(self._wanted.regions)
        chosen, wanted = self._gallery.selected(), self._wanted.preset
        if chosen is not None:
            self._on_chosen(chosen)
        if wanted and chosen is not None and chosen["name"] != wanted:
            self._show_note(f"The style “{wanted}” is no longer there. Choose another.")

    def _find_start_layer(self):
        """Never silently another one than the last time."""
        if self._wanted.start != "image":
            return
        layer = layers.start_layer_of(self._image, self._wanted)
        if layer is not None:
            self._expert.choose_layer(layer)
            return
        self._wanted = self._wanted.changed(start="")
        self._show_note(layers.start_layer_gone(self._wanted.start_layer) + " The style's own start is chosen.")

    def _show_note(self, text):
        self._note.set_text(text)
        self._note.show()

    def _find_daemon(self, *_):
        """Of the computer that is chosen now; its styles take the place of those that are shown."""
        place = remotes.chosen()
        self._daemon = None
        self._paint.set_sensitive(False)
        self._error_label.hide()
        self._gallery.wait(f"Looking for {place}…" if place else "Starting the daemon…")
        in_background(self._connect_daemon, partial(self._on_presets, place), partial(self._on_error, place))

    @staticmethod
    def _connect_daemon():
        daemon = connect_chosen()
        return daemon, daemon.presets()

    def _on_presets(self, place, found):
        if not self.get_visible() or place != remotes.chosen():
            return
        self._daemon, presets = found
        if not presets:
            self._gallery.wait("There are no styles yet. Make one with Make Preset from Layer….", busy=False)
            return
        for part in (self._gallery, self._blend, self._regions):
            part.fill(presets)
        self._show_styles()
        self._paint.set_sensitive(True)
        for preset in presets:
            self._fetch_thumbnail(self._daemon, preset["name"])

    def _fetch_thumbnail(self, daemon, name):
        def show(data):
            if self._daemon is daemon:
                self._thumbnails.add(name, data)

        in_background(lambda: daemon.thumbnail(name), show, lambda _: None)

    def _on_error(self, place, error):
        if self.get_visible() and place == remotes.chosen():
            self._gallery.wait(explain(error), busy=False)

    def _on_chosen(self, preset):
        mine = self._wanted.controls if preset["name"] == self._wanted.preset else {}
        self._sliders.show_preset(preset, mine)
        self._blend.show_first(preset["name"])
        self._regions.show_first(preset["name"])
        self._forecast.ask()

    def _on_favoured(self, name, favourite):
        daemon = self._daemon

        def show(preset):
            if self._daemon is not None:
                self._gallery.changed(preset)

        failed = lambda error: self._daemon is not None and self.show_error(explain(error))  # noqa: E731
        in_background(lambda: daemon.change_preset(name, {"favourite": favourite}), show, failed)

    def _ask_forecast(self):
        if self._daemon is None:
            return
        try:
            chosen = self.chosen()
            body = forecast_regions(job_body(chosen, "gimp"), chosen.regions)
        except PainterError as error:
            self._size.show_forecast(str(error))
            return
        self._error_label.hide()
        body["width"], body["height"] = self._layers[0].get_width(), self._layers[0].get_height()
        self._forecast_body, daemon = body, self._daemon
        show = partial(self._show_forecast, body)
        in_background(lambda: daemon.forecast(body), show, show)

    def _show_forecast(self, body, found):
        """`found`: a forecast or a failure. Dropped where the painter has changed something meanwhile."""
        if body is not self._forecast_body:
            return
        if isinstance(found, Exception):
            self._size.show_forecast(explain(found))
            return
        self._size.show_forecast(wording.forecast(found, len(self._layers)))
        if self._guesses_left and not found.get("calibrated", True):
            self._guesses_left -= 1
            self._forecast.ask(pause_ms=MEASURING_MS)


_GREY = "This image is grey, and so will the painting be. For colours choose Image → Mode → RGB first."
