"""Timecodes (SMPTE 12M): the hour, minute, second and number that each frame of a recording has, as cutters name it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_CODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")


def timecode_of(source: Any) -> str | None:
    """What a video file says of its first frame."""
    streams = [*source.streams.video, *source.streams.data]
    for metadata in [*(stream.metadata for stream in streams), source.metadata]:
        for key, text in metadata.items():
            if is_timecode(key):
                return str(text)
    return None


def is_timecode(key: str) -> bool:
    """Whether this is what a file calls it."""
    return key.lower() == "timecode"


def later(code: str, frames: int, rate: Fraction) -> str | None:
    """The code so many frames later; None where it is none at this rate, in frames per second. With `;` before the
    frame the first numbers of a minute are dropped, but for each tenth, so that 29.97 frames make a second."""
    found, base = _CODE.fullmatch(code), round(rate)
    if found is None or base < 1:
        return None
    hours, minutes, seconds, frame = (int(found[place]) for place in (1, 2, 3, 5))
    if hours > 23 or minutes > 59 or seconds > 59 or frame >= base or (found[4] != ":" and base % 30):
        return None
    dropped = 0 if found[4] == ":" else base // 15
    minute, ten_minutes = 60 * base - dropped, 600 * base - 9 * dropped
    passed = 60 * hours + minutes
    count = (60 * passed + seconds) * base + frame - dropped * (passed - passed // 10) + frames
    tens, rest = divmod(count % (144 * ten_minutes), ten_minutes)
    name = tens * 600 * base + rest + dropped * max(0, (rest - dropped) // minute)
    (passed, frame), mark = divmod(name, base), found[4]
    return f"{passed // 3600:02}:{passed // 60 % 60:02}:{passed % 60:02}{mark}{frame:02}"
