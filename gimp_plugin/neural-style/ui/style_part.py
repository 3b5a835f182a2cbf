"""Asks for the part of a style image that a region is painted with: a rectangle, drawn or moved on the image."""

from gi.repository import Gdk, GdkPixbuf, GimpUi, GLib, Gtk

from neural_style_client import preset_filters
from neural_style_client.style_part import SIDE, WHOLE_STYLE, between
from neural_style_client.translations import tr
from ui import widgets

LONGEST = 400
STEP = 2
"""How far an arrow key moves or resizes, in percent."""

DIM, LINE = 0x202020, 2
ALL = 1
_MOVES = {Gdk.KEY_Left: (-STEP, 0), Gdk.KEY_Right: (STEP, 0), Gdk.KEY_Up: (0, -STEP), Gdk.KEY_Down: (0, STEP)}


def ask(parent, preset, part, fetch):
    """The part that the painter has chosen, or None where they did not. `fetch(name, show, failed)`."""
    dialog = PartDialog(parent, preset, part)
    fetch(preset["name"], dialog.show_picture, dialog.show_error)
    try:
        while True:
            answer = dialog.run()
            if answer != ALL:
                return dialog.picture.part if answer == Gtk.ResponseType.OK else None
            dialog.picture.show_part(WHOLE_STYLE)
            dialog.picture.grab_focus()
    finally:
        dialog.close_down()


class PartDialog(GimpUi.Dialog):
    def __init__(self, parent, preset, part):
        super().__init__(title=tr("Part of the style image"), role="neural-style-part", use_header_bar=False)
        self.set_transient_for(parent)
        self.set_modal(True)
        self._is_open = True
        self.add_button(tr("_Whole image"), ALL)
        self.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
        self.add_button(tr("_Use this part"), Gtk.ResponseType.OK)
        self.set_default_response(Gtk.ResponseType.OK)
        title, count = preset_filters.title(preset), len(preset["images"])
        about = tr("Draw a rectangle around the part of “{}” that the region is painted with.", title)
        keys = widgets.dim(widgets.wrapped(tr("Arrow keys move it, with Shift they change its size.")))
        self._place = widgets.label(part.place_words())
        self.picture = PartPicture(part, lambda chosen: self._place.set_text(chosen.place_words()))
        self._error_label = widgets.wrapped()
        column = widgets.box(widgets.wrapped(about), self.picture, self._place, keys)
        if count > 1:
            many = tr("This style has {} images; the same part is taken of each. The first is shown.", count)
            widgets.pack(column, widgets.dim(widgets.wrapped(many)))
        widgets.pack(column, self._error_label)
        column.set_border_width(widgets.BORDER)
        self.get_content_area().pack_start(column, True, True, 0)
        self.show_all()
        self.picture.grab_focus()

    def show_picture(self, data):
        if self._is_open:
            self.picture.show_picture(data)

    def show_error(self, text):
        if self._is_open:
            self._error_label.set_text(text)

    def close_down(self):
        self._is_open = False
        self.destroy()


class PartPicture(Gtk.EventBox):
    """The style image, dark beside the part. `changed(part)` is called when the painter draws, moves or resizes it."""

    def __init__(self, part, changed):
        super().__init__(can_focus=True, halign=Gtk.Align.CENTER)
        self.part = part
        self._changed = changed
        self._bright = self._dark = None
        self._start = self._dragged = None
        self._image = Gtk.Image()
        self._image.set_size_request(LONGEST, LONGEST * 3 // 4)
        self.add(self._image)
        self.add_events(
            Gdk.EventMask.BUTTON_PRESS_MASK | Gdk.EventMask.BUTTON_RELEASE_MASK | Gdk.EventMask.BUTTON_MOTION_MASK
        )
        self.connect("button-press-event", self._on_press)
        self.connect("motion-notify-event", self._on_motion)
        self.connect("button-release-event", self._on_release)
        self.connect("key-press-event", self._on_key)
        self._tell()

    def show_picture(self, data):
        """`data` is a PNG file's bytes."""
        try:
            loader = GdkPixbuf.PixbufLoader()
            loader.write(data)
            loader.close()
        except GLib.Error:
            return
        found = loader.get_pixbuf()
        scale = LONGEST / max(found.get_width(), found.get_height())
        size = [max(1, round(side * scale)) for side in (found.get_width(), found.get_height())]
        smooth = GdkPixbuf.InterpType.BILINEAR
        self._bright = found.composite_color_simple(*size, smooth, 255, size[0], DIM, DIM)
        self._dark = found.composite_color_simple(*size, smooth, 90, size[0], DIM, DIM)
        self._image.set_size_request(*size)
        self._draw()

    def show_part(self, part):
        self.part = part
        self._draw()
        self._tell()
        self._changed(part)

    def _tell(self):
        widgets.named(self, tr("Part of the style image"), self.part.place_words())

    def _draw(self):
        if self._bright is None:
            return
        shown = self._dark.copy()
        left, top, width, height = self.part.box(shown.get_width(), shown.get_height())
        self._bright.copy_area(left, top, width, height, shown, left, top)
        for line in (
            (left, top, width, LINE),
            (left, top + height - LINE, width, LINE),
            (left, top, LINE, height),
            (left + width - LINE, top, LINE, height),
        ):
            shown.new_subpixbuf(*line).fill(0xFFFFFFFF)
        self._image.set_from_pixbuf(shown)

    def _place_of(self, event):
        """In percent of the image."""
        place = self.get_allocation()
        return SIDE * event.x / max(1, place.width), SIDE * event.y / max(1, place.height)

    def _on_press(self, _, event):
        self.grab_focus()
        self._start = self._place_of(event)
        inside = not self.part.is_whole and self.part.holds(self._start)
        self._dragged = self.part if inside else None
        return True

    def _on_motion(self, _, event):
        if self._start is None:
            return False
        place = self._place_of(event)
        if self._dragged is None:
            self.show_part(between(self._start, place))
        else:
            way = [round(here - there) for here, there in zip(place, self._start)]
            self.show_part(self._dragged.moved(*way))
        return True

    def _on_release(self, *_):
        self._start = self._dragged = None
        return True

    def _on_key(self, _, event):
        if event.keyval not in _MOVES:
            return False
        way = _MOVES[event.keyval]
        self.show_part((self.part.grown if event.state & Gdk.ModifierType.SHIFT_MASK else self.part.moved)(*way))
        return True
