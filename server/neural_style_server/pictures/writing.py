"""Files of a painted picture: good quality, full depth, the colours of its source, and what is said about it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from PIL.ExifTags import IFD, Base

from ..errors import InvalidRequest
from ..pixels import Picture, eight_bits
from . import colour
from .colour_spaces import LINEAR, SRGB, ColourSpace, out_of_srgb
from .exr import ExrFrame, encode_exr
from .formats import DAMAGE, check_writable, is_transparent
from .metadata import INCH, KEYWORD, exif_from, xmp_packet
from .png import Chunk, density_chunk, encode_png, profile_chunk, text_chunk
from .tiff import encode_tiff

QUALITY: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0, "optimize": True},
    "WEBP": {"quality": 95, "method": 4},
    "AVIF": {"quality": 90, "subsampling": "4:4:4", "speed": 6},
}


@dataclass(frozen=True)
class Labels:
    """What goes into a file besides the pixels.

    profile: an RGB profile that the pixels are converted to, sRGB where it is None; exif: as `metadata.kept_exif`
    gives it; settings: JSON; dpi: dots per inch; space: what the values of a TIFF or an EXR are written in, by default
    sRGB in the one and linear in the other; frame: an EXR's. `bare` leaves all out but resolution, space and frame.
    """

    profile: bytes | None = None
    exif: bytes | None = None
    settings: str | None = None
    dpi: float | None = None
    space: ColourSpace | None = None
    frame: ExrFrame | None = None
    bare: bool = False


def encode(picture: Picture, kind: str, labels: Labels = Labels()) -> bytes:
    """A file of the kind: 16 bits in PNG and TIFF for RGBA16; floats in EXR, and in TIFF for RGBAF32 and spaces other
    than sRGB; 8 bits in all others.

    Equal arguments give equal bytes. Raises InvalidRequest where the kind cannot hold the picture.
    """
    transparent = is_transparent(picture)
    check_writable(kind, picture.width, picture.height, transparent)
    if kind == "EXR":
        text = None if labels.bare else labels.settings
        space, frame = labels.space or LINEAR, labels.frame
        return encode_exr(picture, space, alpha=transparent, frame=frame, dpi=labels.dpi, settings=text)
    picture, profile = _in_profile(picture, labels)
    if kind not in ("PNG", "TIFF"):
        picture = eight_bits(picture)
    exif = Image.Exif() if labels.bare else _exif(labels, picture)
    xmp = xmp_packet(labels.settings) if labels.settings and not labels.bare else None
    try:
        if kind == "PNG":
            settings = None if labels.bare else labels.settings
            return encode_png(picture, alpha=transparent, chunks=_chunks(profile, labels.dpi, exif, settings, xmp))
        if kind == "TIFF":
            said = xmp.encode() if xmp else None
            return encode_tiff(picture, alpha=transparent, profile=profile, xmp=said, dpi=labels.dpi, exif=exif)
        return _by_pillow(picture, kind, transparent, profile, labels.dpi, exif, xmp)
    except DAMAGE as error:
        raise InvalidRequest(f"The picture cannot be written as {kind} ({error}).", hint="Write a PNG.") from None


def _in_profile(picture: Picture, labels: Labels) -> tuple[Picture, bytes | None]:
    """The pixels in the colours of the profile that is embedded."""
    space = labels.space or SRGB
    if not space.is_srgb:
        return out_of_srgb(picture, space), None
    if labels.bare:
        return picture, None
    if labels.profile is None:
        return picture, colour.srgb_profile()
    if not colour.changes_colours(labels.profile):
        return picture, labels.profile
    converted = colour.from_srgb(picture, labels.profile)
    return (picture, colour.srgb_profile()) if converted is None else (converted, labels.profile)


def _exif(labels: Labels, picture: Picture) -> Image.Exif:
    """With the picture's own size where there was any; every kind holds the resolution here, or says it itself."""
    exif = exif_from(labels.exif)
    if IFD.Exif in exif:
        exif[IFD.Exif] = {
            **exif[IFD.Exif], Base.ExifImageWidth: picture.width, Base.ExifImageHeight: picture.height,
        }  # fmt: skip
    return exif


def _chunks(
    profile: bytes | None, dpi: float | None, exif: Image.Exif, settings: str | None, xmp: str | None
) -> list[Chunk]:
    found = [profile_chunk(profile)] if profile else []
    found += [density_chunk(dpi)] if dpi else []
    found += [(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))] if len(exif) else []
    found += [text_chunk(KEYWORD, settings)] if settings else []
    return found + ([text_chunk("XML:com.adobe.xmp", xmp)] if xmp else [])


def _by_pillow(
    picture: Picture,
    kind: str,
    alpha: bool,
    profile: bytes | None,
    dpi: float | None,
    exif: Image.Exif,
    xmp: str | None,
) -> bytes:
    options: dict[str, Any] = {**QUALITY[kind]}
    if dpi:
        options["dpi"] = (dpi, dpi)
        if kind != "JPEG":
            exif[Base.XResolution] = exif[Base.YResolution] = dpi
            exif[Base.ResolutionUnit] = INCH
    given = {"icc_profile": profile, "exif": exif.tobytes() if len(exif) else None, "xmp": xmp and xmp.encode()}
    options |= {key: value for key, value in given.items() if value}
    pixels = picture.pixels if alpha else picture.pixels[..., :3]
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, kind, **options)
    return file.getvalue()
