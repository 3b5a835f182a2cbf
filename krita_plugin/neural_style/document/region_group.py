"""A result as a group: for each region a layer with the whole result, and a mask that shows its region alone."""

from typing import Any, List, NamedTuple, Sequence

from krita import Selection

from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from ..qt import QByteArray
from .open_documents import Area
from .pixels import bands


class Part(NamedTuple):
    """A layer of the group: its name, and its mask, one byte for each pixel of the result."""

    name: str
    weights: bytes


def new_group(document: Any, name: str, parts: Sequence[Part], area: Area) -> Task:
    """Task for the group, not yet in the document, and its layers, which have masks and no pixels yet. `parts` from the
    lowest.

    All is there when the group is added, so that undo takes it away in one step.
    """
    group = document.createGroupLayer(name)
    layers = [document.createNode(part.name, "paintlayer") for part in parts]
    group.setChildNodes(layers)
    for layer, part in zip(layers, parts):
        mask = document.createTransparencyMask(tr("Mask of {}", part.name))
        chosen = Selection()
        for top, rows, _ in bands(area.width, area.height):
            weights = part.weights[top * area.width : (top + rows) * area.width]
            chosen.setPixelData(QByteArray(weights), area.x, area.y + top, area.width, rows)
            yield
        mask.setSelection(chosen)
        layer.addChildNode(mask, None)
        yield
    return group, layers


def layers_of(node: Any) -> List[Any]:
    """What a frame is written to: a layer itself, or the layers of a group that have masks. Others in it are the
    painter's own."""
    if node.type() != "grouplayer":
        return [node]
    return [one for one in node.childNodes() if one.type() == "paintlayer" and _is_masked(one)]


def _is_masked(layer: Any) -> bool:
    return any(child.type() == "transparencymask" for child in layer.childNodes())
