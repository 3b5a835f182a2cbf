"""The settings that travel with a painted picture, so that it can be painted again."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from . import __version__
from .errors import InvalidRequest
from .paper import Paper
from .presets.names import NAME_PATTERN

Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
"""Files are called by it, and a picture may come from anybody."""


class Kept(BaseModel):
    """Keys of a newer program are passed over."""

    model_config = ConfigDict(frozen=True, defer_build=True, strict=True, allow_inf_nan=False)


class UsedImage(Kept):
    sha256: Sum
    weight: float = 1.0


class UsedPreset(Kept):
    """sha256: of everything that influences the picture."""

    name: Name
    sha256: Sum
    images: list[UsedImage] = []


class BlendedPreset(UsedPreset):
    share: float
    """Its weight beside the preset's, which is 1."""


class UsedJob(Kept):
    """The job's body without its pictures; controls and method are whole, whatever the preset becomes."""

    controls: dict[str, Any]
    method: dict[str, Any]
    seed: int
    size: int | None = None


class UsedPhoto(Kept):
    """name: of the file, without its folder; id: the sum of the pixels that were painted."""

    name: str | None = None
    id: Sum


class UsedPaper(Kept):
    width: Annotated[int, Field(ge=1, le=10**6)]
    height: Annotated[int, Field(ge=1, le=10**6)]
    dpi: Annotated[float, Field(gt=0, le=10**5)]
    crop: bool = False


class UsedColours(Kept):
    """Colour spaces that were asked for, by name."""

    given: Literal["srgb", "linear", "acescg"] | None = None
    written: Literal["srgb", "linear", "acescg"] | None = None


class Recipe(Kept):
    version: str = __version__
    format: Literal[1] = Field(default=1, alias="schema")
    preset: UsedPreset
    blend: list[BlendedPreset] = []
    regions: int = 0
    """How many there were; their masks are not kept."""

    pictures: list[str] = []
    """Which pictures of a job's body it was painted with, too, that are not kept: mask, init."""

    job: UsedJob
    photo: UsedPhoto
    print: UsedPaper | None = None
    colours: UsedColours | None = None

    def paper(self) -> Paper | None:
        """Of the print that it was made for."""
        return None if self.print is None else Paper(**self.print.model_dump())

    def as_json(self) -> str:
        return json.dumps(self.model_dump(exclude_none=True, by_alias=True), sort_keys=True)

    def job_body(self) -> dict[str, Any]:
        """What is asked for again, but for the pictures."""
        body = {"preset": self.preset.name, **self.job.model_dump(exclude_none=True)}
        if self.blend:
            body["blend"] = [{"preset": it.name, "weight": it.share} for it in self.blend]
        return body

    def same_picture(self, other: Recipe) -> bool:
        """Whether both paint the same picture, whichever version does."""
        mine, its = ({**vars(each), "version": "", "photo": each.photo.id} for each in (self, other))
        return mine == its


def recipe_of(
    record: dict[str, Any],
    preset: dict[str, Any],
    photo: str | None,
    image: str,
    paper: Any | None,
    colours: dict[str, Any] | None = None,
) -> Recipe:
    """record: the job's; preset: as the API shows it; photo: its file's name; image: the hash of its pixels; colours:
    members of UsedColours."""
    request, source = record["request"], record["preset_source"]
    job = {
        "controls": _short({**preset["controls"], **request["controls"]}),
        "method": _short({**preset["method"], **request["method"], "seed": record["seed"]}),
        "seed": record["seed"],
        "size": request.get("size"),
    }
    printed = paper and {key: getattr(paper, key) for key in ("width", "height", "dpi", "crop")}
    others = {other["name"]: _used(other) for other in source["others"]}
    blend = [{**others[it["preset"]], "share": float(it["weight"])} for it in request["blend"]]
    pictures = [name for name in ("mask", "init") if request.get(name)]
    styles = {"preset": _used(source), "blend": blend, "regions": len(request["regions"]), "pictures": pictures}
    source_photo = {"name": photo, "id": image}
    return Recipe.model_validate(
        {"schema": 1, **styles, "job": job, "photo": source_photo, "print": printed, "colours": colours}
    )


def _used(source: dict[str, Any]) -> dict[str, Any]:
    images = [{"sha256": it["sha256"], "weight": float(it["weight"])} for it in source["images"]]
    return {"name": source["name"], "sha256": source["sha256"], "images": images}


def _short(value: Any) -> Any:
    """60 for 60.0, as JSON gives it back, so that a recipe that was read is written as it was."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def parse_recipe(text: str | None, file: str) -> Recipe:
    """Raises InvalidRequest where a picture carries no settings, or none that can be read."""
    if text is None:
        raise InvalidRequest(
            f"{file} carries no settings.", hint="Only pictures that this program painted without --strip do."
        )
    try:
        return Recipe.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError):
        raise InvalidRequest(
            f"The settings in {file} cannot be read.", hint="They are damaged, or a newer version wrote them."
        ) from None
