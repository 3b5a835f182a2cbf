"""Colour profiles: from a file's own colours to sRGB, and back into an RGB profile.

Pictures of 8 bits go through littleCMS, which takes no more through Pillow. Deeper ones keep their depth where the
profile has a matrix (see `matrix_profiles`) or changes no colour; what has tables is applied with 8 bits.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from ..pixels import Array, Picture, eight_bits
from .colour_spaces import ROWS_AT_ONCE
from .matrix_profiles import MatrixProfile, matrix_profile

LARGEST_PROFILE = 8 << 20
"""Bytes; printers' profiles have up to three million."""

OPAQUE_MODE = {"LA": "L", **dict.fromkeys(("1", "P", "PA", "RGBA", "RGBX", "RGBa", "YCbCr", "HSV"), "RGB")}
"""Pillow's modes as those that colour management knows, without alpha."""

DATE = slice(24, 36)
"""Where a profile's header has the time at which it was made (ICC.1, 7.2)."""

PROFILE_ERRORS = (ImageCms.PyCMSError, OSError, ValueError, TypeError)


@lru_cache(1)
def srgb_profile() -> bytes:
    """The same bytes each time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[DATE] = bytes.fromhex("07e800010001000000000000")
    return bytes(profile)


def profile_of(image: Image.Image) -> bytes | None:
    """The embedded profile, if it is not of absurd size."""
    return usable_profile(image.info.get("icc_profile"))


def usable_profile(found: object) -> bytes | None:
    """The same of what a tag holds."""
    return found if isinstance(found, bytes) and 0 < len(found) <= LARGEST_PROFILE else None


def is_rgb(profile: bytes) -> bool:
    """Whether a picture in sRGB can be converted to it."""
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if opened.profile.xcolor_space.strip() != "RGB":
            return False
        return from_srgb(Picture(np.zeros((1, 1, 4), np.uint8), "RGBA8"), profile) is not None
    except PROFILE_ERRORS:
        return False


@lru_cache(8)
def changes_colours(profile: bytes, is_grey: bool = False) -> bool:
    """Whether colours, or greys, differ by more than rounding from what they are in sRGB."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    colours = Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3))
    probe = Image.fromarray(np.arange(256, dtype=np.uint8)[None]) if is_grey else colours
    change = np.asarray(_converted(probe, profile).convert("RGB")).astype(int) - np.asarray(probe.convert("RGB"))
    return int(np.abs(change).max()) > 1


def deep_to_srgb(picture: Picture, profile: bytes, *, is_grey: bool = False) -> Picture | None:
    """A picture of more than 8 bits, with its profile applied in its own depth; None where 8 bits alone can be had.
    is_grey: its file has one value for each pixel."""
    if not changes_colours(profile, is_grey):
        return picture
    found = matrix_profile(profile)
    return None if found is None or found.is_grey != is_grey else _between(picture, found, _srgb())


def from_srgb(picture: Picture, profile: bytes) -> Picture | None:
    """In the colours of an RGB profile: in its own depth where that has a matrix, with 8 bits otherwise. None where the
    profile cannot be converted to."""
    found = None if picture.format == "RGBA8" else matrix_profile(profile)
    if found is not None and not found.is_grey:
        return _between(picture, _srgb(), found)
    picture = eight_bits(picture)
    rgb = Image.fromarray(np.ascontiguousarray(picture.pixels[..., :3]))
    try:
        target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        shown = ImageCms.profileToProfile(rgb, ImageCms.createProfile("sRGB"), target, outputMode="RGB")
    except PROFILE_ERRORS:
        return None
    assert shown is not None
    return Picture(np.dstack([np.asarray(shown), picture.pixels[..., 3]]), picture.format)


def to_srgb(image: Image.Image) -> Image.Image:
    """RGBA of eight bits, with the embedded profile applied. Raises ValueError for modes without such a form."""
    profile = profile_of(image)
    if image.mode == "LAB":
        profile, lab = None, ImageCms.createProfile("LAB")
        image = _checked(ImageCms.profileToProfile(image, lab, ImageCms.createProfile("sRGB"), outputMode="RGB"))
    elif image.mode == "La":
        image = image.convert("LA")
    elif image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if not profile:
        return image.convert("RGBA")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    result = _converted(image.convert(OPAQUE_MODE.get(image.mode, image.mode)), profile).convert("RGBA")
    if alpha is not None:
        result.putalpha(alpha)
    return result


def _srgb() -> MatrixProfile:
    found = matrix_profile(srgb_profile())
    assert found is not None
    return found


def _between(picture: Picture, source: MatrixProfile, target: MatrixProfile) -> Picture:
    """In the same format; what is stored as whole numbers is clipped."""
    pixels = picture.pixels.copy()
    for top in range(0, picture.height, ROWS_AT_ONCE):
        rows = pixels[top : top + ROWS_AT_ONCE, :, :3]
        if rows.dtype.kind == "u":
            found = source.to(target, rows.astype(np.float32) / np.float32(picture.peak))
            rows[...] = np.rint(np.clip(found, 0, 1) * picture.peak)
        else:
            rows[...] = source.to(target, rows.astype(np.float64))
    return Picture(pixels, picture.format)


def _eight_bits(values: Array) -> Array:
    return (values.astype(np.uint32) >> 8).astype(np.uint8)


def _checked(image: Image.Image | None) -> Image.Image:
    if image is None:
        raise ValueError("the colours cannot be converted")
    return image


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """In sRGB by its profile; unchanged if that is unusable or does not match the picture's mode."""
    if image.mode not in ("RGB", "L", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except PROFILE_ERRORS:
        return image
    return image if converted is None else converted
