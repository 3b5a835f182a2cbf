"""A small curve of the loss: that it falls, and when it has stopped falling."""

from gi.repository import GdkPixbuf, GLib, Gtk

from neural_style_client.translations import tr
from ui import plot

WIDTH, HEIGHT = 510, 90


class LossCurve(Gtk.Image):
    """Takes its colour from the theme."""

    def __init__(self):
        super().__init__()
        self.set_size_request(WIDTH, HEIGHT)
        self.set_tooltip_text(tr("The loss, on a logarithmic scale: how far the picture is from style and subject"))
        self._drawn = None

    def show_losses(self, losses):
        drawn = (len(losses), losses[-1:])
        if drawn == self._drawn:
            return
        self._drawn = drawn
        style = self.get_style_context()
        theme = style.get_color(style.get_state())
        colour = [round(255 * part) for part in (theme.red, theme.green, theme.blue)]
        data = GLib.Bytes.new(plot.picture(losses, WIDTH, HEIGHT, colour))
        self.set_from_pixbuf(
            GdkPixbuf.Pixbuf.new_from_bytes(data, GdkPixbuf.Colorspace.RGB, True, 8, WIDTH, HEIGHT, 4 * WIDTH)
        )
