"""Other styles beside the first: how a slider between two of them becomes the weights of a job.

A blend is {preset: share}. The share says where the slider stands between the first style and this one: 50 is as much
of the one as of the other, 1 nearly none of this one, 99 nearly none of the first.
"""

import re
from typing import Any, Dict, Iterable, List, Mapping

from .errors import PainterError
from .translations import tr

LEAST, EVEN, MOST = 1, 50, 99
MOST_BLENDED = 2
"""A second and a third style: more of them is mud, and no painter could tell which slider does what."""


def check_blend(blend: Mapping[str, Any]) -> None:
    """Raises PainterError for a blend that no slider gives."""
    if len(blend) > MOST_BLENDED:
        raise PainterError(tr("At most {} styles can be blended with the first.", MOST_BLENDED))
    for preset, share in blend.items():
        if not isinstance(preset, str) or not preset:
            raise PainterError(tr("A style to blend has no name."))
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not LEAST <= share <= MOST:
            raise PainterError(tr("The share of “{}” must be from {} to {}, not {!r}.", preset, LEAST, MOST, share))


def job_blend(preset: str, blend: Mapping[str, float]) -> List[Dict[str, Any]]:
    """The `blend` of a job's body; the first style, `preset`, weighs 1. Raises PainterError where one is twice."""
    if preset in blend:
        raise PainterError(tr("“{}” is blended with itself. Choose another style for one of the two.", preset))
    return [{"preset": name, "weight": round(share / (100 - share), 4)} for name, share in blend.items()]


def text_of(blend: Mapping[str, float]) -> str:
    """As it is written in one line: "mosaic:30, ink-wash:50"."""
    return ", ".join("{}:{:g}".format(name, share) for name, share in blend.items())


def parse(text: str) -> Dict[str, float]:
    """`text_of` the other way round; without a share it is half and half. Raises PainterError."""
    found: Dict[str, float] = {}
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, _, share = word.partition(":")
        if share and not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", share.strip()):
            raise PainterError(tr("“{}” is no style with its share. Write for example “mosaic:30”.", word))
        found[name.strip()] = float(share or EVEN)
    check_blend(found)
    return found


def blended_title(titles: Iterable[str]) -> str:
    """What a picture in several styles is called."""
    return " + ".join(titles)
