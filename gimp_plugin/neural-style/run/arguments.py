"""The arguments of the procedures: declared, read as parameters, and written back."""

import json

from gi.repository import Gimp, GObject

from neural_style_client import blend
from neural_style_client.controls import CONTROLS
from neural_style_client.errors import PainterError
from neural_style_client.kept_frames import MAX_ITERATIONS
from neural_style_client.parameters import ABOVE, MAX_SEED, MAX_SIZE, from_mapping
from neural_style_client.print_size import HIGHEST, LOWEST, RESOLUTION, RESOLUTION_LABEL, WIDTH_LABEL
from neural_style_client.regions import ONE, regions_from
from neural_style_client.translations import tr
from run.records import KEPT_RESULTS

REGIONS = '[{"layer": "sky", "preset": "mosaic", "weight": 100, "part": [0, 0, 50, 50]}]'
READWRITE = GObject.ParamFlags.READWRITE
PRESETS_OWN = -1
_SAME = ("preset", "size", "seed", "iterations", "quality", "start", "seamless")
_OTHER = ("content_weight", "style_weight", "tv_weight", "keep_on_cancel", "region_result", "place")
NEW_IMAGE, GROUP = "image", "group"
"""Where the frames of an animation go."""
ALL_LAYERS, SELECTED_LAYERS = "all", "selected"
_PROPERTIES = dict(
    {name: name for name in _SAME}, **{name: name.replace("_", "-") for name in _OTHER}, keep="keep-frames"
)


def declare_stylize(procedure):
    """Add all arguments and the return values."""
    declare_style(procedure)
    _declare_numbers(procedure)
    _declare_style_words(procedure)
    _declare_words(procedure)
    procedure.add_layer_argument(
        "start-layer", tr("Start layer"), tr("The layer to start from, with start “image”"), True, READWRITE
    )
    declare_layers(procedure)


def declare_print(procedure):
    """The width on paper, in inches, and those of `declare_stylize`."""
    add, widest = procedure.add_double_argument, MAX_SIZE / LOWEST
    blurb = tr("In inches; the height follows from the image's shape")
    add("width", tr(WIDTH_LABEL), blurb, 0, widest, 0, READWRITE)
    add("resolution", tr(RESOLUTION_LABEL), tr(RESOLUTION_LABEL), LOWEST, HIGHEST, RESOLUTION, READWRITE)
    declare_stylize(procedure)


def declare_style(procedure):
    blurb = tr("Name of the style preset, for example night-swirl")
    procedure.add_string_argument("preset", tr("Preset"), blurb, "", READWRITE)
    for control in CONTROLS:
        blurb = tr("{} to {}; -1 = as the preset says", control.minimum, control.maximum)
        name, label = control.name.replace("_", "-"), control.plain_label
        procedure.add_int_argument(name, label, blurb, PRESETS_OWN, control.maximum, PRESETS_OWN, READWRITE)


def declare_animate(procedure):
    """Those of a job that a film has, its own, and the return values."""
    declare_style(procedure)
    _declare_numbers(procedure)
    _declare_style_words(procedure)
    frames = tr("all layers, or those selected: all or selected")
    add = procedure.add_string_argument
    add("frames", tr("Frames"), frames, ALL_LAYERS, READWRITE)
    add("result", tr("Result"), tr("A new image or a layer group: image or group"), NEW_IMAGE, READWRITE)
    declare_layers(procedure)


def declare_layers(procedure):
    """What is returned. (GIMP 3.0 cannot return a list of layers from Python.)"""
    procedure.add_layer_return_value("layer", tr("Layer"), tr("The (last) finished layer"), True, READWRITE)
    procedure.add_string_return_value(
        "layer-ids", tr("Layer ids"), tr("All that were made, from the bottom, with commas between"), "", READWRITE
    )


def declare_more(procedure):
    add = procedure.add_int_argument
    add("iterations", tr("Iterations"), tr("How many more"), 1, MAX_ITERATIONS, 100, READWRITE)
    declare_layers(procedure)


def declare_insert(procedure):
    which = tr("Which of the image's earlier results; 1 is the newest")
    procedure.add_int_argument("result", tr("Result"), which, 1, KEPT_RESULTS, 1, READWRITE)
    declare_layers(procedure)


def declare_make_preset(procedure):
    add = procedure.add_string_argument
    add("title", tr("Title"), tr("What the new style is called"), "", READWRITE)
    add("tags", tr("Tags"), tr("Words to find it by, with commas between"), "", READWRITE)


def _declare_numbers(procedure):
    seed = tr("The same seed gives the same picture; -1 = as the preset says")
    add = procedure.add_int_argument
    size = tr("Long side of what is painted, in pixels; 0 = full size")
    add("size", tr("Size"), size, 0, MAX_SIZE, 0, READWRITE)
    add("seed", tr("Seed"), seed, -1, MAX_SEED, -1, READWRITE)
    add("iterations", tr("Iterations"), tr("0 = by the quality"), 0, MAX_ITERATIONS, 0, READWRITE)
    add = procedure.add_double_argument
    add("content-weight", tr("Content weight"), tr("0 = as the preset says"), 0, 1e12, 0, READWRITE)
    add("style-weight", tr("Style weight"), tr("0 = as the preset says"), 0, 1e12, 0, READWRITE)
    add("tv-weight", tr("Total-variation weight"), tr("-1 = as the preset says"), -1, 1e12, -1, READWRITE)


def _declare_style_words(procedure):
    starts = tr("content, noise, mix, style or image; empty = as the preset says")
    blended = tr("Styles beside it, with their shares: “mosaic:30, ink-wash:50”")
    add = procedure.add_string_argument
    add("blend", tr("Blend"), blended, "", READWRITE)
    add("quality", tr("Quality"), tr("draft, standard or fine"), "standard", READWRITE)
    add("start", tr("Start image"), starts, "", READWRITE)
    tiled = tr("Make a picture that can be tiled")
    procedure.add_boolean_argument("seamless", tr("Seamless"), tiled, False, READWRITE)


def _declare_words(procedure):
    keep = tr("Iterations to keep as layers: “100, 300” or “every 50”")
    indexed = tr("Turn an indexed image into RGB instead of failing")
    add = procedure.add_string_argument
    add("regions", tr("Regions"), tr("As JSON, a layer or channel marking each: {}", REGIONS), "", READWRITE)
    group = tr("What becomes of regions, one layer or a group with one for each: one or each")
    add("region-result", tr("Result of regions"), group, ONE, READWRITE)
    add("keep-frames", tr("Keep frames"), keep, "", READWRITE)
    add("place", tr("Result layer"), tr("Above the layer or in its place: above or instead"), ABOVE, READWRITE)
    add = procedure.add_boolean_argument
    add("keep-on-cancel", tr("Keep on cancel"), tr("Cancel leaves the last frame"), False, READWRITE)
    add("convert-indexed", tr("Convert indexed"), indexed, False, READWRITE)


def parameters_from(config, is_film=False):
    """The checked parameters of a procedure's config; a film's has fewer. Raises PainterError."""
    own = ("keep", "keep_on_cancel", "region_result", "place") if is_film else ()
    found = {field: config.get_property(name) for field, name in _PROPERTIES.items() if field not in own}
    found["preset"] = (found["preset"] or "").strip()
    found.update(quality=found["quality"] or "standard", start=found["start"] or "", keep=found.get("keep") or "")
    found.update(region_result=found.get("region_result") or ONE, place=found.get("place") or ABOVE)
    found["blend"] = blend.parse(config.get_property("blend") or "")
    found["regions"] = () if is_film else _regions(config.get_property("regions") or "")
    controls = {one.name: config.get_property(one.name.replace("_", "-")) for one in CONTROLS}
    found["controls"] = {name: value for name, value in controls.items() if value != PRESETS_OWN}
    return from_mapping(found)


def _regions(text):
    """The regions in a JSON text. Raises PainterError."""
    try:
        return regions_from(json.loads(text)) if text.strip() else ()
    except (ValueError, TypeError) as error:
        raise PainterError(tr("The regions cannot be read ({}). Write them as JSON: {}.", error, REGIONS)) from None


def write_to(config, parameters):
    """So that GIMP's own Repeat knows what the dialogue said."""
    for field, name in _PROPERTIES.items():
        value = getattr(parameters, field)
        config.set_property(name, value == "on" if field == "seamless" else value)
    config.set_property("blend", blend.text_of(parameters.blend))
    config.set_property("regions", json.dumps([vars(one) for one in parameters.regions]))
    for control in CONTROLS:
        value = parameters.controls.get(control.name, PRESETS_OWN)
        config.set_property(control.name.replace("_", "-"), int(value))


def with_layers(values, layers):
    """The return values, with the layers among them."""
    values.truncate(1)
    values.append(GObject.Value(Gimp.Layer.__gtype__, layers[-1] if layers else None))
    values.append(GObject.Value(GObject.TYPE_STRING, ",".join(str(layer.get_id()) for layer in layers)))
    return values
