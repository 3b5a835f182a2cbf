"""Layers and masks by a lasting id: the one that a job starts from, and those that mark its regions.

A colour label marks what all layers and masks mark that wear it.
"""

from typing import Any, List, NamedTuple, Sequence

from ..neural_style_client.errors import PainterError
from ..neural_style_client.masks import largest, weights_of
from ..neural_style_client.regions import COLOUR_LABELS, LABEL, Region
from ..neural_style_client.tasks import Task
from ..neural_style_client.translations import tr
from .open_documents import Area, all_nodes
from .pixels import bands
from .source import NOT_A_PICTURE, pieces_of

MASKS = ("selectionmask", "transparencymask")
WITHOUT_PIXELS = (*NOT_A_PICTURE, "filterlayer")


class Mark(NamedTuple):
    """What the painter can choose: a layer's or mask's lasting id, and its name as it is shown."""

    identity: str
    name: str


def layers(document: Any) -> List[Mark]:
    """All that have pixels, from the top."""
    return [Mark(_id(node), node.name()) for node in _nodes(document) if node.type() not in WITHOUT_PIXELS]


def markers(document: Any) -> List[Mark]:
    """All that can mark a region, from the top; a mask is shown with its layer's name. Last the colour labels."""
    found, labels = [], set()
    for node in _nodes(document):
        if _can_mark(node):
            labels.add(node.colorLabel())
        if node.type() in MASKS:
            parent = node.parentNode()
            above = parent.name() if parent is not None and parent.parentNode() is not None else ""
            found.append(Mark(_id(node), "{} – {}".format(node.name(), above) if above else node.name()))
        elif node.type() not in WITHOUT_PIXELS:
            found.append(Mark(_id(node), node.name()))
    return found + [Mark(LABEL + str(at), tr(words)) for at, words in enumerate(COLOUR_LABELS, 1) if at in labels]


def find_start(document: Any, identity: str, name: str) -> Any:
    """The layer to start from: that very one, else one of its name. Raises PainterError."""
    node = _find(document, identity, name)
    if node is None and not identity and not name:
        raise PainterError(tr("Choose the layer to start from, or another start image."))
    if node is None:
        raise PainterError(tr("The layer “{}” to start from is not in this picture. Choose another.", name))
    return node


def find_marker(document: Any, region: Region) -> List[Any]:
    """The layer or mask that marks a region, or all with a colour label. Raises PainterError where it is gone."""
    if region.mark.startswith(LABEL):
        nodes = [node for node in _nodes(document) if _can_mark(node) and LABEL + str(node.colorLabel()) == region.mark]
    else:
        nodes = [node for node in (_find(document, region.mark, region.layer),) if node is not None]
    if not nodes:
        raise PainterError(
            tr("“{}”, which marks a region, is not in this picture. Choose another, or take it away.", region.layer)
        )
    return nodes


def weights(document: Any, nodes: Sequence[Any], area: Area) -> Task:
    """Task for what layers and masks mark of a rectangle, one byte for each pixel. Hidden ones mark, too."""
    found: List[bytes] = []
    for node in nodes:
        found.append((yield from _weights(document, node, area)))
    return largest(found)


def _weights(document: Any, node: Any, area: Area) -> Task:
    if node.type() in MASKS:
        chosen, found = node.selection(), []
        if chosen is None:
            return bytes(area.width * area.height)
        for top, rows, _ in bands(area.width, area.height):
            found.append(bytes(chosen.pixelData(area.x, area.y + top, area.width, rows)))
            yield
        return b"".join(found)
    return (yield from weights_of(piece.data for piece in pieces_of(document, node, area, "U8")))


def _can_mark(node: Any) -> bool:
    return node.type() in MASKS or node.type() not in WITHOUT_PIXELS


def _nodes(document: Any) -> List[Any]:
    return list(all_nodes(document.rootNode()))[::-1]


def _id(node: Any) -> str:
    return node.uniqueId().toString()


def _find(document: Any, identity: str, name: str) -> Any:
    nodes = _nodes(document)
    same = [node for node in nodes if _id(node) == identity]
    named = [node for node in nodes if name and node.name() == name]
    return next(iter(same + named), None)
