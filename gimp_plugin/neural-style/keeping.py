"""Which frames become layers of their own: "" (none), "every 50" or "100, 300, 3300"."""

import re

from complaints import PainterError

MOST_FRAMES = 100
CLOSE_ENOUGH = 10
"""Frames so few iterations apart are enough to look at."""
_ADVICE = "Write iterations such as “100, 300” or “every 50”, or leave it empty."


def parse(text):
    """The text as the `frames` of a job: {}, {"every": N} or {"at": [N, ...]}."""
    text = text.strip().lower()
    if not text or text == "none":
        return {}
    every = re.fullmatch(r"every[ :]*(\d+)", text)
    if every:
        return {"every": _positive(every.group(1))}
    numbers = sorted({_positive(word) for word in re.split(r"[,; ]+", text) if word})
    if len(numbers) > MOST_FRAMES:
        raise PainterError(f"More than {MOST_FRAMES} kept frames would fill the image. {_ADVICE}")
    return {"at": numbers}


def frames(text, live):
    """The `frames` of a job, with some more to look at while it is painted, ever further apart.

    The daemon takes either chosen iterations or a rhythm in seconds, and it stores every chosen frame.
    """
    wanted = parse(text)
    if not wanted or not live:
        return wanted
    if "every" in wanted:
        step = wanted["every"]
        if step <= CLOSE_ENOUGH:
            return wanted
        wanted = {"at": [step * count for count in range(1, MOST_FRAMES + 1)]}
    return {"at": sorted({*wanted["at"], *_growing(wanted["at"][-1])})}


def _growing(last):
    found, at = [], 1
    while at < last:
        found.append(at)
        at = max(at + 3, at * 3 // 2)
    return found


def wants(text, iteration):
    """Whether the frame of that iteration is to be kept."""
    frames = parse(text)
    if "every" in frames:
        return iteration > 0 and iteration % frames["every"] == 0
    return iteration in frames.get("at", ())


def _positive(word):
    if not word.isdigit() or int(word) < 1:
        raise PainterError(f"“{word}” is not an iteration to keep a frame at. {_ADVICE}")
    return int(word)
