"""A result as a group: a layer for each region with the whole result's pixels, and a mask that shows its region alone.

The group wears what the result's layer would: mode, opacity, and the mask of a selection. So it looks the same.
"""

from gi.repository import Gegl, Gimp

from document import colour_mode, layer_names, pixels


def cut(layer, region_layers, style):
    """Task for the group's layers, from the lowest, not yet in an image. `style`: of what no region marks."""
    parts = []
    for region, weights in region_layers:
        name = style if region is None else layer_names.region(region.preset, region.layer)
        parts.append((yield from _part(layer, name, weights)))
    return parts


def _part(layer, name, weights):
    part = layer.copy()  # GIMP copies no pixels before they are changed
    colour_mode.note(part, layer)
    part.set_name(name)
    part.set_opacity(100)
    part.set_mode(Gimp.LayerMode.NORMAL)
    part.set_visible(True)
    mask = part.get_mask()  # of a selection; it cannot be taken from a layer that is in no image
    if mask is None:
        mask = part.create_mask(Gimp.AddMaskType.BLACK)
        part.add_mask(mask)
    width, buffer = part.get_width(), mask.get_buffer()
    for top, rows in pixels.strips(part.get_height(), width):
        strip = Gegl.Rectangle.new(0, top, width, rows)
        buffer.set(strip, "Y u8", weights[top * width : (top + rows) * width])
        buffer.flush()
        yield
    return part


def new_group(image, layer):
    """An empty group that is to take the place of a finished layer."""
    group = Gimp.GroupLayer.new(image, layer.get_name())
    group.set_mode(layer.get_mode())
    group.set_opacity(layer.get_opacity())
    return group


def fill(image, group, layer, parts):
    """Put the parts into the group that is in the image now; the finished layer itself is no longer needed."""
    for part in parts:
        image.insert_layer(part, group, 0)
    mask = layer.get_mask()
    if mask is not None:
        copy = group.create_mask(Gimp.AddMaskType.WHITE)
        group.add_mask(copy)
        whole = Gegl.Rectangle.new(0, 0, mask.get_width(), mask.get_height())
        mask.get_buffer().copy(whole, Gegl.AbyssPolicy.NONE, copy.get_buffer(), whole)
        copy.get_buffer().flush()
        copy.update(0, 0, mask.get_width(), mask.get_height())
    layer.delete()
