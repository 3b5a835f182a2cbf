"""Layers and masks by a lasting id: the one that a job starts from, and those that mark its regions."""

from typing import Any, List, NamedTuple

from ..neural_style_client.errors import PainterError
from ..neural_style_client.masks import weights_of
from ..neural_style_client.regions import Region
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
    """All that can mark a region, from the top; a mask is shown with its layer's name."""
    found = []
    for node in _nodes(document):
        if node.type() in MASKS:
            parent = node.parentNode()
            above = parent.name() if parent is not None and parent.parentNode() is not None else ""
            found.append(Mark(_id(node), "{} – {}".format(node.name(), above) if above else node.name()))
        elif node.type() not in WITHOUT_PIXELS:
            found.append(Mark(_id(node), node.name()))
    return found


def find_start(document: Any, identity: str, name: str) -> Any:
    """The layer to start from: that very one, else one of its name. Raises PainterError."""
    node = _find(document, identity, name)
    if node is None and not identity and not name:
        raise PainterError(tr("Choose the layer to start from, or another start image."))
    if node is None:
        raise PainterError(tr("The layer “{}” to start from is not in this picture. Choose another.", name))
    return node


def find_marker(document: Any, region: Region) -> Any:
    """What marks a region. Raises PainterError where it is gone."""
    node = _find(document, region.mark, region.layer)
    if node is None:
        raise PainterError(
            tr("“{}”, which marks a region, is not in this picture. Choose another, or take it away.", region.layer)
        )
    return node


def weights(document: Any, node: Any, area: Area) -> Task:
    """Task for what a layer or mask marks of a rectangle, one byte for each pixel. Hidden ones mark, too."""
    if node.type() in MASKS:
        chosen, found = node.selection(), []
        if chosen is None:
            return bytes(area.width * area.height)
        for top, rows, _ in bands(area.width, area.height):
            found.append(bytes(chosen.pixelData(area.x, area.y + top, area.width, rows)))
            yield
        return b"".join(found)
    return (yield from weights_of(piece.data for piece in pieces_of(document, node, area, "U8")))


def _nodes(document: Any) -> List[Any]:
    return list(all_nodes(document.rootNode()))[::-1]


def _id(node: Any) -> str:
    return node.uniqueId().toString()


def _find(document: Any, identity: str, name: str) -> Any:
    nodes = _nodes(document)
    same = [node for node in nodes if _id(node) == identity]
    named = [node for node in nodes if name and node.name() == name]
    return next(iter(same + named), None)
