"""Parts of a picture in styles of their own. A layer, mask or channel of the painter's marks each; soft edges count.

What no region marks is painted in the job's own style; so is the rest of a region that weighs less than 100.
"""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from .api import Pixels
from .errors import PainterError
from .masks import is_empty, left_over, mask_pixels, scaled
from .style_part import WHOLE_STYLE, StylePart, job_part, part_from
from .translations import N_, tr

MOST_REGIONS = 8
WHOLE = 100
ONE, EACH = "one", "each"
RESULTS = ((ONE, N_("One layer")), (EACH, N_("A group with a layer for each region")))
"""What is made of a picture that was painted in regions."""
LABEL = "label:"
"""What a mark begins with that is a colour label: all that wear it mark the region."""
COLOUR_LABELS = (
    N_("All labelled blue"),
    N_("All labelled green"),
    N_("All labelled yellow"),
    N_("All labelled orange"),
    N_("All labelled brown"),
    N_("All labelled red"),
    N_("All labelled purple"),
    N_("All labelled grey"),
)
"""Both editors number their colours so, from 1; 0 is none."""
NO_MASK = "0" * 64
"""In the body of a forecast, which looks at no mask."""


@dataclass(frozen=True)
class Region:
    """`layer` is the name of what marks it, `mark` the editor's lasting id for that; `weight`: 1–100; `part`: what of
    the preset's style images it is painted with."""

    layer: str
    preset: str
    weight: float = WHOLE
    mark: str = ""
    part: StylePart = WHOLE_STYLE

    def __post_init__(self) -> None:
        for text in (self.layer, self.preset, self.mark):
            if not isinstance(text, str):
                raise PainterError(tr("A region's layer and style must be texts."))
        if isinstance(self.weight, bool) or not isinstance(self.weight, (int, float)) or not 1 <= self.weight <= WHOLE:
            raise PainterError(tr("A region's weight must be from {} to {}, not {!r}.", 1, WHOLE, self.weight))
        object.__setattr__(self, "part", part_from(self.part))

    @property
    def style(self) -> Dict[str, Any]:
        """As a job's region names it."""
        return dict({"preset": self.preset}, **({} if self.part.is_whole else {"style_part": job_part(self.part)}))


class MarkedRegion(NamedTuple):
    """A region whose weights, one byte for each pixel of the content, have been read."""

    region: Region
    weights: bytes


def regions_from(found: Any) -> Tuple[Region, ...]:
    """From JSON, or as they are. Raises PainterError or TypeError."""
    regions = tuple(one if isinstance(one, Region) else Region(**_known(one)) for one in found)
    if len(regions) > MOST_REGIONS:
        raise PainterError(tr("At most {} regions can be painted at a time.", MOST_REGIONS))
    return regions


def _known(found: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: found[name] for name in ("layer", "preset", "weight", "mark", "part") if name in found}


def empty_ones(marked: Sequence[MarkedRegion]) -> str:
    """What a painter is told of regions that mark nothing of the content, or ""."""
    names = ["“{}”".format(one.region.layer) for one in marked if is_empty(one.weights)]
    return tr("Nothing is marked here by {}: it was left out.", ", ".join(names)) if names else ""


def job_regions(
    body: Mapping[str, Any], marked: Sequence[MarkedRegion], width: int, height: int
) -> List[Tuple[Dict[str, Any], Pixels]]:
    """(region of a job, its mask) for each region that marks something, and for what they leave of the content, which
    the body's own preset and blend are for. Raises PainterError where nothing is left for a blend."""
    found = [(one.region.style, scaled(one.weights, one.region.weight)) for one in marked if not is_empty(one.weights)]
    if not found:
        return []
    regions: List[Tuple[Dict[str, Any], bytes]] = list(found)
    left = left_over([weights for _, weights in found])
    blend = body.get("blend")
    if not is_empty(left):
        regions.append((dict({"preset": body["preset"]}, **({"blend": blend} if blend else {})), left))
    elif blend:
        raise PainterError(tr("The regions leave nothing of the picture for the blended styles. Take those away."))
    return [(region, mask_pixels(width, height, weights)) for region, weights in regions]


def forecast_regions(body: Mapping[str, Any], regions: Sequence[Region]) -> Dict[str, Any]:
    """The body for a forecast with these regions: they count, their masks do not."""
    if not regions:
        return dict(body)
    own = {name: body[name] for name in ("preset", "blend") if name in body}
    named = [own, *({"preset": one.preset} for one in regions)]
    found = [dict(one, mask=NO_MASK) for one in named]
    return dict({name: value for name, value in body.items() if name != "blend"}, regions=found)
