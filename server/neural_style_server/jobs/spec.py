"""What a client asks for (`JobSpec`), checked once, and what frames it wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import InvalidRequest

IMAGE_ID = re.compile(r"[0-9a-f]{64}")
LARGEST_SIZE = 16_384
LONGEST_TEXT = 128
MOST_PREVIEW_BYTES = 2 << 30
"""Large pictures have fewer live frames kept; see `most_previews`."""

MOST_CHOSEN_FRAMES = 1000
MOST_PREVIEWS = 24
"""Live frames (`seconds`) that stay on the disk for a job; chosen ones all do."""

MOST_REGIONS = 16
DISCONNECTS = ("continue", "cancel")
FRAME_WISHES = ({"every"}, {"at"}, {"seconds"}, {"every", "seconds"}, {"at", "seconds"})
DEFAULT_FRAMES: Mapping[str, Any] = {"seconds": 2.0}


@dataclass(frozen=True)
class FrameSpec:
    """Which frames there are: at chosen iterations or every so many, which are kept, and live ones now and then."""

    every: int | None = None
    at: tuple[int, ...] = ()
    seconds: float | None = None

    @classmethod
    def from_mapping(cls, value: Any) -> FrameSpec:
        """Raises InvalidRequest unless `every` or `at`, or `seconds`, or one of each is given, and rightly."""
        if not isinstance(value, Mapping) or set(value) not in FRAME_WISHES:
            raise InvalidRequest("frames must be {every: N}, {at: [N, …]} or {seconds: S}; seconds may go with either.")
        for key, wish in value.items():
            allowed = {"every": _whole(wish, 1, 1_000_000), "at": _iterations(wish), "seconds": _real(wish, 0.1, 3600)}
            if not allowed[key]:
                raise InvalidRequest(
                    f"frames: {key!r:.40} cannot be {wish!r:.80}; use every: 1 or more, at: up to {MOST_CHOSEN_FRAMES} "
                    "iterations, or seconds: 0.1 to 3600."
                )
        seconds = float(value["seconds"]) if "seconds" in value else None
        return cls(value.get("every"), tuple(sorted(set(value.get("at", ())))), seconds)

    def as_dict(self) -> dict[str, Any]:
        """What `from_mapping` makes this of."""
        given = {"every": self.every, "at": list(self.at) or None, "seconds": self.seconds}
        return {key: wish for key, wish in given.items() if wish is not None}

    def keeps(self, iteration: int) -> bool:
        """Whether this iteration was chosen, so that its frame stays as long as the job."""
        return iteration in self.at or (self.every is not None and iteration > 0 and iteration % self.every == 0)

    def wanted(self, iteration: int, seconds_since_last: float) -> bool:
        """Whether the iteration that has just ended is to be a frame."""
        return self.keeps(iteration) or (self.seconds is not None and seconds_since_last >= self.seconds)


def most_previews(picture_bytes: int) -> int:
    """How many live frames of so many bytes stay on the disk for a job."""
    return max(2, min(MOST_PREVIEWS, MOST_PREVIEW_BYTES // max(1, picture_bytes)))


@dataclass(frozen=True)
class RegionSpec:
    """A style for a part of the content: `mask` on the content; `preset`, or the `style` image with its mask."""

    mask: str
    preset: str | None = None
    style: str | None = None
    style_mask: str | None = None


@dataclass(frozen=True)
class JobSpec:
    """The body of `POST /v1/jobs`. Image ids are content hashes; nothing is looked up here."""

    content: str
    preset: str
    controls: Mapping[str, Any] = field(default_factory=dict)
    method: Mapping[str, Any] = field(default_factory=dict)
    size: int | None = None
    frames: FrameSpec = field(default_factory=lambda: FrameSpec.from_mapping(DEFAULT_FRAMES))
    mask: str | None = None
    regions: tuple[RegionSpec, ...] = ()
    init: str | None = None
    client: str = "anonymous"
    seed: int | None = None
    on_disconnect: str = "continue"

    @classmethod
    def from_mapping(cls, body: Any) -> JobSpec:
        """Raises InvalidRequest naming the key, what was given and what would be right."""
        if not isinstance(body, Mapping):
            raise InvalidRequest("The body must be a JSON object.")
        names = [item.name for item in fields(cls)]
        for key in body:
            if key not in names:
                raise InvalidRequest(f"Unknown key {key!r:.80}; known are {', '.join(names)}.")
        given = {key: value for key, value in body.items() if value is not None}
        for key in ("content", "preset"):
            if key not in given:
                raise InvalidRequest(f"{key!r} is missing.")
        _check_words(given)
        if "size" in given and not _whole(given["size"], 16, LARGEST_SIZE):
            raise InvalidRequest(f"size must be a whole number from 16 to {LARGEST_SIZE}, got {given['size']!r:.80}.")
        if "seed" in given and not _whole(given["seed"], 0, 2**63 - 1):
            raise InvalidRequest(f"seed must be a whole number from 0 to 2^63 − 1, got {given['seed']!r:.80}.")
        for key in ("controls", "method"):
            if not isinstance(given.get(key, {}), Mapping):
                raise InvalidRequest(f"{key} must be an object of names to values.")
        if "frames" in given:
            given["frames"] = FrameSpec.from_mapping(given["frames"])
        if "regions" in given:
            given["regions"] = _regions(given["regions"])
        return cls(**given)

    def image_ids(self) -> list[str]:
        """Every uploaded image that the job needs."""
        ids = [self.content, self.mask, self.init]
        for region in self.regions:
            ids += [region.mask, region.style, region.style_mask]
        return [item for item in ids if item is not None]


def _check_words(given: Mapping[str, Any]) -> None:
    for key in ("content", "mask", "init"):
        if key in given and not _image_id(given[key]):
            raise InvalidRequest(f"{key} must be the id of an uploaded image, got {given[key]!r:.80}.")
    for key in ("preset", "client"):
        if key in given and not _text(given[key]):
            raise InvalidRequest(f"{key} must be a text of 1 to 128 characters, got {given[key]!r:.80}.")
    if given.get("on_disconnect", "continue") not in DISCONNECTS:
        raise InvalidRequest(f"on_disconnect must be one of {', '.join(DISCONNECTS)}.")


def _regions(value: Any) -> tuple[RegionSpec, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_REGIONS:
        raise InvalidRequest(f"regions must be a list of 1 to {MOST_REGIONS} objects.")
    return tuple(_region(item, index) for index, item in enumerate(value))


def _region(item: Any, index: int) -> RegionSpec:
    names = [part.name for part in fields(RegionSpec)]
    if not isinstance(item, Mapping) or set(item) - set(names) or "mask" not in item:
        raise InvalidRequest(f"regions[{index}] must be an object with 'mask' and 'preset' or 'style'.")
    if ("preset" in item) == ("style" in item):
        raise InvalidRequest(f"regions[{index}] needs either 'preset' or 'style'.")
    for key in ("mask", "style", "style_mask"):
        if key in item and not _image_id(item[key]):
            raise InvalidRequest(f"regions[{index}].{key} must be the id of an uploaded image.")
    if "preset" in item and not _text(item["preset"]):
        raise InvalidRequest(f"regions[{index}].preset must be a preset's name.")
    return RegionSpec(**item)


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT


def _iterations(value: Any) -> bool:
    short = isinstance(value, list) and 0 < len(value) <= MOST_CHOSEN_FRAMES
    return short and all(_whole(item, 1, 1_000_000) for item in value)


def _image_id(value: Any) -> bool:
    return isinstance(value, str) and IMAGE_ID.fullmatch(value) is not None


def _whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _real(value: Any, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
