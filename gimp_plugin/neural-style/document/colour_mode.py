"""The mode, precision and profile of an image. Its layers have them, too, but GIMP changes only those that stand in it:
one that is still to be inserted has to be made anew.

GIMP's library takes any layer's numbers for those of the image's present profile. So they are carried over by an image
of the former one.
"""

from typing import Any, Dict

from gi.repository import Gegl, Gimp

_KINDS = {
    Gimp.ImageBaseType.RGB: (Gimp.ImageType.RGB_IMAGE, Gimp.ImageType.RGBA_IMAGE),
    Gimp.ImageBaseType.GRAY: (Gimp.ImageType.GRAY_IMAGE, Gimp.ImageType.GRAYA_IMAGE),
    Gimp.ImageBaseType.INDEXED: (Gimp.ImageType.INDEXED_IMAGE, Gimp.ImageType.INDEXEDA_IMAGE),
}
_CHANNELS = {
    "linear": {Gimp.ImageBaseType.RGB: "RGB", Gimp.ImageBaseType.GRAY: "Y"},
    "non-linear": {Gimp.ImageBaseType.RGB: "R'G'B'", Gimp.ImageBaseType.GRAY: "Y'"},
    "perceptual": {Gimp.ImageBaseType.RGB: "R~G~B~", Gimp.ImageBaseType.GRAY: "Y~"},
}
"""As GEGL names them."""
_modes: Dict[int, Any] = {}
"""Of layers that are still to be inserted, by their ids."""


def layer_kind(image, has_alpha):
    """What a new layer of the image has to be."""
    return _KINDS[image.get_base_type()][bool(has_alpha)]


def note(layer, like=None):
    """A layer was made that is still to be inserted; or it is a copy of another such."""
    known = None if like is None else _modes.get(like.get_id())
    _modes[layer.get_id()] = known or _mode_of(layer.get_image())


def fitted(layer, image):
    """A layer that is to be inserted now; or one of the same colours, where the image was changed since it was made."""
    former = _modes.pop(layer.get_id(), None)
    if former is None or former == _mode_of(image):
        return layer
    made = _layer_like(layer, image)
    between = _former_image(former, layer)
    try:
        _copy(between.get_layers()[0], made)
    finally:
        between.delete()
    mask = layer.get_mask()
    if mask is not None:
        made.add_mask(made.create_mask(Gimp.AddMaskType.WHITE))
        _copy(mask, made.get_mask())
    layer.delete()
    return made


def _mode_of(image):
    profile = image.get_color_profile()
    return image.get_base_type(), image.get_precision(), profile and bytes(profile.get_icc_profile())


def _layer_like(layer, image):
    size, kind = (layer.get_width(), layer.get_height()), layer_kind(image, layer.has_alpha())
    made = Gimp.Layer.new(image, layer.get_name(), *size, kind, layer.get_opacity(), layer.get_mode())
    made.set_offsets(*tuple(layer.get_offsets())[-2:])
    return made


def _former_image(mode, layer):
    """An image of that mode with the layer's numbers in it."""
    base, precision, profile = mode
    image = Gimp.Image.new_with_precision(layer.get_width(), layer.get_height(), base, precision)
    image.undo_disable()
    held = _layer_like(layer, image)
    image.insert_layer(held, None, 0)
    depth, _, encoding = precision.value_nick.partition("-")
    kind = "{}{} {}".format(_CHANNELS[encoding][base], "A" if layer.has_alpha() else "", depth)
    whole, buffer = _whole(layer), held.get_buffer()
    buffer.set(whole, kind, bytes(layer.get_buffer().get(whole, 1.0, None, Gegl.AbyssPolicy.NONE)))
    buffer.flush()
    if profile:
        image.set_color_profile(Gimp.ColorProfile.new_from_icc_profile(profile))
    return image


def _copy(source, target):
    """GEGL brings the pixels from one format into the other."""
    buffer = target.get_buffer()
    source.get_buffer().copy(_whole(source), Gegl.AbyssPolicy.NONE, buffer, _whole(source))
    buffer.flush()


def _whole(drawable):
    return Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
