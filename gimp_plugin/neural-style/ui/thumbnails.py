"""Small pictures of the presets, shared by all who show them: each is fetched once."""

from gi.repository import GdkPixbuf, GLib, Gtk, Pango

from neural_style_client import preset_filters
from ui import widgets

SMALL = 28


class Thumbnails:
    """Square pictures by the name of their preset; `arrived(name)` is called for each who listens."""

    def __init__(self):
        self._pictures = {}
        self._listeners = []

    def listen(self, arrived):
        self._listeners.append(arrived)

    def add(self, name, data):
        """`data` is a PNG file's bytes."""
        try:
            loader = GdkPixbuf.PixbufLoader()
            loader.write(data)
            loader.close()
            self._pictures[name] = _square(loader.get_pixbuf())
        except GLib.Error:
            return
        for arrived in self._listeners:
            arrived(name)

    def picture(self, name, side):
        """So many pixels wide and high; grey as long as there is none."""
        found = self._pictures.get(name)
        if found is None:
            found = GdkPixbuf.Pixbuf.new(GdkPixbuf.Colorspace.RGB, True, 8, side, side)
            found.fill(0x80808040)
            return found
        return found.scale_simple(side, side, GdkPixbuf.InterpType.BILINEAR)


class PresetChoice(Gtk.ComboBox):
    """A drop-down list of all presets with their pictures. `changed()` is called when another is chosen."""

    def __init__(self, thumbnails, changed):
        self._rows = Gtk.ListStore(GdkPixbuf.Pixbuf, str, str)
        super().__init__(model=self._rows, id_column=2)
        self._thumbnails = thumbnails
        self._wanted = ""
        picture, title = Gtk.CellRendererPixbuf(), Gtk.CellRendererText(ellipsize=Pango.EllipsizeMode.END)
        self.pack_start(picture, False)
        self.pack_start(title, True)
        self.add_attribute(picture, "pixbuf", 0)
        self.add_attribute(title, "text", 1)
        title.set_property("width-chars", 16)
        self.connect("changed", lambda *_: changed())
        thumbnails.listen(self._show_thumbnail)

    @property
    def preset(self):
        """The name of the chosen one; "" before there is one."""
        return self.get_active_id() or self._wanted

    def fill(self, presets):
        wanted = self.preset
        self._rows.clear()
        for preset in sorted(presets, key=lambda one: preset_filters.title(one).lower()):
            name = preset["name"]
            self._rows.append([self._thumbnails.picture(name, SMALL), preset_filters.title(preset), name])
        self.choose(wanted)

    def choose(self, name):
        """One that is gone is told by its name."""
        self._wanted = name
        if name and len(self._rows) and not self.set_active_id(name):
            self._rows.append([self._thumbnails.picture(name, SMALL), name, name])
            self.set_active_id(name)

    def _show_thumbnail(self, name):
        for row in self._rows:
            if row[2] == name:
                row[0] = self._thumbnails.picture(name, SMALL)


class Picture(Gtk.Image):
    """One preset's picture, small."""

    def __init__(self, thumbnails):
        super().__init__()
        self._thumbnails, self._name = thumbnails, ""
        thumbnails.listen(lambda _: self.show_preset(self._name))
        self.show_preset("")

    def show_preset(self, name):
        self._name = name
        self.set_from_pixbuf(self._thumbnails.picture(name, SMALL))


def remove_button(words, clicked):
    """A small cross; `words` say to screen readers what it takes away."""
    button = Gtk.Button.new_from_icon_name("window-close-symbolic", Gtk.IconSize.MENU)
    button.set_relief(Gtk.ReliefStyle.NONE)
    button.set_tooltip_text(words)
    button.connect("clicked", lambda *_: clicked())
    return widgets.named(button, words)


def _square(picture):
    """The middle of a picture."""
    width, height = picture.get_width(), picture.get_height()
    side = min(width, height)
    return picture.new_subpixbuf((width - side) // 2, (height - side) // 2, side, side)
