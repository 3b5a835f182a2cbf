"""What a painter can choose for one run, checked, and written as the job that the daemon is asked for.

One immutable record travels from the dialog, the PDB or a layer's parasite to the daemon's job body.
Zero, an empty text or a missing control means "as the preset says".
"""

import dataclasses
import difflib
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, NamedTuple

import keeping
from complaints import PainterError


class Control(NamedTuple):
    """One of the painter's sliders. `label` has a mnemonic; `low` and `high` say what the ends mean."""

    name: str
    label: str
    minimum: int
    maximum: int
    default: int
    low: str
    high: str


CONTROLS = (
    Control("strength", "S_trength", 0, 100, 60, "a hint of the style", "all style"),
    Control("brush_size", "_Brush size", 25, 400, 100, "fine strokes", "broad strokes"),
    Control("colour", "Co_lour", 0, 100, 0, "the style's colours", "my colours"),
    Control("detail", "_Detail", 0, 100, 50, "loose", "keeps my subject"),
    Control("smoothness", "S_moothness", 0, 100, 30, "grainy", "smooth"),
    Control("boldness", "B_oldness", 0, 100, 50, "quiet", "bold"),
    Control("less_white", "Less _white", 0, 100, 0, "paper shows", "all painted"),
)
QUALITIES = (("draft", "Draft"), ("standard", "Standard"), ("fine", "Fine"))
STARTS = (
    ("", "As the preset says"),
    ("content", "The layer itself"),
    ("noise", "Noise"),
    ("mix", "A mix of both"),
    ("style", "The style image"),
    ("image", "Another layer"),
)
SIZES = (0, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
MAX_SEED = 2**31 - 1
MAX_ITERATIONS = 100000


@dataclass(frozen=True)
class Parameters:
    """One run's choices. `seed` -1 and `tv_weight` -1 mean "as the preset says", as 0 does elsewhere.

    `start_layer` and `start_tattoo` are the name and GIMP's lasting number of the layer that a run with `start`
    "image" started from, so that it can be found again.
    """

    preset: str = ""
    controls: Mapping[str, float] = field(default_factory=dict)
    size: int = 0
    quality: str = "standard"
    seed: int = -1
    keep: str = ""
    keep_on_cancel: bool = False
    iterations: int = 0
    content_weight: float = 0.0
    style_weight: float = 0.0
    tv_weight: float = -1.0
    start: str = ""
    start_layer: str = ""
    start_tattoo: int = 0
    seamless: bool = False

    def __post_init__(self):
        for name, value in self.controls.items():
            _check_control(name, value)
        _check_word("quality", self.quality, [word for word, _ in QUALITIES])
        _check_word("start image", self.start, [word for word, _ in STARTS])
        _check_range("size", self.size, 0, 16384)
        _check_range("seed", self.seed, -1, MAX_SEED)
        _check_range("iterations", self.iterations, 0, MAX_ITERATIONS)
        keeping.parse(self.keep)

    def changed(self, **changes):
        return dataclasses.replace(self, **changes)

    def as_mapping(self) -> Dict[str, Any]:
        return dict(dataclasses.asdict(self), controls=dict(self.controls))


def from_mapping(found: Mapping[str, Any]) -> Parameters:
    """From JSON of this or another version: what is unknown is left out, what is wrong is an error."""
    known = {one.name for one in dataclasses.fields(Parameters)}
    try:
        return Parameters(**{name: value for name, value in found.items() if name in known})
    except (TypeError, AttributeError) as error:
        raise PainterError(f"The recorded style cannot be read ({error}).") from None


def job(
    parameters: Parameters, content: str, mask: str = "", init: str = "", live: bool = False
) -> Dict[str, Any]:
    """The body of `POST /v1/jobs`; `content`, `mask`, `init`: image ids; `live`: wants frames to look at."""
    body = forecast_job(parameters)
    body["content"] = content
    if mask:
        body["mask"] = mask
    if init:
        body["init"] = init
    elif parameters.start == "image":
        raise PainterError("Choose the layer to start from, or another start image.")
    if parameters.keep:
        body["frames"] = keeping.frames(parameters.keep, live)
    body["on_disconnect"] = "cancel"
    return body


def forecast_job(parameters: Parameters) -> Dict[str, Any]:
    """The part of a job that decides how long it takes."""
    body = {"preset": parameters.preset, "method": _method(parameters)}  # type: Dict[str, Any]
    if parameters.controls:
        body["controls"] = dict(parameters.controls)
    if parameters.size:
        body["size"] = parameters.size
    if parameters.seed >= 0:
        body["seed"] = parameters.seed
    return body


def _method(parameters: Parameters) -> Dict[str, Any]:
    method = {"quality": parameters.quality}  # type: Dict[str, Any]
    for name in ("iterations", "content_weight", "style_weight", "start", "seamless"):
        if getattr(parameters, name):
            method[name] = getattr(parameters, name)
    if parameters.tv_weight >= 0:
        method["tv_weight"] = parameters.tv_weight
    return method


def check_preset(name: str, presets: List[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The preset of that name. An unknown one is an error, never another style."""
    names = [preset["name"] for preset in presets]
    if name in names:
        return presets[names.index(name)]
    if not name:
        raise PainterError("No preset was named. There are: {}.".format(", ".join(sorted(names)) or "none"))
    close = difflib.get_close_matches(name, names, 1)
    advice = f"Did you mean “{close[0]}”?" if close else "There are: {}.".format(", ".join(sorted(names)))
    raise PainterError(f"There is no preset named “{name}”. {advice}")


def _check_control(name, value):
    for control in CONTROLS:
        if control.name == name:
            _check_range(name.replace("_", " "), value, control.minimum, control.maximum)
            return
    raise PainterError(f"There is no control “{name}”.")


def _check_range(name, value, low, high):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise PainterError(f"The {name} must be from {low} to {high}, not {value!r}.")


def _check_word(name, value, words):
    if value not in words:
        choices = ", ".join(f"“{word}”" for word in words if word)
        raise PainterError(f"The {name} must be one of {choices}, not “{value}”.")
