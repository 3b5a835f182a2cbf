"""What can mark a region: layers, their masks, and channels, by GIMP's lasting number for each, and colour tags, which
mark what all layers and channels mark that wear them."""

from gi.repository import Gegl, Gimp

from document import buffers, pixels
from document.layers import all_layers
from neural_style_client.errors import PainterError
from neural_style_client.masks import largest, pieces, product, weights_of
from neural_style_client.regions import COLOUR_LABELS, LABEL, MarkedRegion
from neural_style_client.translations import tr

LAYER, MASK, CHANNEL = "layer", "mask", "channel"


def markers(image):
    """(mark, name) of all that can mark one, from the top; hidden ones, too."""
    found = []
    for layer in all_layers(image):
        found.append((f"{LAYER}:{layer.get_tattoo()}", layer.get_name()))
        if layer.get_mask() is not None:
            found.append((f"{MASK}:{layer.get_tattoo()}", _mask_name(layer)))
    found += [(f"{CHANNEL}:{one.get_tattoo()}", one.get_name()) for one in image.get_channels()]
    worn = {_tag(item) for _, item in _items(image)}
    return found + [(f"{LABEL}{at}", tr(words)) for at, words in enumerate(COLOUR_LABELS, 1) if at in worn]


def find(image, region):
    """[(kind, layer or channel)]: that very one, else one of its name; of a colour tag all that wear it. Raises
    PainterError where it is gone."""
    known = markers(image)
    same = [mark for mark, _ in known if mark == region.mark] or [mark for mark, name in known if name == region.layer]
    if not same:
        raise PainterError(
            tr("“{}”, which marks a region, is not in this image. Choose another, or take it away.", region.layer)
        )
    kind, _, number = same[0].partition(":")
    if same[0].startswith(LABEL):
        return [(kind, item) for kind, item in _items(image) if _tag(item) == int(number)]
    if kind == CHANNEL:
        return [(kind, image.get_channel_by_tattoo(int(number)))]
    return [(kind, image.get_layer_by_tattoo(int(number)))]


def _items(image):
    layers = [(LAYER, layer) for layer in all_layers(image)]
    return layers + [(CHANNEL, channel) for channel in image.get_channels()]


def _tag(item):
    return int(item.get_color_tag())


def read_regions(image, area, regions):
    """Task for the MarkedRegions: what each marks of a rectangle (left, top, width, height) of the image."""
    marked = []
    for region in regions:
        weights = []
        for kind, item in find(image, region):
            weights.append((yield from _weights(kind, item, area)))
        marked.append(MarkedRegion(region, largest(weights)))
    return marked


def _weights(kind, item, area):
    """Task for one byte for each pixel of a rectangle of the image."""
    if kind == CHANNEL:
        return (yield from _joined(_strips(item, area, (0, 0), "Y u8", 1)))
    offsets = tuple(item.get_offsets())[-2:]
    mask = item.get_mask()
    if kind == MASK:
        return (yield from _joined(_strips(mask, area, offsets, "Y u8", 1)))
    seen = buffers.with_effects(item)
    try:
        own = yield from weights_of(_strips(seen, area, offsets, "R'G'B'A u8", 4))
    finally:
        if seen is not item:
            seen.delete()
    if mask is None or not item.get_apply_mask():
        return own
    others, found = (yield from _joined(_strips(mask, area, offsets, "Y u8", 1))), []
    for piece in pieces(len(own)):
        found.append(product(own[piece], others[piece]))
        yield
    return b"".join(found)


def _joined(strips):
    """Task for all of them."""
    found = []
    for strip in strips:
        found.append(strip)
        yield
    return b"".join(found)


def _strips(drawable, area, offsets, kind, pixel_bytes):
    """A rectangle's pixels; what lies beside the drawable marks nothing."""
    left, top, width, height = area
    buffer = drawable.get_buffer()
    for row, rows in pixels.strips(height, width * pixel_bytes):
        place = Gegl.Rectangle.new(left - offsets[0], top - offsets[1] + row, width, rows)
        yield bytes(buffer.get(place, 1.0, kind, Gegl.AbyssPolicy.NONE))


def _mask_name(layer):
    return tr("Mask of {}", layer.get_name())


def tell(text):
    """Say something that needs no answer."""
    Gimp.message(text)
