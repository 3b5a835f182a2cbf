"""The method's settings (`Method`) and the painter's controls (`Controls`): every default lives here, once.

A preset gives both; a job may override both. `apply_controls` turns the painter's words into the expert's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from ..errors import MethodError
from .layers import LAYERS, PADDINGS, POOLINGS

LOSSES = ("gram", "balanced", "wasserstein")
STARTS = ("content", "noise", "mix", "style", "image")
OPTIMISERS = ("adam", "lbfgs")
SCHEDULES = ("constant", "cosine")
QUALITIES = ("draft", "standard", "fine")
COLOUR_METHODS = ("chroma", "luminance", "match", "histogram")

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYERS = ("relu4_2",)

MOST_ITERATIONS = 20_000
"""Of a job, and of each extension."""

QUALITY_ITERATIONS = {"draft": 0.2, "standard": 1.0, "fine": 2.5}
"""What each quality level multiplies a preset's iterations by."""


def _choice(default: str, values: tuple[str, ...], what: str) -> Any:
    return field(default=default, metadata={"choices": values, "what": what})


def _number(default: float, low: float, high: float, what: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "what": what})


def _whole(default: int, low: int, high: int, what: str) -> Any:
    return field(default=default, metadata={"low": low, "high": high, "what": what, "whole": True})


def _layers(names: tuple[str, ...], what: str) -> Any:
    return field(default_factory=lambda: dict.fromkeys(names, 1.0), metadata={"layers": True, "what": what})


def _switch(default: bool, what: str) -> Any:
    return field(default=default, metadata={"switch": True, "what": what})


@dataclass(frozen=True)
class Method:
    """How a picture is optimised. Weights are dimensionless, learning rates are in 0–255 pixel units.

    loss: "gram" is Gatys et al. 2016 as written; "balanced" divides each layer's term by the square of its
    target's norm, so that all layers count alike; "wasserstein" is the squared 2-Wasserstein distance between
    Gaussians with the layers' means and covariances. The last two measure content relative to its own norm.
    """

    quality: str = _choice("standard", QUALITIES, "how many iterations: draft 0.2, standard 1, fine 2.5 times as many")
    loss: str = _choice("balanced", LOSSES, "how feature statistics are compared")
    content_layers: Mapping[str, float] = _layers(CONTENT_LAYERS, "layer: weight of the content term")
    style_layers: Mapping[str, float] = _layers(STYLE_LAYERS, "layer: weight w_l of the style term")
    content_weight: float = _number(0.075, 0, 1e12, "α, the weight of the content term")
    style_weight: float = _number(1.0, 0, 1e12, "β, the weight of the style term")
    tv_weight: float = _number(0.6, 0, 1e12, "γ, the weight of the total variation, which suppresses specks")
    start: str = _choice("content", STARTS, "the start image; 'image' is the job's own `init`")
    start_noise: float = _number(0.6, 0, 1, "share of noise in the start image 'mix'")
    start_colours: float = _number(1.0, 0, 1, "how far the start image takes the style's colour mean and covariance")
    optimiser: str = _choice("adam", OPTIMISERS, "how the image is stepped")
    learning_rate: float = _number(8.0, 1e-3, 255, "step of the optimiser, in 0–255 pixel units")
    beta1: float = _number(0.6, 0, 0.999, "how long Adam remembers gradients; long overshoots within few iterations")
    beta2: float = _number(0.6, 0, 0.9999, "how long Adam remembers squared gradients; short forgets the first steps")
    schedule: str = _choice("cosine", SCHEDULES, "how the learning rate falls within a scale")
    iterations: int = _whole(44, 1, MOST_ITERATIONS, "iterations of all scales together, at standard quality")
    scales: int = _whole(3, 1, 6, "levels of the coarse-to-fine pyramid, each half the size of the next")
    detail_injection: float = _number(1.0, 0, 1, "content detail added again where a finer scale starts")
    average: int = _whole(0, 0, 200, "how many of the last iterates the result is the mean of")
    plateau: float = _number(
        0.0, 0, 1, "a scale ends when ten iterations lower the loss by less than this share; 0 never"
    )
    pooling: str = _choice("max", POOLINGS, "how the network halves its feature maps")
    padding: str = _choice("replicate", PADDINGS, "what stands beyond the edge of the canvas")
    seamless: bool = _switch(False, "opposite edges are joined, so that the picture tiles")
    style_scale: float = _number(1.0, 0.05, 8, "long side of the style image as a share of the content's")
    colour_method: str = _choice("chroma", COLOUR_METHODS, "how the content's own colours are kept")
    colour: float = _number(0.0, 0, 1, "how much of the content's own colours stays")
    boldness: float = _number(1.0, 0.25, 4, "what the style's saturation and contrast are multiplied by")
    less_white: float = _number(0.0, 0, 1, "how far the style's lightest tones are brought down")
    seed: int = _whole(0, 0, 2**63 - 1, "seed of everything random; the same seed gives the same picture")

    def __post_init__(self) -> None:
        _check(self)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], base: Method | None = None) -> Method:
        """`base` (or the defaults) changed by `mapping`. Raises MethodError naming the key and what would be right."""
        _known(mapping, cls, "method")
        return replace(base or cls(), **mapping)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, YAML and the job's record."""
        return {
            **asdict(self),
            "content_layers": dict(self.content_layers),
            "style_layers": dict(self.style_layers),
        }

    @property
    def total_iterations(self) -> int:
        """Iterations of all scales at this method's quality."""
        return max(1, round(self.iterations * QUALITY_ITERATIONS[self.quality]))


@dataclass(frozen=True)
class Controls:
    """The painter's words. Ranges are 0–100 but for `brush_size`, in percent of the preset's own strokes."""

    strength: float = _number(50.0, 0, 100, "how much of the style; 0 leaves the picture as it is")
    brush_size: float = _number(100.0, 25, 400, "size of strokes, in percent of the preset's own")
    colour: float = _number(0.0, 0, 100, "0 the style's colours, 50 mixed, 100 mine")
    detail: float = _number(50.0, 0, 100, "how much of the subject stays")
    smoothness: float = _number(30.0, 0, 100, "0 rough, 100 smooth")
    boldness: float = _number(50.0, 0, 100, "saturation and contrast of the style's colours; 50 as they are")
    less_white: float = _number(0.0, 0, 100, "how far the lightest tones are brought down")

    def __post_init__(self) -> None:
        if isinstance(self.colour, str) and self.colour in COLOUR_WORDS:
            object.__setattr__(self, "colour", COLOUR_WORDS[self.colour])
        _check(self)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any], base: Controls | None = None) -> Controls:
        """`base` (or the defaults) changed by `mapping`. Raises MethodError naming the key and what would be right."""
        _known(mapping, cls, "controls")
        return replace(base or cls(), **mapping)

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


COLOUR_WORDS = {"style": 0.0, "mixed": 50.0, "mine": 100.0}


def apply_controls(method: Method, controls: Controls) -> Method:
    """The method that the painter's controls make of a preset's own.

    strength s: β · (s/50)³, so that 50 is the preset's own and 0 is none;
    detail d: α · 16^((d−50)/50); smoothness m: total variation · (m/30)²; brush_size b: style scale · b/100;
    boldness c: 2^((c−50)/50); colour and less_white: as shares. Each is monotonic in what it is named after.
    """
    default = Controls()
    moved = {
        "style_weight": method.style_weight * (controls.strength / default.strength) ** 3,
        "content_weight": method.content_weight * 16 ** ((controls.detail - default.detail) / 50),
        "tv_weight": method.tv_weight * (controls.smoothness / default.smoothness) ** 2,
        "style_scale": method.style_scale * controls.brush_size / 100,
        "boldness": method.boldness * 2 ** ((controls.boldness - default.boldness) / 50),
        "colour": max(method.colour, controls.colour / 100),
        "less_white": max(method.less_white, controls.less_white / 100),
    }
    allowed: dict[str, Any] = {key: _within(key, value) for key, value in moved.items()}
    return replace(method, **allowed)


def describe(cls: type) -> dict[str, dict[str, Any]]:
    """Each key of `Method` or `Controls` with its default, meaning and range; feeds docs and the OpenAPI document."""
    return {item.name: {**item.metadata, "default": getattr(cls(), item.name)} for item in fields(cls)}


def _within(key: str, value: float) -> float:
    """The nearest value that `Method` allows: a preset near an end and a control near its own may go beyond."""
    rule = Method.__dataclass_fields__[key].metadata
    return min(float(rule["high"]), max(float(rule["low"]), value))


def _shown(value: object) -> str:
    """A value as an error message quotes it: never long, whatever was sent."""
    try:
        text = repr(value)
    except ValueError:  # Python refuses to write integers of more than 4300 digits
        return "a number too long to show"
    return text if len(text) <= 80 else text[:79] + "…"


def _known(mapping: Mapping[str, Any], cls: type, where: str) -> None:
    if not isinstance(mapping, Mapping):
        raise MethodError(f"{where} must be a mapping of names to values, got {type(mapping).__name__}.")
    names = [item.name for item in fields(cls)]
    for key in mapping:
        if key not in names:
            near = get_close_matches(key, names, 1) if isinstance(key, str) else []
            meant = f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(names)}."
            raise MethodError(f"{where}: unknown key {_shown(key)}{meant}")


def _check(record: Any) -> None:
    for item in fields(record):
        value, rule = getattr(record, item.name), item.metadata
        if "choices" in rule and (not isinstance(value, str) or value not in rule["choices"]):
            raise MethodError(f"{item.name} must be one of {', '.join(rule['choices'])}, got {_shown(value)}.")
        if "low" in rule:
            _check_number(item.name, value, rule)
        if rule.get("switch") and not isinstance(value, bool):
            raise MethodError(f"{item.name} must be true or false, got {_shown(value)}.")
        if rule.get("layers"):
            _check_layers(item.name, value)


def _check_number(name: str, value: Any, rule: Mapping[str, Any]) -> None:
    kind, wanted = ((int,), "a whole number") if rule.get("whole") else ((int, float), "a number")
    ok = isinstance(value, kind) and not isinstance(value, bool) and value == value
    if not ok or not rule["low"] <= value <= rule["high"]:
        raise MethodError(f"{name} must be {wanted} from {rule['low']:g} to {rule['high']:g}, got {_shown(value)}.")


def _check_layers(name: str, layers: Any) -> None:
    if not isinstance(layers, Mapping) or not layers:
        raise MethodError(f"{name} must map layers to weights, such as {{relu4_1: 1.0}}, got {_shown(layers)}.")
    for layer, weight in layers.items():
        if layer not in LAYERS:
            raise MethodError(f"{name}: VGG-19 has no layer {_shown(layer)}; it has {', '.join(LAYERS)}.")
        _check_number(f"{name}.{layer}", weight, {"low": 0, "high": 1e6})
