"""The settings of earlier results, which they carry themselves: also in an image that was saved and opened again."""

from gi.repository import Gtk, Pango

from neural_style_client.translations import tr
from ui import widgets


class Earlier(Gtk.Box):
    """`results` are (name, parameters) pairs; `wanted(parameters)` is called when the painter chooses one."""

    def __init__(self, results, wanted):
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=widgets.BORDER)
        self._results, self._wanted = results, wanted
        names = [tr("an earlier result…"), *(name for name, _ in results)]
        self._choice = widgets.choice(enumerate(names), self._on_changed)
        self._choice.set_active(0)
        self._choice.get_cells()[0].set_property("ellipsize", Pango.EllipsizeMode.MIDDLE)
        self._choice.set_tooltip_text(tr("Set everything as it was for this result"))
        widgets.named(self._choice, tr("Use the settings of an earlier result"))
        widgets.pack(self, widgets.caption(tr("As in"), self._choice))
        self.pack_start(self._choice, True, True, 0)
        self.set_no_show_all(not results)

    def _on_changed(self, choice):
        if choice.get_active() > 0:
            self._wanted(self._results[choice.get_active() - 1][1])
