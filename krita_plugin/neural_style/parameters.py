"""What a painter can choose for one job, and the job body that the daemon is asked for.

One immutable record travels from the docker to the job's specification, the history and the settings.
Zero, -1 or an empty text means "as the preset says".
"""

import re
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from .problems import Problem
from .words import tr


class Control(NamedTuple):
    """One of the painter's sliders; `low` and `high` say what its ends mean."""

    name: str
    label: str
    minimum: int
    maximum: int
    default: int
    low: str
    high: str


CONTROLS = (
    Control("strength", "Strength", 0, 100, 60, "a hint of the style", "all style"),
    Control("brush_size", "Brush size", 25, 400, 100, "fine strokes", "broad strokes"),
    Control("colour", "Colour", 0, 100, 0, "the style's colours", "my colours"),
    Control("detail", "Detail", 0, 100, 50, "loose", "keeps my subject"),
    Control("smoothness", "Smoothness", 0, 100, 30, "grainy", "smooth"),
    Control("boldness", "Boldness", 0, 100, 50, "quiet", "bold"),
    Control("less_white", "Less white", 0, 100, 0, "paper shows", "all painted"),
)
QUALITIES = (("draft", "Draft"), ("standard", "Standard"), ("fine", "Fine"))
STARTS = (
    ("", "As the preset says"),
    ("content", "The layer itself"),
    ("noise", "Noise"),
    ("mix", "A mix of both"),
    ("style", "The style image"),
)
SEAMLESS = (("auto", "With wrap-around mode"), ("on", "Always"), ("off", "Never"))
KEEPS = (("", "Only the result"), ("every", "Every so many iterations"), ("at", "At these iterations"))
SIZES = (256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 0)
MAX_SEED = 2**31 - 1
MAX_ITERATIONS = 20000
MAX_KEPT = 40
LIVE_S = 2.0
"""How often the picture is shown as it is between two frames that are kept."""


@dataclass(frozen=True)
class Parameters:
    """The choices for one job. `controls` holds only what differs from the preset."""

    preset: str = ""
    controls: Mapping[str, int] = field(default_factory=dict)
    size: int = 768
    quality: str = "standard"
    seed: int = -1
    keep: str = ""
    keep_text: str = "100, 300"
    iterations: int = 0
    content_weight: float = 0.0
    style_weight: float = 0.0
    tv_weight: float = -1.0
    start: str = ""
    seamless: str = "auto"

    def changed(self, **changes: Any) -> "Parameters":
        return replace(self, **changes)

    def as_dict(self) -> Dict[str, Any]:
        return dict(asdict(self), controls=dict(self.controls))


def from_dict(found: Mapping[str, Any]) -> Parameters:
    """The parameters of a saved record; what is missing or of no use is as it was at first."""
    known = {}
    for one in fields(Parameters):
        if one.name in found and _fits(one.name, found[one.name]):
            known[one.name] = found[one.name]
    return Parameters(**known)


def _fits(name: str, value: Any) -> bool:
    words = {"quality": QUALITIES, "start": STARTS, "seamless": SEAMLESS, "keep": KEEPS}
    if name in words:
        return value in [word for word, _ in words[name]]
    if name == "controls":
        return isinstance(value, dict) and all(_control_fits(*pair) for pair in value.items())
    wanted = type(getattr(Parameters(), name))
    return isinstance(value, (int, float) if wanted is float else wanted) and not isinstance(value, bool)


def _control_fits(name: Any, value: Any) -> bool:
    return any(one.name == name and one.minimum <= value <= one.maximum for one in CONTROLS)


def kept_frames(parameters: Parameters) -> Optional[Dict[str, Any]]:
    """The job's `frames`, or None where only the result is wanted. Raises Problem for a text of no use."""
    if not parameters.keep:
        return None
    numbers = [int(word) for word in re.findall(r"\d+", parameters.keep_text)]
    rubbish = re.sub(r"[\d\s,;]", "", parameters.keep_text)
    if rubbish or not numbers or min(numbers) < 1 or max(numbers) > MAX_ITERATIONS:
        raise Problem(tr("“{}” is not a list of iterations. Write numbers, such as 100, 300.", parameters.keep_text))
    return {"every": numbers[0]} if parameters.keep == "every" else {"at": sorted(set(numbers))}


def kept_iterations(frames: Optional[Mapping[str, Any]], iterations: int) -> List[int]:
    """At which iterations frames will come, the last one excepted: that is the result."""
    if not frames:
        return []
    if "every" in frames:
        step = max(1, int(frames["every"]))
        wanted = list(range(step, iterations, step))
    else:
        wanted = [number for number in frames["at"] if number < iterations]
    if len(wanted) > MAX_KEPT:
        raise Problem(
            tr(
                "That would make {} layers. Keep fewer than {}: choose a larger step.",
                len(wanted),
                MAX_KEPT + 1,
            )
        )
    return wanted


def job_body(parameters: Parameters, client: str, wrapped: bool) -> Dict[str, Any]:
    """The job's body without its pictures. `wrapped` says whether the canvas is in wrap-around mode.

    The daemon cancels the job when this editor goes away: its layer would have nowhere to go.
    """
    body = {
        "preset": parameters.preset,
        "method": _method(parameters, wrapped),
        "client": client,
        "on_disconnect": "cancel",
    }  # type: Dict[str, Any]
    optional = {
        "controls": dict(parameters.controls),
        "size": parameters.size,
        "frames": _frames(parameters),
    }
    body.update({name: value for name, value in optional.items() if value})
    if parameters.seed >= 0:
        body["seed"] = parameters.seed
    return body


def _frames(parameters: Parameters) -> Optional[Dict[str, Any]]:
    kept = kept_frames(parameters)
    return dict(kept, seconds=LIVE_S) if kept else None


def is_seamless(parameters: Parameters, wrapped: bool) -> bool:
    return parameters.seamless == "on" or (parameters.seamless == "auto" and wrapped)


def _method(parameters: Parameters, wrapped: bool) -> Dict[str, Any]:
    method = {"quality": parameters.quality}  # type: Dict[str, Any]
    if parameters.iterations:
        method["iterations"] = parameters.iterations
    if parameters.start:
        method["start"] = parameters.start
    for name in ("content_weight", "style_weight"):
        if getattr(parameters, name) > 0:
            method[name] = getattr(parameters, name)
    if parameters.tv_weight >= 0:
        method["tv_weight"] = parameters.tv_weight
    if is_seamless(parameters, wrapped):
        method["seamless"] = True
    return method


def differing(values: Mapping[str, int], preset: Mapping[str, Any]) -> Dict[str, int]:
    """Those control values that are not the preset's own."""
    own = preset_controls(preset)
    return {name: value for name, value in values.items() if own.get(name) != value}


def preset_controls(preset: Mapping[str, Any]) -> Dict[str, int]:
    """The preset's own value of every control; a word for a colour counts as its number."""
    given = preset.get("controls") or {}
    words = {"style": 0, "mixed": 50, "mine": 100}
    own = {}
    for control in CONTROLS:
        value = given.get(control.name, control.default)
        value = words.get(value, control.default) if isinstance(value, str) else value
        own[control.name] = min(control.maximum, max(control.minimum, round(value)))
    return own
