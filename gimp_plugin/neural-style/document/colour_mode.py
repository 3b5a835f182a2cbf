"""The mode, precision and profile of an image. Its layers have them, too, but GIMP changes only those that stand in it:
one that is still to be inserted has to be made anew."""

from gi.repository import Gegl, Gimp

_KINDS = {
    Gimp.ImageBaseType.RGB: (Gimp.ImageType.RGB_IMAGE, Gimp.ImageType.RGBA_IMAGE),
    Gimp.ImageBaseType.GRAY: (Gimp.ImageType.GRAY_IMAGE, Gimp.ImageType.GRAYA_IMAGE),
    Gimp.ImageBaseType.INDEXED: (Gimp.ImageType.INDEXED_IMAGE, Gimp.ImageType.INDEXEDA_IMAGE),
}


def mode_of(image):
    """It equals that of another time where nothing was changed meanwhile."""
    profile = image.get_color_profile()
    return image.get_base_type(), image.get_precision(), profile and bytes(profile.get_icc_profile())


def layer_kind(image, has_alpha):
    """What a new layer of the image has to be."""
    return _KINDS[image.get_base_type()][bool(has_alpha)]


def fitted(layer, mode, image):
    """A layer that stands in no image, and was made when the image had that mode; or, where that was changed since, one
    of the same colours."""
    if mode_of(image) == mode:
        return layer
    size, kind = (layer.get_width(), layer.get_height()), layer_kind(image, layer.has_alpha())
    made = Gimp.Layer.new(image, layer.get_name(), *size, kind, layer.get_opacity(), layer.get_mode())
    made.set_offsets(*tuple(layer.get_offsets())[-2:])
    _copy(layer, made)
    mask = layer.get_mask()
    if mask is not None:
        made.add_mask(made.create_mask(Gimp.AddMaskType.WHITE))
        _copy(mask, made.get_mask())
    layer.delete()
    return made


def _copy(source, target):
    """GEGL brings the pixels from one format into the other."""
    whole, buffer = Gegl.Rectangle.new(0, 0, source.get_width(), source.get_height()), target.get_buffer()
    source.get_buffer().copy(whole, Gegl.AbyssPolicy.NONE, buffer, whole)
    buffer.flush()
