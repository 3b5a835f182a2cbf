"""Which frames become layers of their own: "" (none), "every 50" or "100, 300, 3300"."""

import re

from complaints import PainterError

MOST_FRAMES = 100
LIVE_S = 2.0
"""So often comes a picture to look at."""
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
    """The `frames` of a job; `live`: with some more in between, to look at while it is painted."""
    wanted = parse(text)
    return dict(wanted, seconds=LIVE_S) if wanted and live else wanted


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
