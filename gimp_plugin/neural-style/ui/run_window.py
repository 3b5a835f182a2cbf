"""The window while it is painted. GIMP stays usable: this one belongs to the plug-in's own process."""

import time

from gi.repository import GimpUi, GLib, Gtk

from neural_style_client.errors import Cancelled
from neural_style_client.tasks import WAIT
from neural_style_client.translations import tr
from ui import pointer, widgets
from ui.loss_curve import LossCurve

PAUSE = 1
TICK_MS = 10
TURN_S = 0.02
"""After so long at a stretch, the window's own events get their turn."""
TELL_DAEMON_S = 2.0


class RunWindow(GimpUi.Dialog):
    """A run's view, and its driver: the run's task goes on between the window's events. Of a film (`is_film`) what is
    painted stays however it ends, and there is no curve."""

    live = True

    def __init__(self, parameters, is_film=False):
        GimpUi.init("neural-style")
        super().__init__(title="Neural Style", role="neural-style-progress", use_header_bar=False)
        self.cancelled = self.finished = self.paused = False
        self.keep_on_cancel = parameters.keep_on_cancel
        self._loop = GLib.MainLoop()
        self._outcome = None
        self._cancel = self.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
        self._pause = self.add_button(tr("_Pause"), PAUSE)
        self._pause.set_sensitive(False)
        self._finish = self.add_button(tr("_Stop here and keep"), Gtk.ResponseType.ACCEPT)
        self._finish.set_sensitive(False)
        self.set_default_response(Gtk.ResponseType.ACCEPT)
        self.connect("response", self._on_response)
        self._build(parameters)
        if is_film:
            self._cancel.set_label(tr("_Stop here"))
            for widget in (self._finish, self._curve, self._loss, self._keep):
                widget.set_no_show_all(True)
                widget.hide()
        self.set_keep_above(True)
        self.show_all()
        widgets.put_aside(self)

    def drive(self, run):
        """Do the run to its end; the layers it made."""
        task = run.task()
        source = GLib.timeout_add(TICK_MS, self._tick, task)
        self._loop.run()
        if self._outcome is None:  # the loop was ended from elsewhere
            GLib.source_remove(source)
            task.close()
            self._outcome = Cancelled()
        self.hide()
        run.wait_for_daemon(TELL_DAEMON_S)
        self.destroy()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome

    def _tick(self, task):
        until = time.monotonic() + TURN_S
        try:
            while time.monotonic() < until:
                if next(task) is WAIT:
                    break
            return GLib.SOURCE_CONTINUE
        except StopIteration as end:
            self._outcome = end.value
        except Exception as error:  # raised again where the run was asked for
            self._outcome = error
        self._loop.quit()
        return GLib.SOURCE_REMOVE

    def is_pressed(self):
        return pointer.is_pressed()

    def show(self, progress):
        """What a run calls whenever its progress changes."""
        self._headline.set_text(progress.headline())
        self._loss.set_text(progress.loss_text())
        self._bar.set_text(progress.text())
        fraction = progress.fraction()
        if fraction is None:
            self._bar.pulse()
        else:
            self._bar.set_fraction(fraction)
        self._pause.set_label(tr("_Resume") if self.paused else tr("_Pause"))
        for button in (self._finish, self._pause):
            button.set_sensitive(progress.can_stop() and not self.finished)
        self._curve.show_losses(progress.losses)

    def tell(self, text):
        """Why a button did nothing, until one is pressed again."""
        self._problem.set_text(text)
        self._problem.set_visible(bool(text))

    def _build(self, parameters):
        column = widgets.box()
        column.set_border_width(widgets.BORDER)
        self._headline = widgets.label("Neural Style")
        self._bar = widgets.named(Gtk.ProgressBar(show_text=True, text=tr("Starting…")), tr("Progress"))
        self._bar.set_size_request(360, -1)
        self._curve = widgets.named(LossCurve(), tr("Loss so far"))
        self._loss = widgets.dim(widgets.label(tr("Loss: {}", "—")))
        style = widgets.dim(widgets.label(tr("Style: {}", parameters.style)))
        self._keep = Gtk.CheckButton(label=tr("_Keep the last picture when I cancel"), use_underline=True)
        self._keep.set_active(parameters.keep_on_cancel)
        self._keep.connect("toggled", lambda button: setattr(self, "keep_on_cancel", button.get_active()))
        self._problem = widgets.wrapped()
        self._problem.set_no_show_all(True)
        line = widgets.box(style, vertical=False)
        line.pack_end(self._loss, False, False, 0)
        for widget in (self._headline, self._bar, line, self._curve, self._problem, self._keep):
            column.pack_start(widget, widget is self._curve, widget is self._curve, 0)
        self.get_content_area().pack_start(column, True, True, 0)

    def _on_response(self, _, response):
        self.tell("")
        if response == Gtk.ResponseType.ACCEPT:
            self.finished = True
            self._finish.set_sensitive(False)
            self._pause.set_sensitive(False)
            self._bar.set_text(tr("Stopping here…"))
            return
        if response == PAUSE:
            self.paused = not self.paused
            self._pause.set_label(tr("_Resume") if self.paused else tr("_Pause"))
            return
        self.cancelled = True  # Cancel, Escape, or the window's own button
        self.set_sensitive(False)
