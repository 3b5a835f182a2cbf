"""The switch of the dialogue's preview, which is remembered. While it is off there is no job, and nothing is read."""

from gi.repository import GLib, Gtk

from neural_style_client.errors import PainterError
from neural_style_client.translations import tr
from ui import widgets
from ui.background import Debounced
from ui.preview import Preview

SIDE = 288
PAUSE_MS = 120
"""So long a slider has to rest."""


class PreviewSwitch(Gtk.CheckButton):
    """`preview` is the widget to place. `choice()` gives the parameters and their preset's record, or raises
    PainterError; `resized()` is called when it was shown or hidden."""

    def __init__(self, image, layer, choice, resized, last_values):
        super().__init__(label=tr("Pre_view"), use_underline=True)
        self._choice, self._resized, self._last_values = choice, resized, last_values
        self._started = False
        self._due = Debounced(self._follow)
        self.preview = Preview(image, layer, SIDE)
        self.preview.show_all()
        self.preview.set_no_show_all(True)
        self.preview.set_valign(Gtk.Align.START)
        self.set_tooltip_text(tr("Paint a small picture of the layer as you choose"))
        widgets.named(self, tr("Preview"))
        self.set_active(last_values.preview_shown())
        self.preview.set_visible(self.get_active())
        self.connect("toggled", self._on_toggled)

    def start(self):
        """The daemon is there."""
        self._started = True
        self._show()

    def ask(self):
        """The painter has chosen something else."""
        if self._started and self.get_active():
            self._due.ask(pause_ms=PAUSE_MS)

    def stop(self):
        """No job is left."""
        self._started = False
        self._due.stop()
        self.preview.end()

    def wait_for_daemon(self):
        self.preview.wait_for_daemon()

    def _on_toggled(self, _):
        self._last_values.remember_preview(self.get_active())
        self.preview.set_visible(self.get_active())
        GLib.idle_add(self._resized)
        self._show()

    def _show(self):
        if self._started and self.get_active():
            self._follow()
            self.preview.begin()
        else:
            self.preview.end()

    def _follow(self):
        try:
            self.preview.want(*self._choice())
        except PainterError:  # the dialogue says what is wrong
            return
