"""Where to paint: this computer, or one of those that `neural-style remote add` has named. Shown where there is one."""

from gi.repository import Gtk

from neural_style_client import remotes
from neural_style_client.errors import PainterError
from neural_style_client.translations import tr
from ui import widgets

HERE = "here"
"""The id of this computer in the list: GTK takes an empty one for none."""


class Where(Gtk.Box):
    """`changed()` is called when the painter has chosen another computer; `failed(text)` where that cannot be kept."""

    def __init__(self, changed, failed):
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        self._changed, self._failed = changed, failed
        names = remotes.names()
        pairs = [(HERE, tr("this computer")), *((name, name) for name in names)]
        self._choice = widgets.choice(pairs, lambda *_: None)
        self._choice.set_active_id(remotes.chosen() or HERE)
        self._choice.connect("changed", self._choose)
        grid = widgets.grid()
        widgets.row(grid, 0, tr("Paint on"), self._choice)
        widgets.pack(self, grid)
        self.show_all()
        self.set_no_show_all(True)
        self.set_visible(bool(names))

    def _choose(self, *_):
        name = self._choice.get_active_id()
        try:
            remotes.choose("" if name == HERE else name)
        except PainterError as error:
            self._failed(str(error))
            return
        self._changed()
