"""The dialogue of Stylize Layer…: a style on the left, how to paint with it on the right."""

from contextlib import suppress
from functools import partial

from gi.repository import Gimp, GimpUi, GLib, Gtk

from document import buffers, layers, marks
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.parameters import from_mapping, job_body
from neural_style_client.regions import forecast_regions
from neural_style_client.translations import N_, tr
from ui import options, widgets
from ui.blend import Blend
from ui.earlier import Earlier
from ui.forecast import Forecast
from ui.gallery import Gallery
from ui.preset_loader import PresetLoader
from ui.preview_switch import PreviewSwitch
from ui.regions import Regions
from ui.sliders import Sliders
from ui.thumbnails import Thumbnails
from ui.where import Where

FRAME_HEIGHT = 150
"""What the title, the buttons and the desktop's bars take of the screen's height beside the columns."""

LIVE = 1
"""The answer that the painter wants to go on in GIMP, and the layer to be followed."""


def ask(image, chosen_layers, remembered, last_values):
    """(parameters, layer to start from or None, whether to follow the layer live). Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = StylizeDialog(image, chosen_layers, remembered, last_values)
    try:
        while True:
            answer = dialog.run()
            if answer not in (Gtk.ResponseType.OK, LIVE):
                raise Cancelled()
            try:
                chosen = dialog.chosen()
                layers.layers_of(image, chosen_layers)  # GIMP went on while the dialogue was open
                return chosen, dialog.start_layer(), answer == LIVE
            except PainterError as error:
                dialog.show_error(str(error))
    except Cancelled:
        dialog.hide()
        dialog.wait_for_daemon()  # the plug-in's process ends here
        raise
    finally:
        dialog.close_down()


class StylizeDialog(GimpUi.Dialog):
    """Shows itself at once; the styles come when the daemon has answered."""

    def __init__(self, image, chosen_layers, remembered, last_values):
        super().__init__(title="Neural Style", role="neural-style-stylize", use_header_bar=False)
        self._image, self._layers, self._last_values = image, chosen_layers, last_values
        self._wanted = remembered
        show_forecast = lambda text: self._size.show_forecast(text)  # noqa: E731
        self._forecast = Forecast(self._forecast_body, show_forecast, len(chosen_layers))
        self._live = self.add_button(tr("Keep p_ainting live"), LIVE)
        self._live.set_tooltip_text(tr("Paint on in GIMP; a small window shows the layer in this style meanwhile"))
        self.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
        self._paint = self.add_button(tr("_Paint"), Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        self._preview = PreviewSwitch(image, chosen_layers[0], self._choice, self._fit, last_values)
        self._build(image)
        self._show_remembered()
        self.connect("notify::is-active", lambda *_: self.is_active() and self.look_again())
        self.show_all()
        self._find_daemon()

    def chosen(self):
        """Raises PainterError for what cannot be painted."""
        if not self._image.is_valid():
            raise PainterError(tr("The image was closed. Open it again and run it once more."))
        preset = self._gallery.selected()
        found = dict(self._wanted.as_mapping(), preset=preset["name"] if preset else "")
        found["controls"] = self._sliders.changes()
        for part in (self._blend, self._regions, self._size, self._kept_frames, self._expert):
            found.update(part.read())
        chosen = from_mapping(found)
        if not chosen.preset:
            raise PainterError(tr("No style is chosen. Click one in the gallery."))
        if chosen.start == "image" and self.start_layer() is None:
            raise PainterError(tr("Choose the layer to start from, or another start image."))
        for region in chosen.regions:
            marks.find(self._image, region)  # or say that it is gone
        return chosen

    def start_layer(self):
        identity = self._expert.start_layer_id()
        return None if identity is None else Gimp.Layer.get_by_id(identity)

    def look_again(self):
        """The painter comes back from GIMP, where layers and channels may have come or gone."""
        if self._image.is_valid():
            self._regions.show_markers(marks.markers(self._image))
            self._expert.show_layers(layers.all_layers(self._image))

    def show_error(self, text):
        self._error_label.set_text(text)
        self._error_label.show()

    def close_down(self):
        for part in (self._forecast, self._preview, self._presets):
            part.stop()
        self._last_values.remember_expert(self._expert.get_expanded())
        self.destroy()

    def wait_for_daemon(self):
        """Let it be told that nobody looks at the preview any more."""
        self._preview.stop()
        self._preview.wait_for_daemon()

    def _build(self, image):
        self._thumbnails = Thumbnails()
        activated = partial(self.response, Gtk.ResponseType.OK)
        favoured = lambda *wish: self._presets.favour(*wish)  # noqa: E731
        self._gallery = Gallery(self._thumbnails, self._on_chosen, activated, favoured)
        self._blend = Blend(self._thumbnails, self._changed)
        self._sliders = Sliders(self._changed)
        self._earlier = Earlier(layers.results_of(image), self._use)
        long_side = max(max(layer.get_width(), layer.get_height()) for layer in self._layers)
        self._size = options.Size(self._changed, long_side)
        fetch = lambda *wish: self._presets.fetch_style(*wish)  # noqa: E731
        self._regions = Regions(self._thumbnails, self._changed, marks.markers(image), fetch)
        lists = self._gallery, self._blend, self._regions
        self._presets = PresetLoader(lists, self._thumbnails, self._on_presets, self.show_error)
        self._kept_frames = options.KeptFrames(self._changed)
        self._expert = options.Expert(self._changed, layers.all_layers(image))
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
        columns.pack_start(self._preview.preview, False, False, 0)
        self.get_content_area().pack_start(columns, True, True, 0)
        self.get_action_area().add(self._preview)
        self.get_action_area().set_child_secondary(self._preview, True)

    def _right(self, image):
        self._note = widgets.wrapped(tr(_GREY) if buffers.is_grey(image) else "")
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

    def _fit(self):
        """As wide as it needs to be with the preview, or without."""
        self.resize(self.get_preferred_width()[1], self.get_size()[1])
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
        self._regions.show_result(self._wanted.region_result)
        self._regions.show_regions(self._wanted.regions)
        chosen, wanted = self._gallery.selected(), self._wanted.preset
        if chosen is not None:
            self._on_chosen(chosen)
        if wanted and chosen is not None and chosen["name"] != wanted:
            self._show_note(tr("The style “{}” is no longer there. Choose another.", wanted))

    def _find_start_layer(self):
        """Never silently another one than the last time."""
        if self._wanted.start != "image":
            return
        layer = layers.start_layer_of(self._image, self._wanted)
        if layer is not None:
            self._expert.choose_layer(layer)
            return
        self._wanted = self._wanted.changed(start="")
        gone = layers.start_layer_gone(self._wanted.start_layer)
        self._show_note(gone + " " + tr("The style's own start is chosen."))

    def _show_note(self, text):
        self._note.set_text(text)
        self._note.show()

    def _find_daemon(self, *_):
        """Of the computer that is chosen now; its styles take the place of those that are shown."""
        with suppress(PainterError):  # as long as nothing is chosen
            self._wanted = self.chosen()
        self._forecast.daemon = None
        for button in (self._paint, self._live):
            button.set_sensitive(False)
        self._error_label.hide()
        self._preview.stop()
        self._presets.start()

    def _on_presets(self, daemon, _):
        self._forecast.daemon = daemon
        self._show_styles()
        for button in (self._paint, self._live):
            button.set_sensitive(True)
        self._preview.start()

    def _on_chosen(self, preset):
        mine = self._wanted.controls if preset["name"] == self._wanted.preset else {}
        self._sliders.show_preset(preset, mine)
        self._blend.show_first(preset["name"])
        self._regions.show_first(preset["name"])
        self._changed()

    def _changed(self, *_):
        self._forecast.ask()
        self._preview.ask()

    def _choice(self):
        """What the preview follows: the parameters, and the record of their preset. Raises PainterError."""
        return self.chosen(), self._gallery.selected()

    def _forecast_body(self):
        chosen = self.chosen()
        body = forecast_regions(job_body(chosen, "gimp"), chosen.regions)
        self._error_label.hide()
        body["width"], body["height"] = self._layers[0].get_width(), self._layers[0].get_height()
        return body


_GREY = N_("This image is grey, and so will the painting be. For colours choose Image → Mode → RGB first.")
