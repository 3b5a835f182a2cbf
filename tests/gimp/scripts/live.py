"""Runs in GIMP: a layer read small, changes noticed, the live picture kept; the findings go to the report."""

import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp

sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
from document import kept_live, layers
from document.small_copy import SmallCopy
from neural_style_client import Pixels
from neural_style_client.errors import PainterError
from neural_style_client.parameters import Parameters
from run.follower import Detail
from ui.pixbufs import enlarged

WIDTH, HEIGHT = 64, 48
found = {}


def colours(kind):
    """The first pixels of a small copy, which is as large as the layer here, and how far all are from its own."""
    base, alpha, precision, profile = kind
    image = inside.new_image(WIDTH, HEIGHT, base, precision)
    layer = inside.new_layer(image, (WIDTH, HEIGHT), alpha=alpha)
    inside.write(layer, inside.picture(WIDTH, HEIGHT, lambda x, y: 4 * x if alpha else 255))
    if profile:
        adobe = Gimp.ColorProfile.new_rgb_adobe()
        image.convert_color_profile(adobe, Gimp.ColorRenderingIntent.RELATIVE_COLORIMETRIC, False)
    look = SmallCopy().look(image, layer, Detail(), WIDTH)
    wanted = inside.read(layer)
    seen = [at for at in range(len(wanted)) if wanted[at | 3] > 40]  # what cannot be seen has no colour
    worst = max(abs(look.content.data[at] - wanted[at]) for at in seen)
    return [look.content.width, look.content.height, look.content.format, worst, look.mask is None]


def changes():
    image = inside.new_image(400, 300)
    layer = inside.new_layer(image, (400, 300))
    inside.write(layer, bytes((90, 90, 90, 255)) * (400 * 300))
    copy = SmallCopy()
    first = copy.look(image, layer, Detail(), 100)
    same = copy.look(image, layer, Detail(), 100) is first
    stroke = layer.get_buffer()
    stroke.set(inside.rect(200, 100, 8, 8), "R'G'B'A u8", bytes((255, 0, 0, 255)) * 64)
    stroke.flush()
    layer.update(200, 100, 8, 8)
    after = copy.look(image, layer, Detail(), 100)
    different = [at // 4 for at in range(0, len(after.content.data), 4) if after.content.data[at] != 90]
    Gimp.Selection.none(image)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 200, 300)
    selected = copy.look(image, layer, Detail(), 100)
    detail = copy.look(image, layer, Detail(2, 0.5, 0.375), 100)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 1, 1)
    Gimp.Selection.none(image)
    layer.set_offsets(-50, 20)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 100, 300)
    beyond = copy.look(image, layer, Detail(), 100)
    return dict(
        size=[first.content.width, first.content.height],
        same=same,
        different=[[min(one % 100 for one in different), min(one // 100 for one in different)], len(different)],
        selected=[selected.mask.data[4 * at] for at in (0, 49, 50, 99)],
        detail=[list(detail.content[:2]), red_at(detail.content), detail.mask.data[0], detail.mask.data[4 * 99]],
        beyond=[beyond.mask.data[4 * (50 * 100 + at)] for at in (5, 20, 45)],
    )


def red_at(content):
    """The first red pixel."""
    at = next(at for at in range(0, len(content.data), 4) if content.data[at] == 255 and content.data[at + 1] == 0)
    return [at // 4 % content.width, at // 4 // content.width]


def seen_with_effect(precision):
    image = inside.new_image(WIDTH, HEIGHT, precision=precision)
    layer = inside.new_layer(image, (WIDTH, HEIGHT))
    inside.write(layer, bytes((200, 100, 50, 255)) * (WIDTH * HEIGHT))
    layer.append_filter(Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", "invert"))
    return list(SmallCopy().look(image, layer, Detail(), WIDTH).content.data[:4])


def said(call, *values):
    try:
        return call(*values)
    except PainterError as problem:
        return str(problem)


def gone():
    image = inside.new_image(WIDTH, HEIGHT)
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    layer, other = inside.new_layer(image, parent=group), inside.new_layer(image)
    empty = SmallCopy().look(image, layer, Detail(), WIDTH).is_empty
    in_group = layers.is_in_image(layer, image)
    image.remove_layer(group)
    deleted = said(SmallCopy().look, image, layer, Detail(), WIDTH), layers.is_in_image(other, image)
    image.delete()
    return [empty, in_group, *deleted, said(SmallCopy().look, image, other, Detail(), WIDTH)]


def kept():
    image = inside.new_image(WIDTH, HEIGHT)
    layer = inside.new_layer(image, (40, 30), (10, 8), name="sea")
    inside.write(layer, bytes((10, 20, 30, 255)) * 1200)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 8, 20, 30)
    picture = Pixels(4, 3, "RGBA8", bytes((200, 100, 50, 255)) * 12)
    chosen = Parameters(preset="ink-wash", controls={"strength": 70})
    (made,) = kept_live.keep(image, layer, picture, chosen, enlarged)
    return dict(
        names=inside.names(image.get_layers()),
        place=[made.get_width(), made.get_height(), *list(made.get_offsets())[1:]],
        pixels=[list(inside.read(made)[4 * at : 4 * at + 4]) for at in (0, 39)],
        mask=made.get_mask() is not None,
        recorded=layers.recorded(made).controls,
        nothing=said(kept_live.keep, image, layer, None, chosen, enlarged),
        deleted=(image.remove_layer(layer), said(kept_live.keep, image, layer, picture, chosen, enlarged))[1],
    )


kinds = [
    (base, alpha, precision, "")
    for base in ("rgb", "grey")
    for alpha in (True, False)
    for precision in ("u8-non-linear", "u8-linear", "u16-non-linear", "half-linear", "float-linear")
]
kinds.append(("rgb", True, "u8-non-linear", "adobe"))
found["colours"] = {" ".join(map(str, kind)): colours(kind) for kind in kinds}
found["changes"] = changes()
found["effect"] = [seen_with_effect(precision) for precision in ("u8-non-linear", "float-linear")]
found["gone"] = gone()
found["kept"] = kept()
inside.report(**found)
