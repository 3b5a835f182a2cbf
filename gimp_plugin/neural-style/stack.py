"""Layers of the real GIMP: which can be painted, and one undo step for the whole result.

While it is painted, the live layer stands in the image without an undo step, so that a cancelled run leaves
no trace in the undo history. In the end it is taken out, and its copy put in as one step with all the rest.
"""

from contextlib import contextmanager
from typing import Any, NamedTuple, Optional

import gi

gi.require_version("Gimp", "3.0")
import records  # noqa: E402
from complaints import PainterError  # noqa: E402
from gi.repository import Gimp  # noqa: E402

# --- which -------------------------------------------------------------------------------------------------


def layers_of(image, drawables):
    """The layers to paint, from the top. Raises PainterError where that makes no sense."""
    if not drawables:
        raise PainterError("No layer is selected. Click a layer in the Layers dialogue, then try again.")
    for drawable in drawables:
        _check_layer(image, drawable)
    return list(drawables)


def _check_layer(image, drawable):
    if not isinstance(drawable, Gimp.Layer):
        raise PainterError(
            f"“{drawable.get_name()}” is a mask or a channel. "
            "Click the layer's own picture in the Layers dialogue, then try again."
        )
    if drawable.is_floating_sel():
        raise PainterError(
            "The layer is a floating selection. Anchor it (Layer → Anchor Layer), then try again."
        )
    parent = drawable
    while parent is not None:
        if not parent.get_visible():
            raise PainterError(_hidden(drawable, parent))
        parent = parent.get_parent()
    if not Gimp.Selection.is_empty(image) and not drawable.mask_intersect()[0]:
        raise PainterError(
            f"The selection lies outside the layer “{drawable.get_name()}”. Move it, or choose Select → None."
        )


def _hidden(layer, parent):
    what = "The layer “{}” is hidden" if parent is layer else "The layer “{}” is in the hidden group “{}”"
    return what.format(layer.get_name(), parent.get_name()) + (
        ", where the result could not be seen. Show it (the eye in the Layers dialogue), then try again."
    )


def start_layer_of(image, parameters):
    """The layer that a recorded run started from, or None: the very one, else one of its name, else renamed."""
    layers = all_layers(image)
    named = [layer for layer in layers if layer.get_name() == parameters.start_layer]
    marked = [layer for layer in layers if layer.get_tattoo() == parameters.start_tattoo]
    found = [layer for layer in marked if layer in named] or named or marked
    return found[0] if found else None


# --- the live layer ----------------------------------------------------------------------------------------


def show_live(layer, above):
    """Put the live layer right above another, without an undo step."""
    image = above.get_image()
    with _without_a_trace(image):
        image.insert_layer(layer, above.get_parent(), image.get_item_position(above))
    Gimp.displays_flush()


def take_out(layer):
    """Take a live layer out again, without an undo step; one that stands nowhere is forgotten."""
    if not layer.is_valid():
        return
    image = layer.get_image()
    if not stands_in(layer, image):
        layer.delete()
        return
    with _without_a_trace(image):
        image.remove_layer(layer)
    Gimp.displays_flush()


@contextmanager
def _without_a_trace(image):
    """No undo step, no image that wants to be saved, and the brush stays on the layer that it was on."""
    was_dirty, selected = image.is_dirty(), image.get_selected_layers()
    image.undo_freeze()
    try:
        yield
        still_there = [layer for layer in selected if stands_in(layer, image)]
        if still_there:
            image.set_selected_layers(still_there)
    finally:
        image.undo_thaw()
        if not was_dirty:
            image.clean_all()


def stands_in(layer, image):
    """Whether the layer is in the image now: a deleted layer lives on in the undo history."""
    if not (layer.is_valid() and image.is_valid()):
        return False
    return layer.get_id() in {one.get_id() for one in all_layers(image)}


def all_layers(image):
    """From the top, with those in groups."""
    return list(_with_children(image.get_layers()))


def _with_children(layers):
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from _with_children(layer.get_children())


# --- the one undo step -------------------------------------------------------------------------------------


class Made(NamedTuple):
    """A layer to be put in: its final name and what its parasite says."""

    layer: Any
    name: str
    record: bytes


def put_in(image, results, group_name):
    """Put the finished layers in, as one undo step. results: [(source layer, [Made, ...] upwards)]."""
    image.undo_group_start()
    try:
        return [made for above, layers in results for made in _put_in_one(image, above, layers, group_name)]
    finally:
        image.undo_group_end()
        Gimp.displays_flush()


def _put_in_one(image, above, made, group_name):
    parent, position = _place(image, above)
    if len(made) > 1:
        group = Gimp.GroupLayer.new(image, group_name)
        image.insert_layer(group, parent, position)
        parent, position = group, 0
    for one in made:
        one.layer.set_name(one.name)
        one.layer.set_visible(one is made[-1])
        one.layer.attach_parasite(_parasite(one.record))
        image.insert_layer(one.layer, parent, position)
    image.attach_parasite(_parasite(made[-1].record))
    return [one.layer for one in made]


def _place(image, above):
    """Where a result goes: right above its source, or on top when that is gone."""
    if above.is_valid() and stands_in(above, image):
        return above.get_parent(), image.get_item_position(above)
    return None, 0


def _parasite(data):
    return Gimp.Parasite.new(records.PARASITE, Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE, list(data))


def recorded(thing) -> Optional[Any]:
    """The parameters that a layer or an image remembers, or None."""
    parasite = thing.get_parasite(records.PARASITE)
    return None if parasite is None else records.unpack(bytes(parasite.get_data()))
