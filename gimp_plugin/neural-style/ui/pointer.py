"""Whether the painter's hand is on the mouse's button or the pen on the tablet, in any window."""

from gi.repository import Gdk

_BUTTONS = Gdk.ModifierType.BUTTON1_MASK | Gdk.ModifierType.BUTTON2_MASK | Gdk.ModifierType.BUTTON3_MASK


def is_pressed():
    """False where the desktop does not tell, as Wayland of other programs' windows."""
    pointer = Gdk.Display.get_default().get_default_seat().get_pointer()
    if pointer is None:
        return False
    _, _, _, state = Gdk.get_default_root_window().get_device_position(pointer)
    return bool(state & _BUTTONS)
