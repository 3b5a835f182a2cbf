"""What a painter can choose for one job, checked, and written as the body that the daemon is asked for.

One immutable record travels from dialog, docker or PDB to the job's body, the layer's parasite, the history and the
saved settings. Zero, -1, an empty text or a missing control means "as the preset says".
"""

import difflib
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Dict, Iterable, List, Mapping, Sequence, Tuple

from . import kept_frames
from .blend import blended_title, check_blend, job_blend
from .controls import CONTROLS
from .errors import PainterError
from .kept_frames import MAX_ITERATIONS
from .regions import ONE, RESULTS, Region, regions_from
from .translations import N_, tr

QUALITIES = (("draft", N_("Draft")), ("standard", N_("Standard")), ("fine", N_("Fine")))
STARTS = (
    ("", N_("As the preset says")),
    ("content", N_("The layer itself")),
    ("noise", N_("Noise")),
    ("mix", N_("A mix of both")),
    ("style", N_("The style image")),
)
START_LAYER = ("image", N_("Another layer"))
"""For an editor that can send one."""
ABOVE, INSTEAD = "above", "instead"
PLACES = ((ABOVE, N_("Above the layer")), (INSTEAD, N_("In place of the layer")))
"""Where the result goes."""
SEAMLESS = (("auto", N_("With wrap-around mode")), ("on", N_("Always")), ("off", N_("Never")))
SIZES = (256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096)
FULL_SIZE = N_("Full size")
MAX_SIZE = 16384
MAX_SEED = 2**31 - 1
_WEIGHT = (-1, 1e12)
_NAMES = {"size": N_("size"), "seed": N_("seed"), "iterations": N_("iterations"),
          "content_weight": N_("content weight"), "style_weight": N_("style weight"), "tv_weight": N_("tv weight"),
          "start image": N_("start image"), "quality": N_("quality"),
          "region_result": N_("result of regions"), "place": N_("place of the result")}  # fmt: skip
"""What messages call them."""
_RANGES = {"size": (0, MAX_SIZE), "seed": (-1, MAX_SEED), "iterations": (0, MAX_ITERATIONS),
           "content_weight": _WEIGHT, "style_weight": _WEIGHT, "tv_weight": _WEIGHT}  # fmt: skip


@dataclass(frozen=True)
class Parameters:
    """One job's choices. `controls` holds only what differs from the preset; `blend` is that of `blend.py`.

    `seamless` "auto" follows the canvas, for an editor that has a wrap-around mode. `start_layer` is the name of the
    layer that a job with `start` "image" began with, `start_tattoo` GIMP's and `start_id` Krita's lasting mark of it.
    """

    preset: str = ""
    controls: Mapping[str, float] = field(default_factory=dict)
    blend: Mapping[str, float] = field(default_factory=dict)
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
    start_id: str = ""
    regions: Sequence[Region] = ()
    region_result: str = ONE
    seamless: str = "off"
    place: str = ABOVE

    def __post_init__(self) -> None:
        for name, value in self.controls.items():
            _check_control(name, value)
        check_blend(self.blend)
        object.__setattr__(self, "regions", regions_from(self.regions))
        _check_word("quality", self.quality, QUALITIES)
        _check_word("region_result", self.region_result, RESULTS)
        _check_word("start image", self.start, (*STARTS, START_LAYER))
        _check_word("seamless", self.seamless, SEAMLESS)
        _check_word("place", self.place, PLACES)
        for name, (low, high) in _RANGES.items():
            _check_range(tr(_NAMES[name]), getattr(self, name), low, high)
        for name in ("preset", "start_layer", "start_id", "keep"):
            if not isinstance(getattr(self, name), str):
                raise PainterError(tr("The {} must be a text.", name.replace("_", " ")))
        kept_frames.parse(self.keep)

    @property
    def style(self) -> str:
        """The names of its styles, as one."""
        return blended_title([self.preset, *self.blend])

    def changed(self, **changes: Any) -> "Parameters":
        return replace(self, **changes)

    def as_mapping(self) -> Dict[str, Any]:
        return dict(asdict(self), controls=dict(self.controls), blend=dict(self.blend))


def size_choices(long_side: int = MAX_SIZE) -> List[Tuple[int, str]]:
    """What a painter can choose from, with its words: what is smaller than the picture, and the picture's own size."""
    return [*((size, "{} px".format(size)) for size in SIZES if size < long_side), (0, tr(FULL_SIZE))]


def from_mapping(found: Mapping[str, Any]) -> Parameters:
    """From JSON of this or another version: what is unknown is left out. Raises PainterError for what is wrong."""
    try:
        return Parameters(**_known(found))
    except (TypeError, AttributeError) as error:
        raise PainterError(tr("The recorded style cannot be read ({}).", error)) from None


def restored(found: Any, usual: Parameters) -> Parameters:
    """From saved settings: what is missing or wrong is as in `usual`. Nobody loses the rest by one bad value."""
    known = {}
    for name, value in _known(found).items() if isinstance(found, Mapping) else ():
        try:
            usual.changed(**{name: value})
        except (PainterError, TypeError, AttributeError):
            continue
        known[name] = value
    return usual.changed(**known)


def _known(found: Mapping[str, Any]) -> Dict[str, Any]:
    """The fields of a record; version 0.1.0 wrote `seamless` as a boolean, and `keep` as a kind beside its text."""
    names = {one.name for one in fields(Parameters)}
    known = {name: value for name, value in found.items() if name in names}
    if isinstance(known.get("seamless"), bool):
        known["seamless"] = "on" if known["seamless"] else "off"
    if "keep_text" in found and known.get("keep") in ("", "every", "at"):
        known["keep"] = kept_frames.text_of(known["keep"], str(found["keep_text"]))
    return known


def job_body(parameters: Parameters, client: str, wrapped: bool = False, live: bool = True) -> Dict[str, Any]:
    """The body of `POST /v1/jobs` without its pictures, which also `POST /v1/forecast` takes.

    `client`: the name that this editor waits under; `wrapped`: whether the canvas is in wrap-around mode; `live`:
    whether somebody looks on. The daemon cancels the job when the editor goes away: nobody would take its picture.
    """
    body: Dict[str, Any] = {"preset": parameters.preset, "client": client, "on_disconnect": "cancel"}
    body["method"] = _method(parameters, wrapped)
    optional = {
        "blend": job_blend(parameters.preset, parameters.blend),
        "controls": dict(parameters.controls),
        "size": parameters.size,
        "frames": kept_frames.job_frames(parameters.keep, live),
    }
    body.update({name: value for name, value in optional.items() if value})
    if parameters.seed >= 0:
        body["seed"] = parameters.seed
    return body


def is_seamless(parameters: Parameters, wrapped: bool) -> bool:
    return parameters.seamless == "on" or (parameters.seamless == "auto" and wrapped)


def _method(parameters: Parameters, wrapped: bool) -> Dict[str, Any]:
    method: Dict[str, Any] = {"quality": parameters.quality}
    for name in ("iterations", "content_weight", "style_weight", "start"):
        if getattr(parameters, name):
            method[name] = getattr(parameters, name)
    if parameters.tv_weight >= 0:
        method["tv_weight"] = parameters.tv_weight
    if is_seamless(parameters, wrapped):
        method["seamless"] = True
    return method


def presets_of(body: Mapping[str, Any]) -> List[str]:
    """The names of all presets that a job's body asks for."""
    named = [body, *body.get("blend", ())]
    return [one["preset"] for one in named]


def check_preset(name: str, presets: Sequence[Mapping[str, Any]]) -> None:
    """Raises PainterError for a preset that is not there: never another style, and nothing is sent in vain."""
    names = sorted(preset["name"] for preset in presets)
    if name in names:
        return
    known = tr("There are: {}.", ", ".join(names) or tr("none"))
    if not name:
        raise PainterError(tr("No preset was named.") + " " + known)
    close = difflib.get_close_matches(name, names, 1)
    advice = tr("Did you mean “{}”?", close[0]) if close else known
    raise PainterError(tr("There is no preset named “{}”.", name) + " " + advice)


def _check_control(name: str, value: Any) -> None:
    for control in CONTROLS:
        if control.name == name:
            _check_range(control.plain_label.lower(), value, control.minimum, control.maximum)
            return
    raise PainterError(tr("There is no control “{}”.", name))


def _check_range(name: str, value: Any, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise PainterError(tr("The {} must be from {} to {}, not {!r}.", name, low, high, value))


def _check_word(name: str, value: Any, choices: Iterable[Any]) -> None:
    words = [word for word, _ in choices]
    if value not in words:
        known = ", ".join("“{}”".format(word) for word in words if word)
        raise PainterError(tr("The {} must be one of {}, not “{}”.", tr(_NAMES.get(name, name)), known, value))
