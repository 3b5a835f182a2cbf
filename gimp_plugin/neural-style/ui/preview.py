"""A layer as it would be painted, small, beside the settings that it follows. It costs nothing until it is begun."""

import os

from gi.repository import GLib, Gtk

from document.small_copy import SmallCopy
from neural_style_client import connect_chosen
from neural_style_client.live_body import live_side
from neural_style_client.live_session import GONE, UP_TO_DATE, WAITING, WORKING, State
from neural_style_client.translations import tr
from run.follower import Detail, Follower
from ui import widgets
from ui.background import Debounced, in_background
from ui.hold_button import HoldButton
from ui.preview_picture import PreviewPicture

LOOK_MS = 500
ZOOMS = (1, 2, 4)
LEAST = 120
"""The least that the picture's place is wide or high, also for a narrow layer."""
MOVE_PAUSE_MS = 150
PATIENCE_S = 2.0
"""So long the daemon may take to be told that nobody looks any more."""

_COLOURS = {WORKING: "#4682c8", UP_TO_DATE: "#50aa5a", WAITING: "#d7a032", GONE: "#888888"}


class Preview(Gtk.Box):
    """Follows one layer. `side`: the long side of the picture at first, on the screen; `is_still`: it cannot be zoomed,
    so that its picture is always that of the whole layer."""

    def __init__(self, image, layer, side, is_still=False):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        self._timer, self._wanted = 0, None
        self._image, self._layer, self._is_still = image, layer, is_still
        self._follower = self._ended = None
        self._zoom = Debounced(self._on_detail)
        self._detail = Detail()
        scale = side / max(layer.get_width(), layer.get_height())
        size = [max(LEAST, round(one * scale)) for one in (layer.get_width(), layer.get_height())]
        self._picture = PreviewPicture(size, self._move, self._change_zoom, self._hold)
        self._before = HoldButton(tr("Or_iginal"), self._hold)
        self._before.set_tooltip_text(tr("Hold to see the layer as it is"))
        self._dot = Gtk.Label()
        self._words = widgets.named(
            widgets.label("", wrap=True, lines=3, max_width_chars=30), tr("State of the preview")
        )
        self.pack_start(self._picture, True, True, 0)
        widgets.pack(self, self._buttons(), self._status())

    @property
    def picture(self):
        """What is painted of the whole layer, small, or None."""
        return self._follower and self._follower.picture

    def begin(self):
        """Follow the layer from now on, as soon as the daemon is there."""
        if self._follower is not None:
            return
        name = f"gimp-{os.getpid()}"
        self._follower = Follower(SmallCopy(), self._image, self._layer, connect_chosen, _soon, self, name)
        self._follower.detail = self._detail
        self.show_state(State(WORKING))
        if self._wanted is not None:
            self._follower.want(*self._wanted)
        follower = self._follower

        def start(found):
            if follower is self._follower:
                follower.begin(live_side("" if isinstance(found, Exception) else str(found.get("device") or "")))
                self._timer = GLib.timeout_add(LOOK_MS, self._look)

        in_background(lambda: connect_chosen().health(), start, start)  # what is wrong, the session says

    def end(self):
        """No job is left, nothing is looked at; it can be begun again."""
        self._zoom.stop()
        if self._timer:
            GLib.source_remove(self._timer)
            self._timer = 0
        if self._follower is not None:
            self._ended, self._follower = self._follower, None
            self._ended.stop()
            self._picture.show_painted(None)

    def wait_for_daemon(self):
        """Let the daemon be told before the plug-in's process ends."""
        if self._ended is not None:
            self._ended.join(PATIENCE_S)

    def want(self, chosen, preset):
        """What it is to be painted with: Parameters, and the daemon's record of their preset."""
        self._wanted = (chosen, preset)
        if self._follower is not None:
            self._follower.want(chosen, preset)

    # what the follower says

    def show_content(self, pixels):
        self._picture.show_content(pixels)

    def show_frame(self, pixels):
        self._picture.show_painted(pixels)
        self._follower.taken()

    def show_state(self, state):
        self._dot.set_markup('<span foreground="{}">●</span>'.format(_COLOURS[state.word]))
        words = "{} {}".format(_word(state.word), state.why).strip()
        self._words.set_text(words)
        self._words.get_accessible().set_description(words)
        if state.word in (WAITING, GONE):
            self._picture.show_painted(None)

    def show_notice(self, text):
        self._words.set_text(text)

    # what the painter does

    def _hold(self, is_held):
        self._picture.hold(is_held)

    def _move(self, across, down):
        self._show_detail(self._detail.moved(across, down))

    def _change_zoom(self, steps):
        place = ZOOMS.index(self._detail.zoom) + steps
        if 0 <= place < len(ZOOMS) and not self._is_still:
            self._show_detail(self._detail._replace(zoom=ZOOMS[place]).moved(0, 0))

    def _show_detail(self, detail):
        if detail != self._detail:
            self._detail = detail
            self._zoom_label.set_text(f"{detail.zoom}×")
            self._smaller.set_sensitive(detail.zoom > ZOOMS[0])
            self._larger.set_sensitive(detail.zoom < ZOOMS[-1])
            self._zoom.ask(pause_ms=MOVE_PAUSE_MS)

    def _on_detail(self):
        if self._follower is not None:
            self._picture.show_painted(None)
            self._follower.zoom(self._detail)

    def _look(self):
        if self._follower is not None:
            self._follower.look()
        return GLib.SOURCE_CONTINUE

    def _buttons(self):
        line = widgets.pack(widgets.box(vertical=False), self._before)
        self._zoom_label = widgets.label("1×", width_chars=3, xalign=0.5)
        self._smaller = _button("−", tr("Zoom out"), lambda *_: self._change_zoom(-1))
        self._larger = _button(
            "+", tr("Zoom in: a detail, as it would look in a larger picture"), lambda *_: self._change_zoom(1)
        )
        self._smaller.set_sensitive(False)
        if not self._is_still:
            for widget in (self._larger, self._zoom_label, self._smaller):
                line.pack_end(widget, False, False, 0)
        return line

    def _status(self):
        line = widgets.pack(widgets.box(vertical=False), self._dot)
        line.pack_start(self._words, True, True, 0)
        for widget in (self._dot, self._words):
            widget.set_valign(Gtk.Align.START)
        return line


def _word(state):
    words = {WORKING: tr("working…"), UP_TO_DATE: tr("up to date"), WAITING: tr("waiting."), GONE: tr("off.")}
    return words[state]


def _button(label, words, clicked):
    button = Gtk.Button(label=label)
    button.set_tooltip_text(words)
    button.connect("clicked", clicked)
    return widgets.named(button, words)


def _soon(call, *values):
    """In the main loop, from any thread."""

    def run():
        call(*values)
        return GLib.SOURCE_REMOVE

    GLib.idle_add(run)
