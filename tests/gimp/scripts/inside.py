"""For scripts that run in GIMP: make images, read pixels, call the plug-in. Knows no test framework."""

import json
import os

import gi

gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp  # noqa: E402

PRECISIONS = {
    nick: getattr(Gimp.Precision, nick.upper().replace("-", "_"))
    for nick in (
        "u8-linear", "u8-non-linear", "u8-perceptual", "u16-linear", "u16-non-linear", "u32-linear",
        "u32-non-linear", "half-linear", "half-non-linear", "float-linear", "float-non-linear",
    )
}  # fmt: skip
TYPES = {
    ("rgb", True): Gimp.ImageType.RGBA_IMAGE,
    ("rgb", False): Gimp.ImageType.RGB_IMAGE,
    ("grey", True): Gimp.ImageType.GRAYA_IMAGE,
    ("grey", False): Gimp.ImageType.GRAY_IMAGE,
}


def new_image(width=96, height=64, base="rgb", precision="u8-non-linear"):
    kind = Gimp.ImageBaseType.GRAY if base == "grey" else Gimp.ImageBaseType.RGB
    return Gimp.Image.new_with_precision(width, height, kind, PRECISIONS[precision])


def new_layer(image, size=(96, 64), offsets=(0, 0), alpha=True, name="paint", parent=None):
    base = "grey" if image.get_base_type() == Gimp.ImageBaseType.GRAY else "rgb"
    layer = Gimp.Layer.new(image, name, *size, TYPES[base, alpha], 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, parent, 0)
    layer.set_offsets(*offsets)
    return layer


def rect(x, y, width, height):
    return Gegl.Rectangle.new(x, y, width, height)


def write(drawable, data, format="R'G'B'A u8"):
    buffer = drawable.get_buffer()
    buffer.set(rect(0, 0, drawable.get_width(), drawable.get_height()), format, bytes(data))
    buffer.flush()
    drawable.update(0, 0, drawable.get_width(), drawable.get_height())


def read(drawable, format="R'G'B'A u8"):
    size = rect(0, 0, drawable.get_width(), drawable.get_height())
    return bytes(drawable.get_buffer().get(size, 1.0, format, Gegl.AbyssPolicy.CLAMP))


def raw(drawable):
    """The pixels as GIMP stores them."""
    return read(drawable, None)


def picture(width, height, alpha=lambda x, y: 255):
    """A colourful picture with edges, as bytes of RGBA."""
    found = bytearray()
    for y in range(height):
        for x in range(width):
            stripe = 90 if (x // 9 + y // 7) % 2 else 0
            found += bytes(((x * 165 // width) + stripe, (y * 165 // height) + 90 - stripe, 200 - stripe, alpha(x, y)))
    return bytes(found)


def call(name, image, layers, **arguments):
    """(status, error text, layer)"""
    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", layers)
    for key, value in arguments.items():
        config.set_property(key.replace("_", "-"), value)
    values = procedure.run(config)
    status = values.index(0)
    failed = status != Gimp.PDBStatusType.SUCCESS
    layer = values.index(1) if not failed and values.length() > 1 else None
    return status.value_nick, Gimp.get_pdb().get_last_error() if failed else "", layer


def stylize(image, layers, **arguments):
    """A quick run of the real thing."""
    small = {"preset": "ink-wash", "size": 64, "iterations": 2, "quality": "standard"}
    return call("neural-style-stylize", image, layers, **dict(small, **arguments))


def names(layers):
    return [layer.get_name() for layer in layers]


def report(**found):
    """Hand over to the test outside."""
    with open(os.environ["GIMP_REPORT"], "w", encoding="utf-8") as file:
        json.dump(found, file)
