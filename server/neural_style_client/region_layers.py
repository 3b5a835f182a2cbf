"""A result as a layer for each region: all have the whole result's pixels, and a mask of where their region is.

Above one another they look like the one layer. The lowest has what the regions leave; its mask is hard, so that nothing
shines through the soft edges above it.
"""

import re
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from .masks import is_empty, left_over, pieces, scaled
from .regions import MarkedRegion, Region

_SOME_OR_NOTHING = bytes([0] + [255] * 255)
_TRANSLUCENT = re.compile(rb"[\x01-\xfe]+")


class RegionLayer(NamedTuple):
    """`region` is None for what the regions leave. `weights`: the mask, one byte for each pixel."""

    region: Optional[Region]
    weights: bytes


def region_layers(marked: Sequence[MarkedRegion], alpha: bytes) -> List[RegionLayer]:
    """From the lowest; none where there would be only one. `alpha` is the result's, one byte for each pixel."""
    named = [one for one in marked if not is_empty(one.weights)]
    if not named:
        return []
    weights = [scaled(one.weights, one.region.weight) for one in named]
    weights.append(left_over(weights).translate(_SOME_OR_NOTHING))
    regions: List[Optional[Region]] = [*(one.region for one in named), None]
    found = [RegionLayer(region, one) for region, one in zip(regions, _let_through(weights, alpha))]
    if is_empty(found[-1].weights):
        found.pop()
    return found[::-1] if len(found) > 1 else []


def _let_through(weights: Sequence[bytes], alpha: bytes) -> Sequence[bytes]:
    """Translucent layers above one another hide more than one of them does. There the masks, from the top, are lowered
    until all of them together hide as much as the result."""
    found, known = [bytearray(one) for one in weights], _Lowered()
    for piece in pieces(len(alpha)):
        for run in _TRANSLUCENT.finditer(alpha, piece.start, piece.stop):
            span = slice(*run.span())
            columns = zip(alpha[span], *(one[span] for one in weights))
            for one, lowered in zip(found, zip(*map(known.__getitem__, columns))):
                one[span] = bytes(lowered)
    return [bytes(one) for one in found]


class _Lowered(Dict[Any, Any]):
    """What becomes of (alpha, weight, weight, …), remembered: few of them are different."""

    def __missing__(self, column: Sequence[int]) -> Sequence[int]:
        self[column] = found = _lowered(column[0] / 255, column[1:])
        return found


def _lowered(alpha: float, weights: Sequence[int]) -> Sequence[int]:
    through, found = 1.0, []
    for weight in weights:
        most = (1 - (1 - alpha) / through) / alpha
        found.append(min(weight, max(0, round(255 * most))))
        through *= 1 - alpha * found[-1] / 255
    return found
