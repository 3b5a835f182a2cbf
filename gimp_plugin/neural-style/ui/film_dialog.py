"""The dialogue of Paint Layers as Animation…: a style on the left, frames and settings on the right."""

from functools import partial

from gi.repository import GimpUi, Gtk

from document import animation
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.parameters import START_LAYER, from_mapping, job_body
from neural_style_client.translations import tr
from run.arguments import ALL_LAYERS, GROUP, NEW_IMAGE, SELECTED_LAYERS
from run.film import Plan
from ui import options, widgets
from ui.blend import Blend
from ui.forecast import Forecast
from ui.gallery import Gallery
from ui.preset_loader import PresetLoader
from ui.sliders import Sliders
from ui.thumbnails import Thumbnails

SHARE_OF_A_FOLLOWER = 0.5
"""A frame that goes on from the one before takes about so much of a picture's time."""


def ask(image, selected, remembered):
    """(parameters, Plan). Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = FilmDialog(image, selected, remembered)
    try:
        while dialog.run() == Gtk.ResponseType.OK:
            try:
                return dialog.chosen()
            except PainterError as error:
                dialog.show_error(str(error))
        raise Cancelled()
    finally:
        dialog.close_down()


class FilmDialog(GimpUi.Dialog):
    """What it does not show is as it was in the dialogue of Stylize Layer… the last time."""

    def __init__(self, image, selected, remembered):
        super().__init__(title=tr("Paint Layers as Animation"), role="neural-style-film", use_header_bar=False)
        self._image, self._selected = image, tuple(animation.frame_layers(image, selected)) if selected else ()
        start = "" if remembered.start == START_LAYER[0] else remembered.start
        self._wanted = remembered.changed(regions=(), keep="", start=start)
        self._count = len(animation.frame_layers(image))
        self._forecast = Forecast(self._forecast_body, self._show_forecast, self._time_of(self._count))
        self.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
        self._paint = self.add_button(tr("_Paint"), Gtk.ResponseType.OK)
        self._paint.set_sensitive(False)
        self.set_default_response(Gtk.ResponseType.OK)
        self._build()
        self._size.show(self._wanted)
        self._sliders.show_preset({}, self._wanted.controls)
        self.show_all()
        self._presets.start()

    def chosen(self):
        """(parameters, Plan). Raises PainterError."""
        if not self._image.is_valid():
            raise PainterError(tr("The image was closed. Open it again and run it once more."))
        preset = self._gallery.selected()
        if preset is None:
            raise PainterError(tr("No style is chosen. Click one in the gallery."))
        found = dict(self._wanted.as_mapping(), preset=preset["name"], controls=self._sliders.changes())
        for part in (self._blend, self._size):
            found.update(part.read())
        plan = Plan(self._result.get_active_id(), self._frames.get_active_id(), self._selected)
        parameters = from_mapping(found)
        plan.check(self._image, parameters)
        return parameters, plan

    def show_error(self, text):
        self._error_label.set_text(text)
        self._error_label.show()

    def close_down(self):
        for part in (self._forecast, self._presets):
            part.stop()
        self.destroy()

    def _build(self):
        thumbnails = Thumbnails()
        activated = partial(self.response, Gtk.ResponseType.OK)
        favoured = lambda *wish: self._presets.favour(*wish)  # noqa: E731
        self._gallery = Gallery(thumbnails, self._on_chosen, activated, favoured)
        self._blend = Blend(thumbnails, self._forecast.ask)
        self._sliders = Sliders(self._forecast.ask)
        self._size = options.Size(self._forecast.ask, max(self._image.get_width(), self._image.get_height()))
        self._presets = PresetLoader((self._gallery, self._blend), thumbnails, self._on_presets, self.show_error)
        self._error_label = widgets.wrapped()
        self._error_label.set_no_show_all(True)
        self._gallery.pack_end(self._blend, False, False, 0)
        columns = widgets.box(vertical=False, spacing=2 * widgets.BORDER)
        columns.set_border_width(widgets.BORDER)
        columns.pack_start(self._gallery, True, True, 0)
        parts = (self._film(), Gtk.Separator(), self._sliders, self._size, self._error_label)
        columns.pack_start(widgets.box(*parts, spacing=widgets.BORDER), False, False, 0)
        self.get_content_area().pack_start(columns, True, True, 0)

    def _film(self):
        """Which frames, and where they go."""
        grid = widgets.grid()
        frames = [(ALL_LAYERS, tr("All layers ({})", self._count))]
        if len(self._selected) > 1:
            frames.append((SELECTED_LAYERS, tr("The selected layers ({})", len(self._selected))))
        self._frames = widgets.row(grid, 0, tr("Fr_ames"), widgets.choice(frames, self._forecast.ask))
        self._frames.set_active_id(frames[-1][0])
        self._frames.set_tooltip_text(tr("The bottom layer comes first; hidden layers are frames, too"))
        results = [(NEW_IMAGE, tr("A new image")), (GROUP, tr("A layer group in this image"))]
        self._result = widgets.row(grid, 1, tr("R_esult"), widgets.choice(results, self._forecast.ask))
        self._result.set_active_id(NEW_IMAGE)
        self._result.set_tooltip_text(tr("A new image can be played and exported as it is"))
        return grid

    def _on_presets(self, daemon, _):
        self._forecast.daemon = daemon
        self._gallery.select(self._wanted.preset)
        self._blend.show_blend(self._wanted.blend)
        self._paint.set_sensitive(True)

    def _on_chosen(self, preset):
        mine = self._wanted.controls if preset["name"] == self._wanted.preset else {}
        self._sliders.show_preset(preset, mine)
        self._blend.show_first(preset["name"])
        self._forecast.ask()

    def _forecast_body(self):
        chosen, _ = self.chosen()
        self._error_label.hide()
        size = {"width": self._image.get_width(), "height": self._image.get_height()}
        self._forecast.layers = self._time_of(self._frames_chosen())
        return dict(job_body(chosen, "gimp"), **size)

    def _frames_chosen(self):
        return len(self._selected) if self._frames.get_active_id() == SELECTED_LAYERS else self._count

    @staticmethod
    def _time_of(frames):
        return 1 + SHARE_OF_A_FOLLOWER * (frames - 1)

    def _show_forecast(self, text):
        self._size.show_forecast(text)
