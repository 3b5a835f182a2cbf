"""What a client may ask for: the bodies of jobs, forecasts, extensions and sheets; those of sequences are in
sequence_spec.py.

Each model checks a body, describes it in the OpenAPI document and fills the table in docs/http-api.md. Image ids are
content hashes, presets are names; nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, ConfigDict, Field, model_serializer, model_validator

from ..engine.method import MOST_ITERATIONS, QUALITIES, Controls, Method
from ..errors import InvalidRequest, MethodError
from ..field_types import Choice, Distinct, FieldsOf, ListOf, MaybeAbsent, OrNull
from ..pixels import LARGEST_SIDE
from ..validation import Model

LARGEST_SIZE = 16_384
MOST_PREVIEW_BYTES = 2 << 30
"""Large pictures have fewer live frames kept; see `most_previews`."""

MOST_CHOSEN_FRAMES = 1000
MOST_PREVIEWS = 24
"""Live frames (`seconds`) that stay on the disk for a job; chosen ones all do."""

LIVE_S = 0.3
"""Between two frames of a live job, where its client does not say."""

MOST_REGIONS, MOST_BLENDED, LARGEST_WEIGHT = 16, 3, 1000
DISCONNECTS = ("continue", "cancel")
SMALLEST_DRAFT, LARGEST_DRAFT, MOST_PRESETS = 64, 1024, 48

ImageId = Annotated[str, Field(pattern="^[0-9a-f]{64}$", title="the id of an uploaded image")]
Name = Annotated[str, Field(min_length=1, max_length=128)]
Iteration = Annotated[int, Field(ge=1, le=1_000_000)]
Side = Annotated[int, Field(json_schema_extra={"minimum": 1, "maximum": LARGEST_SIDE})]
"""Of a canvas in pixels; `pixels.check_size` has the bounds, which depend on the settings."""

SomeControls = Annotated[dict[str, Any], FieldsOf(Controls)]
SomeMethod = Annotated[dict[str, Any], FieldsOf(Method)]


class FrameSpec(Model):
    """Which frames there are: at chosen iterations or every so many, which are kept, and live ones now and then."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "not": {"required": ["every", "at"]}})

    every: MaybeAbsent[Iteration] = None
    at: Annotated[
        ListOf[Iteration],
        Field(min_length=1, max_length=MOST_CHOSEN_FRAMES),
        AfterValidator(lambda at: tuple(sorted(set(at)))),
    ] = ()
    seconds: MaybeAbsent[Annotated[float, Field(ge=0.1, le=3600)]] = None

    @model_validator(mode="after")
    def _chosen_once(self) -> FrameSpec:
        if not self.model_fields_set or (self.every and self.at):
            raise ValueError("must be {every: N}, {at: [N, …]} or {seconds: S}, where seconds may go with either")
        return self

    @model_serializer
    def as_dict(self) -> dict[str, Any]:
        """What was given."""
        given = {"every": self.every, "at": list(self.at) or None, "seconds": self.seconds}
        return {key: value for key, value in given.items() if value is not None}

    def keeps(self, iteration: int) -> bool:
        """Whether this iteration was chosen, so that its frame stays as long as the job."""
        return iteration in self.at or (self.every is not None and iteration > 0 and iteration % self.every == 0)

    def wanted(self, iteration: int, seconds_since_last: float) -> bool:
        """Whether the iteration that has just ended is to be a frame."""
        return self.keeps(iteration) or (self.seconds is not None and seconds_since_last >= self.seconds)


def most_previews(picture_bytes: int) -> int:
    """How many live frames of so many bytes stay on the disk for a job."""
    return max(2, min(MOST_PREVIEWS, MOST_PREVIEW_BYTES // max(1, picture_bytes)))


class BlendSpec(Model):
    """A preset whose style images join those of another, which weighs 1."""

    preset: Name
    weight: Annotated[float, Field(gt=0, le=LARGEST_WEIGHT)]


Blend = Annotated[ListOf[BlendSpec], Field(max_length=MOST_BLENDED)]


class StylePart(Model):
    """A rectangle of a style image, in shares of its width and height; what of it lies beyond the edges is left out."""

    left: Annotated[float, Field(ge=0, le=0.99)]
    top: Annotated[float, Field(ge=0, le=0.99)]
    width: Annotated[float, Field(ge=0.01, le=1)]
    height: Annotated[float, Field(ge=0.01, le=1)]

    def of(self, height: int, width: int) -> tuple[slice, slice]:
        """Its rows and columns of a picture; one at least."""
        return _cut(self.top, self.height, height), _cut(self.left, self.width, width)


def _cut(start: float, share: float, length: int) -> slice:
    first = min(length - 1, round(start * length))
    return slice(first, max(first + 1, round(min(1.0, start + share) * length)))


class RegionSpec(Model):
    """A style for a part of the content: `mask` on the content; `preset`, or the `style` image; what of its images
    counts, `style_mask` and `style_part`; what is blended with it."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["preset"]}, {"required": ["style"]}]})

    mask: ImageId
    preset: MaybeAbsent[Name] = None
    style: MaybeAbsent[ImageId] = None
    style_mask: MaybeAbsent[ImageId] = None
    style_part: MaybeAbsent[StylePart] = None
    blend: OrNull[Blend] = ()

    @model_validator(mode="after")
    def _one_style(self) -> RegionSpec:
        if (self.preset is None) == (self.style is None):
            raise ValueError("must have either 'preset' or 'style'")
        return self


class PaintOptions(Model):
    """What a job, a forecast and a sequence have in common."""

    errors: ClassVar[Mapping[str, type[InvalidRequest]]] = {"controls": MethodError, "method": MethodError}

    preset: Name
    """name of a preset"""

    blend: OrNull[Blend] = ()
    """up to 3 of `{preset, weight}`: presets whose style images join those of `preset`, which weighs 1. Controls and
    method stay those of `preset`"""

    controls: OrNull[SomeControls] = Field(default={})
    """[controls](presets.md#controls) that override the preset's"""

    method: OrNull[SomeMethod] = Field(default={})
    """[method keys](presets.md#method) that override the preset's"""

    size: Annotated[int, Field(ge=16, le=LARGEST_SIZE)] | None = None
    """long side of what is optimised, 16–16384; the result always has the content's own size"""

    client: OrNull[Name] = "anonymous"
    """a name such as `gimp-4711`; the worker is shared fairly between clients"""

    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None
    """the same seed gives the same picture"""


class JobOptions(PaintOptions):
    """What a job and a forecast have in common."""

    frames: OrNull[FrameSpec] = FrameSpec(seconds=2.0)
    """`{every: N}` or `{at: [N, …]}` iterations, of which all frames are kept; `{seconds: S}`, live frames, of which
    the first and the latest 23 are kept; or both, such as `{every: 50, seconds: 2}`. Default `{seconds: 2}`. A frame's
    `kept` tells the two kinds apart"""

    mask: ImageId | None = None
    """id of a picture of the content's size; its grey value times alpha counts"""

    regions: OrNull[Annotated[ListOf[RegionSpec], Field(min_length=1, max_length=MOST_REGIONS)]] = ()
    """up to 16 of `{mask, preset, blend?}` or `{mask, style, blend?}`, each with `style_mask?` and
    `style_part?` ([regions](controls.md#regions))"""

    init: ImageId | None = None
    """id of the start image; sets `method.start` to `image` unless the job names another start"""

    on_disconnect: OrNull[Annotated[str, Choice(DISCONNECTS)]] = "continue"
    """`continue`, or `cancel`: the job is cancelled when its last event stream has been closed for a second,
    or none was opened within 5 s after it was submitted, resumed, extended or finished"""


CHOSEN_FRAMES: dict[str, Any] = {"type": "object", "anyOf": [{"required": ["every"]}, {"required": ["at"]}]}


class JobSpec(JobOptions):
    """The body of `POST /v1/jobs`."""

    model_config = ConfigDict(
        json_schema_extra={
            "not": {"required": ["live", "frames"], "properties": {"live": {"const": True}, "frames": CHOSEN_FRAMES}}
        }
    )

    content: ImageId
    """id of the content image"""

    live: OrNull[bool] = False
    """whether the job goes on when it is [changed](#live), until it is finished or cancelled"""

    @model_validator(mode="after")
    def _live_frames(self) -> JobSpec:
        if self.live and (self.frames.every or self.frames.at):
            raise ValueError(
                "frames of a live job can only be {seconds: S}; its iterations begin anew with each change"
            )
        if self.live and "frames" not in self.model_fields_set:
            object.__setattr__(self, "frames", FrameSpec(seconds=LIVE_S))
        return self


class ChangeSpec(Model):
    """The body of `PATCH /v1/jobs/{id}`: what changes of a live job; the rest stays."""

    errors = JobOptions.errors
    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    content: MaybeAbsent[ImageId] = None
    mask: ImageId | None = None
    preset: MaybeAbsent[Name] = None
    blend: OrNull[Blend] = ()
    controls: OrNull[SomeControls] = Field(default={})
    method: OrNull[SomeMethod] = Field(default={})
    size: Annotated[int, Field(ge=16, le=LARGEST_SIZE)] | None = None
    regions: OrNull[Annotated[ListOf[RegionSpec], Field(min_length=1, max_length=MOST_REGIONS)]] = ()

    @model_validator(mode="after")
    def _something(self) -> ChangeSpec:
        if not self.model_fields_set:
            raise ValueError("must name something that changes")
        return self


class ForecastSpec(JobOptions):
    """The body of `POST /v1/forecast`."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["content"]}, {"required": ["width", "height"]}],
            "dependentRequired": {"width": ["height"], "height": ["width"]},
        }
    )

    content: MaybeAbsent[ImageId] = None
    width: MaybeAbsent[Side] = None
    height: MaybeAbsent[Side] = None

    @model_validator(mode="after")
    def _some_size(self) -> ForecastSpec:
        if (self.width is None) != (self.height is None) or (self.width is None and self.content is None):
            raise ValueError("give 'content', or both 'width' and 'height'.")
        return self


class ExtendSpec(Model):
    """The body of `POST /v1/jobs/{id}/extend`."""

    iterations: Annotated[int, Field(ge=1, le=MOST_ITERATIONS)]


class SheetSpec(Model):
    """The body of `POST /v1/sheets`."""

    content: ImageId
    presets: Annotated[ListOf[Name], Field(min_length=1, max_length=MOST_PRESETS), Distinct()] | None = None
    """all of them, if not given"""

    size: OrNull[Annotated[int, Field(ge=SMALLEST_DRAFT, le=LARGEST_DRAFT)]] = 256
    """long side of each picture in pixels"""

    quality: OrNull[Annotated[str, Choice(QUALITIES)]] = "draft"
