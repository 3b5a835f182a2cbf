"""The method's settings (`Method`) and the painter's controls (`Controls`): every default lives here, once.

A preset gives both; a job may override both. `apply_controls` applies the controls to a method. Both are
plain dataclasses whose fields carry their bounds and their meaning; `validation.py` makes of these what a preset or a
job may contain, and the tables in the docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, get_type_hints

from .layers import LAYERS, PADDINGS, POOLINGS, multiplications

LOSSES = ("neighbours", "balanced", "wasserstein", "gram")
STARTS = ("content", "noise", "mix", "style", "image")
OPTIMISERS = ("adam", "lbfgs")
SCHEDULES = ("constant", "cosine")
QUALITIES = ("draft", "standard", "fine")
COLOUR_METHODS = ("chroma", "luminance", "match", "histogram")

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYERS = ("relu4_2",)
NEIGHBOUR_LAYERS = ("relu3_1", "relu4_1")
TEXTURE_LAYERS = ("relu1_1", "relu2_1", "relu3_1")

MOST_ITERATIONS = 20_000
"""Of a job, and of each extension."""

ITERATIONS = {"neighbours": 80, "balanced": 44, "wasserstein": 44, "gram": 44}
"""How many a method has that names none, by its loss."""

ITERATIONS_MEANING = "iterations of all scales together, at standard quality; by default 80, with other losses 44"

QUALITY_ITERATIONS = {"draft": 0.2, "standard": 1.0, "fine": 2.5}
"""What each quality level multiplies a preset's iterations by."""


@dataclass(frozen=True)
class Range:
    """The least and the greatest number that a setting may be."""

    low: float
    high: float


@dataclass(frozen=True)
class OneOf:
    """The words that a setting, or a key of a mapping, may be."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class NumberWords:
    """Words that a preset or a job may give in place of some numbers."""

    numbers: Mapping[str, float]


Share = Annotated[float, Range(0, 1)]
Percent = Annotated[float, Range(0, 100)]
Weight = Annotated[float, Range(0, 1e12)]
LayerWeights = Mapping[Annotated[str, OneOf(LAYERS)], Annotated[float, Range(0, 1e6)]]
SEARCH_RANGE = 0.3
"""How far the control `detail` moves the content's share in what is looked for, either way."""

COLOUR_WORDS = {"style": 0.0, "mixed": 50.0, "mine": 100.0}


@dataclass(frozen=True)
class Method:
    """How a picture is optimised. Weights are dimensionless, learning rates are in 0–255 pixel units.

    loss: "neighbours" draws each place of the picture towards the place of the style that is most like it, with
    "balanced" statistics of `texture_layers` beside it. The others compare the statistics of `style_layers` alone:
    "gram" is Gatys et al. 2016 as written; "balanced" divides each layer's term by the square of its target's norm, so
    that all layers count alike; "wasserstein" is the squared 2-Wasserstein distance between Gaussians with the layers'
    means and covariances. All but "gram" measure content relative to its own norm.
    """

    quality: Annotated[str, OneOf(QUALITIES), "iterations times 0.2 (draft), 1 (standard) or 2.5 (fine)"] = "standard"
    loss: Annotated[str, OneOf(LOSSES), "how the picture is compared with the style"] = "neighbours"
    content_layers: Annotated[LayerWeights, "layer: weight of the content term"] = field(
        default_factory=lambda: dict.fromkeys(CONTENT_LAYERS, 1.0)
    )
    style_layers: Annotated[LayerWeights, "layer: weight w_l of the style term"] = field(
        default_factory=lambda: dict.fromkeys(STYLE_LAYERS, 1.0)
    )
    content_weight: Annotated[Weight, "α, the weight of the content term"] = 0.075
    style_weight: Annotated[Weight, "β, the weight of the style term"] = 1.0
    neighbour_layers: Annotated[LayerWeights, "layer: weight of the distance of places from their matches"] = field(
        default_factory=lambda: dict.fromkeys(NEIGHBOUR_LAYERS, 1.0)
    )
    neighbour_weight: Annotated[Weight, "weight of the matches beside the statistics"] = 0.56
    texture_layers: Annotated[LayerWeights, "layer: weight of the statistics beside the matches"] = field(
        default_factory=lambda: dict.fromkeys(TEXTURE_LAYERS, 1.17)
    )
    neighbour_colour: Annotated[Weight, "weight of the colour of the matches"] = 3.0
    search_content: Annotated[Share, "share of the content in what is looked for; the rest is the picture so far"] = 0.4
    variety: Annotated[Share, "how much a place of the style that is used often is avoided"] = 0.5
    tv_weight: Annotated[Weight, "γ, the weight of the total variation, which suppresses specks"] = 0.6
    temporal_weight: Annotated[Weight, "weight of what a frame of a film keeps of the one before it"] = 125.0
    start: Annotated[str, OneOf(STARTS), "the start image; 'image' is the job's own `init`"] = "content"
    start_noise: Annotated[Share, "share of noise in the start image 'mix'"] = 0.6
    start_colours: Annotated[Share, "how far the start image takes the style's colours"] = 1.0
    optimiser: Annotated[str, OneOf(OPTIMISERS), "how the image is stepped"] = "adam"
    learning_rate: Annotated[float, Range(1e-3, 255), "step of the optimiser, in 0–255 pixel units"] = 8.0
    beta1: Annotated[float, Range(0, 0.999), "Adam's memory of gradients; long overshoots within few iterations"] = 0.6
    beta2: Annotated[float, Range(0, 0.9999), "Adam's memory of squared gradients; short forgets the first steps"] = 0.6
    schedule: Annotated[str, OneOf(SCHEDULES), "how the learning rate falls within a scale"] = "cosine"
    iterations: Annotated[int, Range(1, MOST_ITERATIONS), ITERATIONS_MEANING] = 0
    scales: Annotated[int, Range(1, 6), "levels of the coarse-to-fine pyramid, each about half the next one's size"] = 4
    detail_injection: Annotated[Share, "content detail added again where a finer scale starts"] = 1.0
    average: Annotated[int, Range(0, 200), "how many of the last iterates the result is the mean of"] = 0
    plateau: Annotated[Share, "a scale ends when ten iterations lower the loss by less than this share; 0 never"] = 0.0
    pooling: Annotated[str, OneOf(POOLINGS), "how the network halves its feature maps"] = "max"
    padding: Annotated[str, OneOf(PADDINGS), "what stands beyond the edge of the canvas"] = "replicate"
    seamless: Annotated[bool, "opposite edges are joined, so that the picture tiles"] = False
    style_scale: Annotated[float, Range(0.05, 8), "long side of the style image as a share of the content's"] = 1.0
    colour_method: Annotated[str, OneOf(COLOUR_METHODS), "how the content's own colours are kept"] = "chroma"
    colour: Annotated[Share, "how much of the content's own colours stays"] = 0.0
    boldness: Annotated[float, Range(0.25, 4), "what the style's saturation and contrast are multiplied by"] = 1.0
    less_white: Annotated[Share, "how far the style's lightest tones are brought down"] = 0.0
    seed: Annotated[int, Range(0, 2**63 - 1), "seed of everything random; the same seed gives the same picture"] = 0

    def __post_init__(self) -> None:
        if self.iterations == 0:
            object.__setattr__(self, "iterations", ITERATIONS.get(self.loss, 1))
        _check(self)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, YAML and the job's record."""
        return _values(self)

    @property
    def statistics(self) -> Mapping[str, float]:
        """Layer: weight of the statistics that this method's loss compares."""
        return self.texture_layers if self.loss == "neighbours" else self.style_layers

    @property
    def matches(self) -> dict[str, float]:
        """Layer: weight of the distance of places from their matches; none where the loss has none."""
        if self.loss != "neighbours" or self.style_weight == 0 or self.neighbour_weight == 0:
            return {}
        return {name: weight for name, weight in self.neighbour_layers.items() if weight > 0}

    @property
    def work(self) -> float:
        """What an iteration costs, relative to that of a method with the default layers."""
        usual = multiplications([*TEXTURE_LAYERS, *CONTENT_LAYERS, *NEIGHBOUR_LAYERS])
        return multiplications([*self.statistics, *self.content_layers, *self.matches]) / usual

    @property
    def total_iterations(self) -> int:
        """Iterations of all scales at this method's quality."""
        return max(1, round(self.iterations * QUALITY_ITERATIONS[self.quality]))


@dataclass(frozen=True)
class Controls:
    """The painter's settings. Ranges are 0–100 but for `brush_size`, in percent of the preset's own strokes."""

    strength: Annotated[Percent, "how much of the style; 0 leaves the picture as it is"] = 50.0
    brush_size: Annotated[float, Range(25, 400), "size of strokes, in percent of the preset's own"] = 100.0
    colour: Annotated[Percent, NumberWords(COLOUR_WORDS), "0 the style's colours, 50 mixed, 100 mine"] = 0.0
    detail: Annotated[Percent, "how much of the subject stays"] = 50.0
    smoothness: Annotated[Percent, "0 rough, 100 smooth"] = 30.0
    boldness: Annotated[Percent, "saturation and contrast of the style's colours; 50 as they are"] = 50.0
    less_white: Annotated[Percent, "how far the lightest tones are brought down"] = 0.0

    def __post_init__(self) -> None:
        words: Mapping[Any, float] = COLOUR_WORDS
        object.__setattr__(self, "colour", words.get(self.colour, self.colour))
        _check(self)

    def as_dict(self) -> dict[str, float]:
        return _values(self)


def apply_controls(method: Method, controls: Controls) -> Method:
    """The method that the painter's controls make of a preset's own.

    strength s: β · (s/50)³, so that 50 is the preset's own and 0 is none;
    detail d: α · 16^((d−50)/50), and with the loss "neighbours" the content's share in the search ± 0.3, and one scale
    less or more towards either end;
    smoothness m: total variation · (m/30)²; brush_size b: style scale · b/100;
    boldness c: 2^((c−50)/50); colour and less_white: as shares. Each is monotonic in what it is named after.
    """
    default = Controls()
    detail = (controls.detail - default.detail) / 50
    moved = {
        "style_weight": method.style_weight * (controls.strength / default.strength) ** 3,
        "content_weight": method.content_weight * 16**detail,
        "search_content": method.search_content + SEARCH_RANGE * detail,
        "tv_weight": method.tv_weight * (controls.smoothness / default.smoothness) ** 2,
        "style_scale": method.style_scale * controls.brush_size / 100,
        "boldness": method.boldness * 2 ** ((controls.boldness - default.boldness) / 50),
        "colour": max(method.colour, controls.colour / 100),
        "less_white": max(method.less_white, controls.less_white / 100),
    }
    # what is matched at a coarse scale takes a large form
    fewer = round(detail) if method.loss == "neighbours" else 0
    scales = int(_within("scales", method.scales - fewer))
    allowed: dict[str, Any] = {key: _within(key, value) for key, value in moved.items()}
    return replace(method, scales=scales, **allowed)


def _within(key: str, value: float) -> float:
    """The nearest value that `Method` allows: a preset near an end and a control near its own may go beyond."""
    (limits,) = (marker for marker in _markers(Method)[key] if isinstance(marker, Range))
    return min(float(limits.high), max(float(limits.low), value))


def _values(record: Method | Controls) -> dict[str, Any]:
    """A record's fields, mappings as plain dictionaries."""
    cls: type = type(record)
    found = {name: getattr(record, name) for name in _markers(cls)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in found.items()}


@cache
def _markers(cls: type) -> dict[str, tuple[Any, ...]]:
    """What stands beside each field's type: bounds, choices and meaning."""
    return {name: hint.__metadata__ for name, hint in get_type_hints(cls, include_extras=True).items()}


def _check(record: Any) -> None:
    """For whoever uses the engine alone. Raises ValueError where a number or a word is not among those allowed."""
    cls: type = type(record)
    for name, markers in _markers(cls).items():
        value = getattr(record, name)
        for marker in markers:
            if isinstance(marker, Range) and not marker.low <= value <= marker.high:
                raise ValueError(f"{name} must be from {marker.low:g} to {marker.high:g}, got {value!r:.80}")
            if isinstance(marker, OneOf) and value not in marker.values:
                raise ValueError(f"{name} must be one of {', '.join(marker.values)}, got {value!r:.80}")
