"""What the plug-in's procedures are called here, and what a failed one says."""

import json
import os

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp  # noqa: E402

database = Gimp.get_pdb()
stylize = database.lookup_procedure("neural-style-stylize")
image = Gimp.Image.new(32, 32, Gimp.ImageBaseType.RGB)
layer = Gimp.Layer.new(image, "empty", 32, 32, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL)
image.insert_layer(layer, None, 0)
config = stylize.create_config()
config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
config.set_property("image", image)
config.set_core_object_array("drawables", [layer])
config.set_property("preset", "night-swirl")
stylize.run(config)
with open(os.environ["GIMP_REPORT"], "w", encoding="utf-8") as file:
    label, blurb = stylize.get_menu_label(), stylize.get_blurb()
    argument = stylize.find_argument("preset").get_nick()
    json.dump({"label": label, "blurb": blurb, "argument": argument, "error": database.get_last_error()}, file)
image.delete()
