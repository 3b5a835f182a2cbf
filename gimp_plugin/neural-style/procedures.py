"""What the procedure `neural-style-stylize` takes, as one table: declared from it, read and written by it."""

import gi

gi.require_version("Gimp", "3.0")
import parameters as parameters_  # noqa: E402
from gi.repository import Gimp, GObject  # noqa: E402

READWRITE = GObject.ParamFlags.READWRITE
PRESETS_OWN = -1


def declare(procedure):
    """Add all arguments and the return value."""
    procedure.add_string_argument(
        "preset", "Preset", "Name of the style preset, for example night-swirl", "", READWRITE
    )
    for control in parameters_.CONTROLS:
        blurb = f"{control.minimum} to {control.maximum}; -1 = as the preset says"
        name = control.name.replace("_", "-")
        nick = control.label.replace("_", "")
        procedure.add_int_argument(name, nick, blurb, PRESETS_OWN, control.maximum, PRESETS_OWN, READWRITE)
    _declare_numbers(procedure)
    _declare_words(procedure)
    procedure.add_layer_argument(
        "start-layer", "Start layer", 'The layer to start from, with start "image"', True, READWRITE
    )
    declare_layers(procedure)


def declare_layers(procedure):
    """What is returned. (GIMP 3.0 cannot return a list of layers from Python.)"""
    procedure.add_layer_return_value("layer", "Layer", "The (last) finished layer", True, READWRITE)
    procedure.add_string_return_value(
        "layer-ids", "Layer ids", "All that were made, from the bottom, with commas between", "", READWRITE
    )


def declare_make_preset(procedure):
    add = procedure.add_string_argument
    add("title", "Title", "What the new style is called", "", READWRITE)
    add("tags", "Tags", "Words to find it by, with commas between", "", READWRITE)


def _declare_numbers(procedure):
    seeds, most = parameters_.MAX_SEED, parameters_.MAX_ITERATIONS
    add = procedure.add_int_argument
    add("size", "Size", "Long side of what is painted, in pixels; 0 = automatic", 0, 16384, 0, READWRITE)
    add(
        "seed",
        "Seed",
        "The same seed gives the same picture; -1 = as the preset says",
        -1,
        seeds,
        -1,
        READWRITE,
    )
    add("iterations", "Iterations", "0 = by the quality", 0, most, 0, READWRITE)
    add = procedure.add_double_argument
    add("content-weight", "Content weight", "0 = as the preset says", 0, 1e12, 0, READWRITE)
    add("style-weight", "Style weight", "0 = as the preset says", 0, 1e12, 0, READWRITE)
    add("tv-weight", "Total-variation weight", "-1 = as the preset says", -1, 1e12, -1, READWRITE)


def _declare_words(procedure):
    add = procedure.add_string_argument
    add("quality", "Quality", "draft, standard or fine", "standard", READWRITE)
    add(
        "start",
        "Start image",
        "content, noise, mix, style or image; empty = as the preset says",
        "",
        READWRITE,
    )
    add("keep-frames", "Keep frames", "Iterations to keep as layers: “100, 300” or “every 50”", "", READWRITE)
    add = procedure.add_boolean_argument
    add("keep-on-cancel", "Keep on cancel", "Cancel leaves the last frame", False, READWRITE)
    add("seamless", "Seamless", "Make a picture that can be tiled", False, READWRITE)
    add(
        "convert-indexed",
        "Convert indexed",
        "Turn an indexed image into RGB instead of failing",
        False,
        READWRITE,
    )


_SAME = ("preset", "size", "seed", "iterations", "quality", "start", "seamless")
_OTHER = {
    "content_weight": "content-weight",
    "style_weight": "style-weight",
    "tv_weight": "tv-weight",
    "keep": "keep-frames",
    "keep_on_cancel": "keep-on-cancel",
}
_PROPERTIES = dict({name: name for name in _SAME}, **_OTHER)


def parameters_from(config):
    """The checked parameters of a procedure's config. Raises PainterError."""
    found = {field: config.get_property(name) for field, name in _PROPERTIES.items()}
    found["preset"] = (found["preset"] or "").strip()
    for word in ("quality", "start", "keep"):
        found[word] = found[word] or ("standard" if word == "quality" else "")
    controls = {one.name: config.get_property(one.name.replace("_", "-")) for one in parameters_.CONTROLS}
    found["controls"] = {name: value for name, value in controls.items() if value != PRESETS_OWN}
    return parameters_.from_mapping(found)


def write_to(config, parameters):
    """So that GIMP's own Repeat knows what the dialogue said."""
    for field, name in _PROPERTIES.items():
        config.set_property(name, getattr(parameters, field))
    for control in parameters_.CONTROLS:
        value = parameters.controls.get(control.name, PRESETS_OWN)
        config.set_property(control.name.replace("_", "-"), int(value))


def with_layers(values, layers):
    """The return values, with the layers among them."""
    values.truncate(1)
    values.append(GObject.Value(Gimp.Layer.__gtype__, layers[-1] if layers else None))
    values.append(GObject.Value(GObject.TYPE_STRING, ",".join(str(layer.get_id()) for layer in layers)))
    return values
