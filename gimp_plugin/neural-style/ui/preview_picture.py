"""The picture of a preview: painted, or as the layer is; fitted into its place, transparent parts on checks."""

from gi.repository import Gdk, GdkPixbuf, GLib, Gtk

from neural_style_client.translations import tr
from ui import widgets
from ui.pixbufs import pixbuf

CHECK, LIGHT, DARK = 8, 0xFFCCCCCC, 0xFF999999
STEP = 0.25
"""How far an arrow key moves a detail, in its own widths."""

_STYLE = b"* { padding: 3px; } *:focus { background: @theme_selected_bg_color; }"
_MOVES = {Gdk.KEY_Left: (-STEP, 0), Gdk.KEY_Right: (STEP, 0), Gdk.KEY_Up: (0, -STEP), Gdk.KEY_Down: (0, STEP)}
_ZOOMS = {
    Gdk.KEY_plus: 1, Gdk.KEY_equal: 1, Gdk.KEY_KP_Add: 1, Gdk.KEY_minus: -1, Gdk.KEY_KP_Subtract: -1,
}  # fmt: skip


class PreviewPicture(Gtk.EventBox):
    """`size`: how large it is at first. `moved(across, down)`: the detail is to be moved by so many of its widths and
    heights; `zoomed(1 or -1)`; `held(bool)`: the layer as it is is wanted, or no longer."""

    def __init__(self, size, moved, zoomed, held):
        super().__init__(can_focus=True)
        self._moved, self._zoomed, self._held = moved, zoomed, held
        self._content = self._painted = None
        self._is_held, self._dragged_from = False, None
        self._image = Gtk.Image()
        place = Gtk.ScrolledWindow(hscrollbar_policy=Gtk.PolicyType.EXTERNAL, vscrollbar_policy=Gtk.PolicyType.EXTERNAL)
        place.set_size_request(*size)
        place.add(self._image)
        self.add(place)
        self._place, self._size = place, (0, 0)
        widgets.named(self, tr("Preview"), tr("Plus and minus zoom, arrow keys move, Space shows the layer as it is"))
        self._wear_style()
        self.add_events(
            Gdk.EventMask.SCROLL_MASK
            | Gdk.EventMask.BUTTON_PRESS_MASK
            | Gdk.EventMask.BUTTON_RELEASE_MASK
            | Gdk.EventMask.KEY_RELEASE_MASK
        )
        place.connect("size-allocate", self._on_size)
        place.connect("scroll-event", self._on_scroll)
        self.connect("button-press-event", self._on_press)
        self.connect("button-release-event", self._on_release)
        self.connect("key-press-event", self._on_key)
        self.connect("key-release-event", self._on_key_up)
        self.connect("focus-out-event", lambda *_: self._held(False))

    def show_content(self, pixels):
        """The layer itself."""
        self._content = pixbuf(pixels)
        self._draw()

    def show_painted(self, pixels):
        """None where nothing is painted yet: the layer itself then."""
        self._painted = None if pixels is None else pixbuf(pixels)
        self._draw()

    def hold(self, is_held):
        """Show the layer as it is, or what is painted of it."""
        self._is_held = is_held
        self._draw()

    def _draw(self):
        shown = self._content if self._is_held or self._painted is None else self._painted
        width, height = self._size
        if shown is None or not width:
            return
        scale = min(width / shown.get_width(), height / shown.get_height())
        size = max(1, int(shown.get_width() * scale)), max(1, int(shown.get_height() * scale))
        self._image.set_from_pixbuf(
            shown.composite_color_simple(*size, GdkPixbuf.InterpType.BILINEAR, 255, CHECK, LIGHT, DARK)
        )

    def _wear_style(self):
        style = Gtk.CssProvider()
        style.load_from_data(_STYLE)
        self.get_style_context().add_provider(style, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)

    def _on_size(self, _, place):
        if (place.width, place.height) != self._size:
            self._size = (place.width, place.height)
            GLib.idle_add(self._draw)  # not while widgets are being placed

    def _on_scroll(self, _, event):
        found, direction = event.get_scroll_direction()
        if found and direction in (Gdk.ScrollDirection.UP, Gdk.ScrollDirection.DOWN):
            self._zoomed(1 if direction == Gdk.ScrollDirection.UP else -1)
        return True

    def _on_press(self, _, event):
        self.grab_focus()
        self._dragged_from = (event.x_root, event.y_root)
        return True

    def _on_release(self, _, event):
        if self._dragged_from is not None and min(self._size) > 0:
            across, down = event.x_root - self._dragged_from[0], event.y_root - self._dragged_from[1]
            self._dragged_from = None
            if across or down:
                self._moved(-across / self._size[0], -down / self._size[1])
        return True

    def _on_key(self, _, event):
        if event.keyval in _MOVES:
            self._moved(*_MOVES[event.keyval])
        elif event.keyval in _ZOOMS:
            self._zoomed(_ZOOMS[event.keyval])
        elif event.keyval == Gdk.KEY_space:
            self._held(True)
        else:
            return False
        return True

    def _on_key_up(self, _, event):
        if event.keyval == Gdk.KEY_space:
            self._held(False)
        return False
