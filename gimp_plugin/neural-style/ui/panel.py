"""Neural Style Panel: what the daemon is doing, and the memory of the graphics card back."""

from gi.repository import GimpUi, GLib, Gtk

from neural_style_client import remotes, status
from neural_style_client.errors import explain
from neural_style_client.translations import tr
from ui import widgets
from ui.background import in_background

UNLOAD, STOP = 1, 2
LOOK_EVERY_MS = 1000


def show():
    """Until the painter closes it."""
    GimpUi.init("neural-style")
    panel = Panel()
    while panel.run() in (UNLOAD, STOP):
        pass
    panel.destroy()


class Panel(GimpUi.Dialog):
    """Looks at the daemon once a second; it starts none."""

    def __init__(self):
        super().__init__(title=tr("Neural Style Panel"), role="neural-style-panel", use_header_bar=False)
        self._open, self._looking = True, False
        self._unload = self.add_button(tr("_Give the memory back"), UNLOAD)
        self._stop = self.add_button(tr("_Stop the daemon"), STOP)
        self.add_button(tr("_Close"), Gtk.ResponseType.CLOSE).grab_focus()
        self.set_default_response(Gtk.ResponseType.CLOSE)
        self._values = {}
        grid = widgets.grid()
        grid.set_border_width(widgets.BORDER)
        for number, name in enumerate(status.ROWS):
            grid.attach(widgets.dim(widgets.label(tr(name))), 0, number, 1, 1)
            self._values[name] = widgets.label("…", selectable=True, width_chars=40)
            widgets.named(self._values[name], tr(name))
            grid.attach(self._values[name], 1, number, 1, 1)
        self.get_content_area().pack_start(grid, True, True, 0)
        self.connect("response", self._on_response)
        self.connect("destroy", lambda *_: setattr(self, "_open", False))
        self.show_all()
        self._look()
        GLib.timeout_add(LOOK_EVERY_MS, self._look)

    def _look(self):
        if self._open and not self._looking:  # a slow daemon is waited for
            self._looking = True
            in_background(_look_at_daemon, self._show, self._show)
        return self._open

    def _show(self, found):
        """`found`: health and jobs, or a failure."""
        self._looking = False
        if not self._open:
            return
        failed = isinstance(found, Exception)
        texts = {status.ROWS[0]: explain(found)} if failed else status.rows(*found)
        for name, text in texts.items():
            self._values[name].set_text(text)
        for button in (self._unload, self._stop):
            button.set_sensitive(not failed and found[0] is not None and not remotes.chosen())

    def _on_response(self, _, response):
        calls = {UNLOAD: "unload", STOP: "shutdown"}
        if response in calls:
            in_background(lambda: _order(calls[response]), lambda _: self._look(), lambda _: self._look())


def _look_at_daemon():
    daemon = remotes.find_chosen()
    return (None, []) if daemon is None else (daemon.health(), daemon.jobs())


def _order(what):
    daemon = remotes.find_chosen()
    if daemon is not None:
        getattr(daemon, what)()
