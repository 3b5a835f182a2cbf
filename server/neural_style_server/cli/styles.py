"""`--blend NAME:WEIGHT` and `--region MASK=NAME[:PART]`: more presets beside the one of `--preset`; `--mask FILE` and
`--start-image FILE`: where a photo is painted, and from what."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..errors import InvalidRequest
from .photos import source

if TYPE_CHECKING:
    from ..pixels import Picture
    from .painting import CheckedPhoto

blend_option: Callable[[Any], Any] = click.option(
    "--blend", "blends", multiple=True, metavar="NAME:WEIGHT", help="Another preset, beside --preset with weight 1."
)
region_option: Callable[[Any], Any] = click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="MASK=NAME[:PART]",
    help="Another preset where a picture is white; PART of its style image is LEFT,TOP,WIDTH,HEIGHT in percent.",
)


mask_option: Callable[[Any], Any] = click.option(
    "--mask", metavar="FILE", help="Paint only where this picture is white; all else stays to the bit."
)
start_option: Callable[[Any], Any] = click.option(
    "--start-image", metavar="FILE", help="Begin with this picture instead of what the preset begins with."
)


def chosen_blend(words: Sequence[str]) -> list[dict[str, Any]]:
    """The `blend` of a job's body. Raises InvalidRequest."""
    return [_blended(word) for word in words]


def _blended(word: str) -> dict[str, Any]:
    name, _, text = word.rpartition(":")
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not name or not 0 < weight < math.inf:
        detail = f"--blend needs NAME:WEIGHT with a weight above 0, got {word!r}."
        raise InvalidRequest(detail, hint="For example --blend mosaic:0.3.")
    return {"preset": name, "weight": weight}


class ChosenRegion(NamedTuple):
    """The file of its mask; its style, as the region of a job's body has it."""

    mask: str
    style: dict[str, Any]


def chosen_regions(words: Sequence[str]) -> list[ChosenRegion]:
    """Raises InvalidRequest."""
    return [_region(word) for word in words]


def _region(word: str) -> ChosenRegion:
    mask, _, style = word.rpartition("=")
    name, colon, part = style.partition(":")
    if not mask or not name:
        raise InvalidRequest(f"--region needs MASK=NAME, got {word!r}.", hint="For example --region sky.png=mosaic.")
    return ChosenRegion(mask, {"preset": name, **({"style_part": _part(word, part)} if colon else {})})


def _part(word: str, text: str) -> dict[str, float]:
    try:
        left, top, width, height = (float(number) for number in text.split(","))
    except ValueError:
        left = top = width = height = math.nan
    if not (0 <= left <= 99 and 0 <= top <= 99 and 1 <= width <= 100 and 1 <= height <= 100):
        raise InvalidRequest(
            f"The part of a style image is LEFT,TOP,WIDTH,HEIGHT in percent of it, got {word!r}.",
            hint="For example --region sky.png=mosaic:0,0,100,40 for the upper 40 percent.",
        )
    return {"left": left / 100, "top": top / 100, "width": width / 100, "height": height / 100}


def in_regions(
    body: Mapping[str, Any], regions: Sequence[ChosenRegion], checked: CheckedPhoto, send: Callable[[Picture], str]
) -> dict[str, Any]:
    """The body with its regions, and what they leave of the photo in the body's own preset and blend. `send` uploads a
    mask. Raises InvalidRequest where a mask is not of the photo's size, or nothing is left for a blend."""
    if not regions:
        return dict(body)
    import numpy as np

    masks = [_mask(one.mask, checked) for one in regions]
    found = [{"mask": send(mask), **one.style} for mask, one in zip(masks, regions, strict=True)]
    left = 1 - np.max([mask.grey() for mask in masks], axis=0)
    blend = {"blend": body["blend"]} if body.get("blend") else {}
    if (left[checked.picture.pixels[..., 3] > 0] > 0).any():
        found.append({"mask": send(_grey(left)), "preset": body["preset"], **blend})
    elif blend:
        raise InvalidRequest("The regions leave nothing of the photo for --blend.", hint="Leave it out.")
    return {**{key: value for key, value in body.items() if key != "blend"}, "regions": found}


def with_pictures(
    body: Mapping[str, Any], mask: str | None, start: str | None, checked: CheckedPhoto, send: Callable[[Picture], str]
) -> dict[str, Any]:
    """The body with the files of `--mask` and `--start-image`, which `send` uploads. Raises InvalidRequest."""
    found = dict(body)
    if mask is not None:
        found["mask"] = send(_mask(mask, checked))
    if start is not None:
        found["init"] = send(source(start).open().picture)
    return found


def _mask(word: str, checked: CheckedPhoto) -> Picture:
    from ..pictures.colour_spaces import SRGB

    file, photo = source(word), checked.photo.picture
    mask = file.open(SRGB).picture  # its values are shares, and count as they are
    if (mask.width, mask.height) != (photo.width, photo.height):
        raise InvalidRequest(
            f"The mask {file} is {mask.width} × {mask.height} pixels, {checked.source} {photo.width} × {photo.height}.",
            hint="Save a mask of the photo's own size.",
        )
    if not mask.grey().any():
        raise InvalidRequest(f"The mask {file} selects nothing.", hint="Paint white what is to be painted.")
    return mask if checked.paper is None else checked.paper.fit(mask)


def _grey(values: Any) -> Picture:
    """(H, W), 0–1, as a mask is sent."""
    import numpy as np

    from ..pixels import Picture

    pixels = np.full((*values.shape, 4), 255, "u1")
    pixels[..., :3] = np.rint(values * 255)[..., None]
    return Picture(pixels, "RGBA8")
