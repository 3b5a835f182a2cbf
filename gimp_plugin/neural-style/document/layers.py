"""Layers of an image: which can be painted, the live layer, and one undo step for the whole result.

During a run the live layer is in the image without an undo step, so that a cancelled run leaves no trace in the undo
history. In the end it is removed, and its copy is inserted in one step with all the rest.
"""

from contextlib import contextmanager
from typing import Any, NamedTuple, Optional, Sequence

from gi.repository import Gimp

from document import colour_mode, region_group
from neural_style_client.errors import PainterError
from neural_style_client.translations import tr
from run import records


def layers_of(image, drawables):
    """The layers to paint, from the top. Raises PainterError where that makes no sense."""
    if not drawables:
        raise PainterError(tr("No layer is selected. Click a layer in the Layers dialogue, then try again."))
    for drawable in drawables:
        _check_layer(image, drawable)
    return list(drawables)


def _check_layer(image, drawable):
    if not drawable.is_valid():
        raise PainterError(tr("The layer was deleted. Click another in the Layers dialogue, then try again."))
    if not isinstance(drawable, Gimp.Layer):
        raise PainterError(
            tr(
                "“{}” is a mask or a channel. Click the layer's own picture in the Layers dialogue, then try again.",
                drawable.get_name(),
            )
        )
    if not stands_in(drawable, image):
        raise PainterError(tr("The layer “{}” was deleted. Edit → Undo brings it back.", drawable.get_name()))
    if drawable.is_floating_sel():
        raise PainterError(tr("The layer is a floating selection. Anchor it (Layer → Anchor Layer), then try again."))
    parent = drawable
    while parent is not None:
        if not parent.get_visible():
            raise PainterError(_hidden(drawable, parent))
        parent = parent.get_parent()
    if not Gimp.Selection.is_empty(image) and not drawable.mask_intersect()[0]:
        raise PainterError(
            tr("The selection lies outside the layer “{}”. Move it, or choose Select → None.", drawable.get_name())
        )


def _hidden(layer, parent):
    if parent is layer:
        what = tr("The layer “{}” is hidden, so the result could not be seen.", layer.get_name())
    else:
        names = layer.get_name(), parent.get_name()
        what = tr("The layer “{}” is in the hidden group “{}”, so the result could not be seen.", *names)
    return what + " " + tr("Show it (the eye in the Layers dialogue), then try again.")


def start_layer_of(image, parameters):
    """The layer that a recorded run started from, or None: the very one, else one of its name, else renamed."""
    layers = all_layers(image)
    named = [layer for layer in layers if layer.get_name() == parameters.start_layer]
    marked = [layer for layer in layers if layer.get_tattoo() == parameters.start_tattoo]
    found = [layer for layer in marked if layer in named] or named or marked
    return found[0] if found else None


def start_layer_gone(name):
    """`name` of the layer that an earlier run started from; it may not be known."""
    if name:
        return tr("The layer “{}” that the last painting started from is not in this image.", name)
    return tr("The layer that the last painting started from is not in this image.")


def show_live(image, layer, source):
    """Insert the live layer right above its source's, without an undo step; the one that stands in the image now."""
    layer = colour_mode.fitted(layer, image)
    with _without_a_trace(image):
        image.insert_layer(layer, *_place(image, source.layer))
    Gimp.displays_flush()
    return layer


def remove_live(layer):
    """Remove a live layer without an undo step; one that is in no image is deleted."""
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


def is_in_image(layer, image):
    """As `stands_in`, for a valid layer of a valid image, without walking through all of its layers."""
    parent = layer.get_parent()
    level = image.get_layers() if parent is None else parent.get_children()
    return any(one.get_id() == layer.get_id() for one in level) and (parent is None or is_in_image(parent, image))


def all_layers(image):
    """From the top, with those in groups."""
    return list(_with_children(image.get_layers()))


def _with_children(layers):
    for layer in layers:
        yield layer
        if layer.is_group():
            yield from _with_children(layer.get_children())


class FinishedLayer(NamedTuple):
    """A layer to insert: its final name and what its parasite says. Where it has `parts`, a group of these, from the
    lowest, takes its place. `instead`: it takes that of the layer that was painted."""

    layer: Any
    name: str
    record: bytes
    parts: Sequence[Any] = ()
    instead: bool = False


def insert_results(image, results, group_name):
    """Insert the finished layers, as one undo step. results: [(Source, [FinishedLayer, ...] upwards)]."""
    image.undo_group_start()
    try:
        return [made for source, layers in results for made in _insert_one(image, source, layers, group_name)]
    finally:
        image.undo_group_end()
        Gimp.displays_flush()


def _insert_one(image, source, made, group_name):
    above, made = source.layer, [_fitted(one, image) for one in made]
    parent, position = _place(image, above)
    if len(made) > 1:
        group = Gimp.GroupLayer.new(image, group_name)
        image.insert_layer(group, parent, position)
        parent, position = group, 0
    inserted = []
    for one in made:
        layer = region_group.new_group(image, one.layer) if one.parts else one.layer
        layer.set_name(one.name)
        layer.set_visible(one is made[-1])
        layer.attach_parasite(parasite(one.record))
        image.insert_layer(layer, parent, position)
        if one.parts:
            region_group.fill(image, layer, one.layer, one.parts)
        inserted.append(layer)
    if made[-1].instead and above.is_valid() and stands_in(above, image):
        image.remove_layer(above)  # last, so that no image is ever without a layer
    _remember(image, made[-1])
    return inserted


def _fitted(one, image):
    """As the image is now."""
    layer, *parts = (colour_mode.fitted(layer, image) for layer in (one.layer, *one.parts))
    return one._replace(layer=layer, parts=parts)


def _remember(image, one):
    """The settings of the image's last result, and of those before, which outlive their layers, and undo."""
    image.attach_parasite(parasite(one.record))
    _keep_history(image, records.history_with(_history_of(image), one.name, one.record))


def star_result(image, job, wanted) -> None:
    """From now on a job's result stays in the history, however many follow, or does not any more."""
    _keep_history(image, records.history_starred(_history_of(image), job, wanted))


def history_is_full(image) -> bool:
    return records.is_full(_history_of(image))


def _keep_history(image, data):
    image.attach_parasite(Gimp.Parasite.new(records.HISTORY, Gimp.PARASITE_PERSISTENT, list(data)))


def _history_of(image):
    return _parasite_data(image, records.HISTORY)


def _place(image, above):
    """Where a result goes: right above its source, or on top when that is gone."""
    if above.is_valid() and stands_in(above, image):
        return above.get_parent(), image.get_item_position(above)
    return None, 0


def parasite(data):
    """What a layer or an image carries of how it was made: `data` is of `records.pack`."""
    return Gimp.Parasite.new(records.PARASITE, Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE, list(data))


def recorded(thing) -> Optional[Any]:
    """The parameters that the parasite of a layer or an image records, or None."""
    data = _parasite_data(thing)
    return None if data is None else records.unpack(data)


def results_of(image):
    """(layer's name, parameters) of all results in the image, from the top, then of those that are gone; those made
    with the same are one."""
    found = []
    known = [(layer.get_name(), recorded(layer)) for layer in all_layers(image)]
    for name, parameters in known + records.history(_history_of(image)):
        if parameters is not None and parameters not in [one for _, one in found]:
            found.append((name, parameters))
    return found


def returnable_results(image) -> Sequence[Any]:
    """The image's EarlierResults, the newest first. Raises PainterError where there are none."""
    found = records.returnable(_history_of(image))
    if not found:
        raise PainterError(
            tr("This image has no earlier result. Choose Filters → Neural Style → Stylize Layer… first.")
        )
    return found


def earlier_job_of(layer) -> Any:
    """The job that a layer came from. Raises PainterError where it came from none."""
    data = _parasite_data(layer)
    found = None if data is None else records.earlier_job(data)
    if found is None:
        raise PainterError(
            tr("“{}” is no result that could go on. Select a layer that Neural Style has made.", layer.get_name())
        )
    return found


def _parasite_data(thing, name=records.PARASITE):
    parasite = thing.get_parasite(name)
    return None if parasite is None else bytes(parasite.get_data())
