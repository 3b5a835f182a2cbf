"""A button that does something only while it is held: by the mouse, or by Space or Return."""

from gi.repository import Gdk, Gtk

KEYS = (Gdk.KEY_space, Gdk.KEY_Return, Gdk.KEY_KP_Enter)


class HoldButton(Gtk.Button):
    """`held(bool)` is called when it is pressed, and when it is let go. Its letter with Alt leads to it."""

    def __init__(self, label, held):
        super().__init__(label=label, use_underline=True)
        self._held = held
        self.connect("button-press-event", lambda *_: held(True))
        self.connect("button-release-event", lambda *_: held(False))
        self.connect("key-press-event", self._on_key, True)
        self.connect("key-release-event", self._on_key, False)
        self.connect("focus-out-event", lambda *_: held(False))
        self.connect("mnemonic-activate", self._on_mnemonic)

    def _on_key(self, _, event, is_held):
        """Whether the key is dealt with."""
        if event.keyval not in KEYS:
            return False
        self._held(is_held)
        return True

    def _on_mnemonic(self, *_):
        self.grab_focus()
        return True
