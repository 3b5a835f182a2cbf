"""Which frames become layers of their own: "" (none), "every 50" or "100, 300, 3300"."""

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .errors import PainterError
from .translations import N_, tr

NONE, EVERY, AT = "", "every", "at"
KINDS = ((NONE, N_("Only the result")), (EVERY, N_("Every so many iterations")), (AT, N_("At these iterations")))
MAX_ITERATIONS = 20000
MAX_KEPT = 100
LIVE_S = 2.0
"""How often the picture is shown as it is between two frames that are kept."""


def text_of(kind: str, words: str) -> str:
    """The text for one of KINDS and what the painter wrote beside it; of a list of steps the first counts."""
    numbers = re.split(r"[,;\s]+", words.strip())
    return {NONE: "", EVERY: "every " + numbers[0]}.get(kind, words.strip() or "?")


def kind_and_words(text: str) -> Tuple[str, str]:
    """`text_of` the other way round."""
    if not text:
        return NONE, ""
    return (EVERY, text[len(EVERY) :].strip(" :")) if text.startswith(EVERY) else (AT, text)


def parse(text: str) -> Dict[str, Any]:
    """The text as the `frames` of a job: {}, {"every": N} or {"at": [N, ...]}. Raises PainterError."""
    text = text.strip().lower()
    if not text or text == "none":
        return {}
    every = re.fullmatch(r"every[ :]*(.*)", text)
    if every:
        return {"every": _iteration(every.group(1))}
    numbers = sorted({_iteration(word) for word in re.split(r"[,;\s]+", text) if word})
    _check_count(len(numbers))
    return {"at": numbers}


def job_frames(text: str, live: bool) -> Dict[str, Any]:
    """The `frames` of a job's body; `live`: with some more in between, to look at meanwhile."""
    wanted = parse(text)
    return dict(wanted, seconds=LIVE_S) if wanted and live else wanted


def kept_iterations(frames: Optional[Mapping[str, Any]], iterations: int) -> List[int]:
    """At which iterations frames are kept, the last one excepted: that is the result. Raises PainterError."""
    if not frames:
        return []
    if "every" in frames:
        kept = list(range(int(frames["every"]), iterations, int(frames["every"])))
    else:
        kept = [number for number in frames.get("at", ()) if number < iterations]
    _check_count(len(kept))
    return kept


def _check_count(count: int) -> None:
    if count > MAX_KEPT:
        raise PainterError(
            tr("That would make {} layers. Keep at most {}: choose fewer, or a larger step.", count, MAX_KEPT)
            + " " + tr(_ADVICE)
        )  # fmt: skip


def _iteration(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", word) or not 1 <= int(word) <= MAX_ITERATIONS:
        raise PainterError(tr("“{}” is not an iteration to keep a frame at.", word) + " " + tr(_ADVICE))
    return int(word)


_ADVICE = N_("Write iterations such as “100, 300” or “every 50”, or leave it empty.")
