"""`--preset A --then 40:B`: which presets a frame is painted with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InvalidRequest

FADE = 12
"""Frames over which a preset fades into the next, unless `--fade` says another number."""

_THEN = re.compile(r"(\d{1,9}):(.+)")


@dataclass(frozen=True)
class Schedule:
    """`presets` with the frames that they begin at, in order; each fades in over `fade` frames."""

    presets: Sequence[tuple[int, str]]
    fade: int = FADE

    def at(self, number: int) -> dict[str, Any]:
        """What is asked for in addition for frame `number`; nothing where the first preset stands alone."""
        place = max((i for i, (begin, _) in enumerate(self.presets) if begin <= number), default=0)
        begin, name = self.presets[place]
        share = (number - begin + 1) / (self.fade + 1)
        if place == 0:
            return {}
        if share >= 1:
            return {"preset": name, "blend": []}
        before = self.presets[place - 1][1]
        if share < 0.5:
            return {"preset": before, "blend": [{"preset": name, "weight": share / (1 - share)}]}
        return {"preset": name, "blend": [{"preset": before, "weight": (1 - share) / share}]}


def parse_schedule(first: str, then: Sequence[str], fade: int, *, blended: bool) -> Schedule:
    """Raises InvalidRequest."""
    found = [(0, first)]
    for word in then:
        parts = _THEN.fullmatch(word)
        if parts is None:
            raise InvalidRequest(f"--then {word!r} is no FRAME:NAME.", hint="For example --then 40:mosaic.")
        begin, name = int(parts[1]), parts[2]
        if begin <= found[-1][0]:
            raise InvalidRequest("--then needs frames in ascending order.", hint="Give the earlier one first.")
        if name == found[-1][1]:
            raise InvalidRequest(f"--then {word} names the preset that is there already.", hint="Leave it out.")
        found.append((begin, name))
    if len(found) > 1 and blended:
        raise InvalidRequest("--then and --blend do not go together.", hint="Blend in a preset of your own first.")
    return Schedule(tuple(found), fade)
