"""A button that is something only while it is held: by the mouse, by Space, or by its letter with Alt."""

from gi.repository import Gdk, Gtk

KEYS = (Gdk.KEY_space, Gdk.KEY_Return, Gdk.KEY_KP_Enter)


class HoldButton(Gtk.Button):
    """`held(bool)` is called when it is pressed, and when it is let go."""

    def __init__(self, label, held):
        super().__init__(label=label, use_underline=True)
        self._held, self._is_held = held, False
        self.connect("button-press-event", lambda *_: self._hold(True))
        self.connect("button-release-event", lambda *_: self._hold(False))
        self.connect("key-press-event", lambda _, event: event.keyval in KEYS and self._hold(True))
        self.connect("mnemonic-activate", self._on_mnemonic)
        self.connect("focus-out-event", lambda *_: self._hold(False))
        self.connect("hierarchy-changed", self._listen)

    def _hold(self, is_held):
        """Whether the event is dealt with: the mouse's are the button's own, too."""
        if is_held != self._is_held:
            self._is_held = is_held
            self._held(is_held)
        return False

    def _on_mnemonic(self, _, is_shared):
        self.grab_focus()
        if not is_shared:
            self._hold(True)
        return True

    def _listen(self, *_):
        """A key is let go wherever the keyboard is by then."""
        window = self.get_toplevel()
        if isinstance(window, Gtk.Window):
            window.connect("key-release-event", lambda *_: self._hold(False))
