"""An image's layers as frames, and where their painted pictures go.

GIMP's own convention: the bottom layer comes first, each layer is one frame, and a frame lies over those before it
unless “(replace)” is in its name.
"""

import re

from gi.repository import Gimp

from document import buffers, layers
from document.colour_mode import fitted, layer_kind, note
from neural_style_client.errors import PainterError
from neural_style_client.translations import tr

_REPLACES = re.compile(r"\(\s*replace\s*\)", re.IGNORECASE)


def replaces(name):
    """Whether the frame of that name shows nothing of those before."""
    return bool(_REPLACES.search(name))


def frame_layers(image, chosen=()):
    """The layers that are frames, in order: all at the top level, hidden ones too, or only those chosen of them."""
    wanted = {layer.get_id() for layer in chosen}
    return [one for one in reversed(image.get_layers()) if not wanted or one.get_id() in wanted]


class Frames:
    """The frames as they are now: what the painter does to the image meanwhile changes none."""

    def __init__(self, image, chosen=()):
        """Raises PainterError where there are none."""
        found = frame_layers(image, chosen)
        if not found:
            raise PainterError(tr("Layers in groups are no frames. Select layers beside them, or paint all layers."))
        numbers = [one.get_id() for one in reversed(image.get_layers())]
        self.names = [one.get_name() for one in found]
        self.size = image.get_width(), image.get_height()
        self._copy = image.duplicate()
        self._copy.undo_disable()
        if buffers.is_indexed(self._copy):
            self._copy.convert_rgb()
        every = list(reversed(self._copy.get_layers()))
        for layer in every:
            layer.set_lock_visibility(False)
            layer.set_visible(False)
        self._layers = [every[numbers.index(one.get_id())] for one in found]
        self._below = None  # what the frames before have left
        self._selection = None

    @property
    def image(self):
        """Their copy: its mode and precision are those of the pictures."""
        return self._copy

    def read(self, number):
        """Task for the Picture of a frame, as large as the image; each is read once, in order."""
        layer = self._layers[number]
        if self._below is not None and replaces(self.names[number]):
            self._below.set_visible(False)
        layer.set_visible(True)
        whole = Gimp.Layer.new_from_visible(self._copy, self._copy, "frame")
        picture = yield from buffers.read_picture(self._copy, whole)
        for gone in (layer, self._below):
            if gone is not None:
                self._copy.remove_layer(gone)
        self._copy.insert_layer(whole, None, len(self._copy.get_layers()))
        self._below = whole
        selection = yield from self._selected()
        return picture._replace(selection=selection[0], weight_bytes=selection[1])

    def close(self):
        self._copy.delete()

    def _selected(self):
        """Task for the weights of what is selected, on every frame the same."""
        if self._selection is None:
            self._selection = yield from buffers.read_selection(self._copy, (0, 0, *self.size))
        return self._selection


class NewImage:
    """The painted frames as layers of a new image, which is shown, if `is_shown`, as soon as it has one."""

    def __init__(self, frames, is_shown):
        self.layers = []
        self._frames, self._is_shown, self.image = frames, is_shown, None

    def add(self, name, picture, record):
        """Task. Raises PainterError where the image was closed."""
        if self.image is None:
            self.image = _image_like(self._frames.image)
        elif not self.image.is_valid():
            raise PainterError(tr("The new image was closed, so the painting has ended."))
        layer = fitted((yield from _layer_of(self.image, name, picture, record)), self.image)
        self.image.insert_layer(layer, None, 0)
        self.layers.append(layer)
        if len(self.layers) == 1:
            self.image.attach_parasite(layers.parasite(record))
            if self._is_shown:
                Gimp.Display.new(self.image)
        Gimp.displays_flush()

    def close(self):
        """The painter has it now."""
        if self.image is not None and self.image.is_valid():
            self.image.undo_enable()


class NewGroup:
    """The painted frames as a layer group on top of the image, inserted at the end as one undo step."""

    def __init__(self, image, name):
        self.image, self.layers = image, []
        self._name = name

    def add(self, name, picture, record):
        if not self.image.is_valid():
            raise PainterError(tr("The image was closed, so the painting has ended."))
        if buffers.is_indexed(self.image):
            raise PainterError(
                tr("The image was made indexed while it was painted. Choose Image → Mode → RGB and run it again.")
            )
        self.layers.append((yield from _layer_of(self.image, name, picture, record)))

    def close(self):
        if not self.layers or not self.image.is_valid():
            return
        self.layers = [fitted(layer, self.image) for layer in self.layers]
        self.image.undo_group_start()
        try:
            group = Gimp.GroupLayer.new(self.image, self._name)
            self.image.insert_layer(group, None, 0)
            for layer in self.layers:
                self.image.insert_layer(layer, group, 0)
        finally:
            self.image.undo_group_end()
            Gimp.displays_flush()


def _image_like(image):
    size = image.get_width(), image.get_height()
    made = Gimp.Image.new_with_precision(*size, image.get_base_type(), image.get_precision())
    made.undo_disable()
    made.set_resolution(*tuple(image.get_resolution())[-2:])
    profile = image.get_color_profile()
    if profile is not None:
        made.set_color_profile(profile)
    return made


def _layer_of(image, name, picture, record):
    """Task for a layer that holds the picture, not yet in its image."""
    kind, normal = layer_kind(image, has_alpha=True), Gimp.LayerMode.NORMAL
    layer = Gimp.Layer.new(image, name, picture.width, picture.height, kind, 100, normal)
    note(layer)
    yield from buffers.write_picture(layer, picture)
    layer.attach_parasite(layers.parasite(record))
    return layer
