"""Pictures with more than 8 bits: what Pillow reads with 8 bits or not at all, upright, their profile applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from ..errors import ImageError
from ..pixels import DTYPES, PEAK, Array, Picture
from . import colour
from .metadata import drop_broken_exif
from .png import png_depth, png_is_grey, read_png16
from .tiff import GREY, ORIENTATION, PHOTOMETRIC, RGB, read_deep_tiff
from .whole import check_whole

EIGHT_BITS = "Its colour profile has tables, which are applied with 8 bits only, so the picture has 8 bits."
NOT_APPLIED = "Its colour profile has tables, which are not applied to a picture of this kind; it is taken as sRGB."

SIDEWAYS = (5, 6, 7, 8)
"""Orientations in which rows stand for columns."""


@dataclass(frozen=True)
class DeepPicture:
    """In the colours of its file. is_grey: with one value for each pixel there."""

    picture: Picture
    is_grey: bool

    def in_srgb(self, profile: bytes | None) -> tuple[Picture | None, list[str]]:
        """With the profile applied, and what there is to say of it; None where the file is to be read with 8 bits."""
        found = colour.deep_to_srgb(self.picture, profile, is_grey=self.is_grey) if profile else self.picture
        if found is not None:
            return checked(found), []
        return (self.picture, [NOT_APPLIED]) if self.picture.format == "RGBAF32" else (None, [EIGHT_BITS])


def read_deep(image: Image.Image, data: bytes) -> DeepPicture | None:
    """None where the file has no more than 8 bits."""
    if image.format == "PNG" and png_depth(data) == 16:
        check_whole(image, data)
        drop_broken_exif(image)
        pixels = upright(read_png16(data), image.getexif().get(ORIENTATION, 1))
        return DeepPicture(checked(Picture(pixels, "RGBA16")), png_is_grey(data))
    if image.format == "TIFF":
        check_whole(image, data)
        return deep_tiff(image.tag_v2, data)  # type: ignore[attr-defined]
    return None


def deep_tiff(tags: Any, data: bytes) -> DeepPicture | None:
    """None for TIFFs that Pillow's own reading has all of, and for those of a kind that is not known."""
    found = read_deep_tiff(tags, data)
    if found is None:
        return None
    picture = checked(Picture(upright(found.pixels, tags.get(ORIENTATION, 1)), found.format))
    return DeepPicture(picture, tags.get(PHOTOMETRIC, GREY) != RGB)


def deep_grey(values: Array) -> DeepPicture:
    """Of 16 bits, or floats where 1 is white."""
    if values.dtype.kind == "f":
        format = "RGBAF32"
    elif values.size and values.min() < 0:
        raise ImageError("It holds negative whole numbers, which say no colours.", hint="Save it with 8 or 16 bits.")
    elif values.size and values.max() > 65535:
        raise ImageError("It holds whole numbers of 32 bits, which say no colours.", hint="Save it with 8 or 16 bits.")
    else:
        format = "RGBA16"
    pixels = np.empty((*values.shape, 4), DTYPES[format])
    pixels[..., :3], pixels[..., 3] = values[..., None], PEAK[format]
    return DeepPicture(checked(Picture(pixels, format)), is_grey=True)


def checked(picture: Picture) -> Picture:
    if picture.format == "RGBAF32" and not np.isfinite(picture.pixels).all():
        raise ImageError("The picture contains NaN or infinite values.", hint="Clean its values and try again.")
    return Picture(np.ascontiguousarray(picture.pixels), picture.format)


def upright(pixels: Array, orientation: int) -> Array:
    """By the EXIF orientation (EXIF 2.32, section 4.6.4)."""
    if orientation in SIDEWAYS:
        pixels = pixels.transpose(1, 0, 2)
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return pixels[::rows, ::columns]
