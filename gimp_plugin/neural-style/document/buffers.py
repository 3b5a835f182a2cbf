"""Pixels of GIMP's drawables, read and written through GEGL buffers.

Everything long is a task (see `neural_style_client.tasks`) that yields between strips of pixels.
"""

from typing import Any, NamedTuple, Tuple

from gi.repository import Gegl, Gimp

from document import pixels
from document.colour_mode import layer_kind, note
from document.errors import SizeChanged
from document.pixels import Picture
from neural_style_client import BYTES_PER_PIXEL
from neural_style_client.errors import PainterError
from neural_style_client.translations import tr

MULTIPLIED_SLOWLY = 8
"""Python multiplies so much more slowly than GEGL copies: smaller strips."""


class Source(NamedTuple):
    """A layer as it was when the run began.

    weights: what its results get as layer mask, or empty, in weight_format; box: (left, top, width, height) of what is
    painted; keeps_rest: whether its results show the layer where nothing is painted; place: (left, top, width, height)
    of the layer in the image, whose width and height are those of canvas.
    """

    layer: Any
    picture: Picture
    weights: bytes
    weight_format: Tuple[str, int]
    box: Tuple[int, int, int, int]
    keeps_rest: bool
    place: Tuple[int, int, int, int]
    canvas: Tuple[int, int]


def is_indexed(image):
    return image.get_base_type() == Gimp.ImageBaseType.INDEXED


def is_grey(image):
    return image.get_base_type() == Gimp.ImageBaseType.GRAY


def read_source(image, layer):
    """Task for the Source."""
    kind, weight_bytes = pixels.weight_format(_precision(image))
    picture = yield from read_picture(image, layer)
    box, place = (0, 0, picture.width, picture.height), _place(layer)
    selection, _ = yield from read_selection(image, place)
    if selection:
        picture = picture._replace(selection=selection, weight_bytes=weight_bytes)
        box = _selected_box(image, layer)
    weights = yield from _with_own_mask(layer, selection, kind, weight_bytes)
    return Source(layer, picture, weights, (kind, weight_bytes), box, bool(selection), place, _size(image))


def read_selection(image, area):
    """Task for (a weight for each pixel of a rectangle of the image, bytes per weight); empty where nothing is."""
    kind, weight_bytes = pixels.weight_format(_precision(image))
    if Gimp.Selection.is_empty(image):
        return b"", weight_bytes
    strips = yield from _read(image.get_selection(), area, kind, weight_bytes, Gegl.AbyssPolicy.NONE)
    return b"".join(strips), weight_bytes


def read_result(image, layer, box):
    """Task for the Source of a layer that was painted before, and goes on to be."""
    weight_format = pixels.weight_format(_precision(image))
    picture = yield from read_picture(image, layer)
    weights = yield from _with_own_mask(layer, b"", *weight_format)
    return Source(layer, picture, weights, weight_format, box, True, _place(layer), _size(image))


def returned_source(image, layer, place):
    """The Source of a result that comes back above a layer: there is nothing to be read."""
    picture, box = Picture(*place[2:], "RGBA8", ()), (0, 0, *place[2:])
    return Source(layer, picture, b"", ("Y u8", 1), box, False, place, _size(image))


def _place(layer):
    return (*tuple(layer.get_offsets())[-2:], layer.get_width(), layer.get_height())


def _size(image):
    return image.get_width(), image.get_height()


def _selected_box(image, layer):
    """The selection's bounds on the layer, in the layer's own coordinates."""
    left, top, right, bottom = tuple(Gimp.Selection.bounds(image))[-4:]
    _, x, y = layer.get_offsets()
    left, top = max(0, left - x), max(0, top - y)
    return left, top, min(layer.get_width(), right - x) - left, min(layer.get_height(), bottom - y) - top


def read_style_picture(image, layer):
    """Task for the Picture of the selection's bounds on a layer; of the whole layer where nothing is selected."""
    box = None if Gimp.Selection.is_empty(image) else _selected_box(image, layer)
    return (yield from read_picture(image, layer, box))


def read_picture(image, layer, box=None):
    """Task for the Picture of a layer, or a box of it, as it is seen: with its effects, without its mask."""
    seen = with_effects(layer)
    try:
        format = picture_format(image)
        area = box or (0, 0, layer.get_width(), layer.get_height())
        name, pixel_bytes = pixels.GEGL_FORMATS[format], BYTES_PER_PIXEL[format]
        strips = yield from _read(seen, area, name, pixel_bytes, Gegl.AbyssPolicy.CLAMP)
    finally:
        if seen is not layer:
            seen.delete()
    return Picture(area[2], area[3], format, strips)


def picture_format(image):
    """The daemon's format in which the image's layers cross without loss."""
    return pixels.wire_format(_precision(image), _is_plain_srgb(image))


def with_effects(layer):
    """The layer as it is seen: itself, or a copy with its effects, to be deleted."""
    if not layer.get_filters():
        return layer
    copy = layer.copy()
    copy.merge_filters()
    if (copy.get_width(), copy.get_height()) == (layer.get_width(), layer.get_height()):
        return copy
    copy.delete()
    raise PainterError(
        tr(
            "An effect changes the size of the layer “{}”. "
            "Merge its effects (Layer → Merge Layer Effects), then try again.",
            layer.get_name(),
        )
    )


def _with_own_mask(layer, selection, kind, weight_bytes):
    """Task for the selection's weights times those of the layer's own mask."""
    mask = layer.get_mask()
    if mask is None or not layer.get_apply_mask():
        return selection
    width, height = layer.get_width(), layer.get_height()
    strips = yield from _read(mask, (0, 0, width, height), kind, weight_bytes, Gegl.AbyssPolicy.CLAMP)
    own = b"".join(strips)
    if not selection:
        return own
    product = bytearray()
    for start, length in pixels.strips(len(own), MULTIPLIED_SLOWLY):
        part = slice(start, start + length)
        product += pixels.multiply(own[part], selection[part], weight_bytes)
        yield
    return bytes(product)


def _read(drawable, area, kind, pixel_bytes, abyss):
    left, top, width, height = area
    buffer = drawable.get_buffer()
    strips = []
    for row, rows in pixels.strips(height, width * pixel_bytes):
        strips.append(bytes(buffer.get(Gegl.Rectangle.new(left, top + row, width, rows), 1.0, kind, abyss)))
        yield
    return strips


def _precision(image):
    return image.get_precision().value_nick


def _is_plain_srgb(image):
    profile = image.get_color_profile()
    if profile is None:
        return True
    plain = Gimp.ColorProfile.new_d65_gray_srgb_trc() if is_grey(image) else Gimp.ColorProfile.new_rgb_srgb()
    return profile.is_equal(plain)


def new_layer(source, name):
    """Task for a layer like the source, not yet in its image, with its mask, as yet unpainted."""
    like, picture = source.layer, source.picture
    image, size = like.get_image(), (picture.width, picture.height)
    kind = layer_kind(image, like.is_group() or like.has_alpha())
    layer = Gimp.Layer.new(image, name, *size, kind, like.get_opacity(), _mode(like))
    note(layer)
    _, left, top = like.get_offsets()
    layer.set_offsets(left, top)
    if source.keeps_rest:
        yield from _copy_pixels(source, layer)
    yield from _add_mask(source, layer)
    return layer


def new_returned(source, name):
    """Task for the layer of a result that comes back, at its place, not yet in its image."""
    image, (left, top, width, height) = source.layer.get_image(), source.place
    kind, normal = layer_kind(image, has_alpha=True), Gimp.LayerMode.NORMAL
    layer = Gimp.Layer.new(image, name, width, height, kind, 100, normal)
    note(layer)
    layer.set_offsets(left, top)
    yield from _add_mask(source, layer)
    return layer


def _add_mask(source, layer):
    if source.weights:
        mask, size = layer.create_mask(Gimp.AddMaskType.BLACK), (layer.get_width(), layer.get_height())
        layer.add_mask(mask)
        yield from _write(mask, source.weights, size, (0, 0, *size), *source.weight_format)


def _copy_pixels(source, layer):
    """What is not selected stays as it was, to the bit: it never leaves the image's own format."""
    if source.layer.get_filters():  # the picture was read with the effects
        yield from write_picture(layer, source.picture)
        return
    there, here = source.layer.get_buffer(), layer.get_buffer()
    for row, rows in pixels.strips(source.picture.height, 4 * source.picture.width):
        strip = Gegl.Rectangle.new(0, row, source.picture.width, rows)
        there.copy(strip, Gegl.AbyssPolicy.NONE, here, strip)
        here.flush()
        yield


def _mode(layer):
    """A group that lets through has no pixels of its own; its result is a plain layer."""
    return Gimp.LayerMode.NORMAL if layer.get_mode() == Gimp.LayerMode.PASS_THROUGH else layer.get_mode()


def write_frame(source, layer, frame):
    """Task that puts the frame's pixels into the layer, where it is painted. Raises SizeChanged."""
    read = [source.layer] if source.picture.strips and source.layer.is_valid() else []
    if any((frame.width, frame.height) != (one.get_width(), one.get_height()) for one in (layer, *read)):
        raise SizeChanged(
            tr("The size of the layer was changed while it was painted. What was there is kept; run it again to go on.")
        )
    yield from write_picture(layer, frame, source.box)
    layer.update(*source.box)
    Gimp.displays_flush()


def write_picture(layer, picture, box=None):
    """Task that puts a picture's pixels into a layer, or only those within a box."""
    kind, pixel_bytes = pixels.GEGL_FORMATS[picture.format], BYTES_PER_PIXEL[picture.format]
    size = (picture.width, picture.height)
    yield from _write(layer, picture.data, size, box or (0, 0, *size), kind, pixel_bytes)


def _write(drawable, data, size, box, kind, pixel_bytes):
    """`data` is as large as `size`; of it the box is written."""
    left, top, width, height = box
    buffer = drawable.get_buffer()
    for row, rows in pixels.strips(height, width * pixel_bytes):
        part = pixels.cut(data, size[0] * pixel_bytes, (left * pixel_bytes, top + row, width * pixel_bytes, rows))
        buffer.set(Gegl.Rectangle.new(left, top + row, width, rows), kind, part)
        buffer.flush()
        yield
