"""Colour profiles, by littleCMS: from a file's own colours to sRGB, and back into an RGB profile.

littleCMS takes 8 bits per value through Pillow. So a deeper picture keeps its depth where its profile is sRGB's or
changes no colour, and has 8 bits otherwise.
"""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from ..pixels import Array, Picture

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
    found = image.info.get("icc_profile")
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
def changes_colours(profile: bytes) -> bool:
    """Whether RGB colours differ by more than rounding from what they are in sRGB."""
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    probe = Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3))
    change = np.asarray(_converted(probe, profile)).astype(int) - np.asarray(probe)
    return int(np.abs(change).max()) > 1


def from_srgb(picture: Picture, profile: bytes) -> Picture | None:
    """An RGBA8 picture in the colours of an RGB profile; None where that profile cannot be converted to."""
    rgb = Image.fromarray(np.ascontiguousarray(picture.pixels[..., :3]))
    try:
        target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(rgb, ImageCms.createProfile("sRGB"), target, outputMode="RGB")
    except PROFILE_ERRORS:
        return None
    assert found is not None
    return Picture(np.dstack([np.asarray(found), picture.pixels[..., 3]]), picture.format)


def to_srgb(image: Image.Image) -> Image.Image:
    """RGBA of eight bits, with the embedded profile applied. Raises ValueError for modes without such a form."""
    profile = profile_of(image)
    if image.mode == "LAB":
        profile, lab = None, ImageCms.createProfile("LAB")
        image = _checked(ImageCms.profileToProfile(image, lab, ImageCms.createProfile("sRGB"), outputMode="RGB"))
    elif image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if not profile:
        return image.convert("RGBA")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    result = _converted(image.convert(OPAQUE_MODE.get(image.mode, image.mode)), profile).convert("RGBA")
    if alpha is not None:
        result.putalpha(alpha)
    return result


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
