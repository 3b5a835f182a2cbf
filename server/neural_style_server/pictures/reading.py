"""A picture file's bytes as pixels in sRGB, upright, with their depth, and what a result takes over of the rest."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from ..errors import ImageError, TooLarge, UnsupportedMedia
from ..pixels import Picture, check_size
from . import colour
from .code_points import points_of
from .colour_spaces import ColourSpace, in_srgb
from .deep import NOT_APPLIED, SIDEWAYS, checked, deep_grey, deep_tiff, read_deep
from .exr import ExrFrame, ExrPicture, read_exr, read_exr_settings, read_exr_size
from .formats import DAMAGE, UPLOADS, allow_pixels, has_exr, has_heif, is_exr, is_heif, readable, register_heif
from .metadata import dpi_of, drop_broken_exif, kept_exif, settings_of
from .png import png_depth, scale_clear_level
from .stated_colours import stated_profile
from .tiff import APART, ORIENTATION, PLANES, PROFILE, XMP, is_preview, tiff_size, tiff_tags, widened
from .whole import check_tiff, load_whole

TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)

ONE_PICTURE = {"MPO", "PSD"}
"""Kinds whose further pictures are previews or layers of the first."""

RAW = "It is a camera's raw file, of which only a small preview could be read."
DEVELOP = "Develop it, for example in darktable or RawTherapee, and save it as a TIFF or a JPEG."

ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")


@dataclass(frozen=True, eq=False)
class PictureFile:
    """What a file was found to hold.

    kind: Pillow's name, or EXR; profile: the file's own RGB profile, with which a result can be written; exif: without
    orientation, thumbnail and GPS; dpi: dots per inch; settings: JSON that an earlier result was painted with; notes:
    sentences for the painter; space: the colour space of an EXR, or the one that was asked for; frame: an EXR's.
    """

    picture: Picture
    kind: str
    profile: bytes | None = None
    exif: bytes | None = None
    dpi: float | None = None
    settings: str | None = None
    notes: tuple[str, ...] = ()
    space: ColourSpace | None = None
    frame: ExrFrame | None = None


def decode(data: bytes, content_type: str, max_pixels: int) -> Picture:
    """As `read_picture_file`, for what the API takes. Raises UnsupportedMedia for other content types."""
    kind = UPLOADS.get(content_type.split(";")[0].strip().lower())
    if kind is None:
        raise UnsupportedMedia(f"Pictures of the type {content_type!r} are not understood.")
    return read_picture_file(data, max_pixels, [kind]).picture


def read_picture_file(
    data: bytes, max_pixels: int, kinds: Sequence[str] | None = None, space: ColourSpace | None = None
) -> PictureFile:
    """The (first) picture in a file of one of `kinds`, by default of any that can be read, by its content.

    Orientation is applied, and what the file says of its colours is converted to sRGB, unless `space` says what they
    are. RGBA16 for what has 16 bits, RGBAF32 for floats, of which 1 is white. Raises ImageError for what cannot be read
    completely, TooLarge before anything is unpacked.
    """
    name = kinds[0] if kinds else "picture"
    allow_pixels(max_pixels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about harmless damage; sizes are checked here
        try:
            if is_exr(data) and kinds is None:
                return _of_exr(read_exr(data, max_pixels), space)
            found = _read(data, max_pixels, kinds, assigned=space is not None)
            return found if space is None else replace(found, picture=in_srgb(found.picture, space), space=space)
        except UnidentifiedImageError:
            raise _not_one(name) from None
        except BOMB:
            raise TooLarge("The picture has more pixels than allowed.") from None
        except DAMAGE as error:
            what = "picture" if name == "picture" else f"{name} picture"
            raise ImageError(f"The {what} is damaged or cannot be read{_reason(error)}.") from None


def read_size(path: Path) -> tuple[int, int]:
    """(width, height) of the picture in a file as it is seen, from its header. Raises ImageError for what is no
    picture, and OSError."""
    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        head = file.read(8)
        file.seek(0)
        try:
            if is_exr(head):
                return read_exr_size(file)
            try:
                with Image.open(file, formats=readable()) as image:
                    # of a TIFF Pillow's size is the upright one already
                    has_exif = image.format != "PNG" or "exif" in image.info  # Pillow unpacks a PNG to find none
                    if has_exif:
                        drop_broken_exif(image)
                    turned = has_exif and image.format != "TIFF" and image.getexif().get(ORIENTATION, 1) in SIDEWAYS
                    return (image.height, image.width) if turned else image.size
            except UnidentifiedImageError:
                if head[:4] not in TIFF_SIGNATURES:
                    raise _not_one("picture") from None
                file.seek(0)
                tags = tiff_tags(file.read())
                width, height = tiff_size(tags)
                return (height, width) if tags.get(ORIENTATION, 1) in SIDEWAYS else (width, height)
        except BOMB:
            raise TooLarge("The picture has more pixels than allowed.") from None
        except DAMAGE as error:
            raise ImageError(f"The picture is damaged or cannot be read{_reason(error)}.") from None


def read_settings(data: bytes) -> str | None:
    """The settings that a result was painted with, from its header. Raises ImageError for what is no picture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if is_exr(data):
                return read_exr_settings(io.BytesIO(data))
            try:
                with _opened(data, None) as image:
                    return settings_of(image.info)
            except UnidentifiedImageError:
                if data[:4] not in TIFF_SIGNATURES:
                    raise
                return settings_of({"xmp": tiff_tags(data).get(XMP)})
    except UnidentifiedImageError:
        raise _not_one("picture") from None
    except (*BOMB, *DAMAGE) as error:
        raise ImageError(f"The picture is damaged or cannot be read{_reason(error)}.") from None


def is_photo(path: Path) -> bool:
    """Whether a file begins as a picture does, and is none that this program has painted, nor a camera's raw file,
    beside which there often is a JPEG of the same name. HEIC and EXR are some even where they cannot be read."""
    try:
        with path.open("rb") as file:
            start = file.read(256)
            if is_exr(start):
                file.seek(0)
                return not has_exr() or read_exr_settings(file) is None
            if is_heif(start):
                return True
            file.seek(0)
            if start[:4] in TIFF_SIGNATURES:  # Pillow does not know all of these
                data = file.read()
                return not is_preview(tiff_tags(data), data) and read_settings(data) is None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(file, formats=readable()) as image:
                    return settings_of(image.info) is None
    except BOMB:
        return True
    except (ImageError, *DAMAGE):
        return False


def is_damaged_photo(path: Path) -> bool:
    """Whether a file is called like a picture, and no picture can be found in it."""
    ending = path.suffix.lower()
    if ending != ".exr" and Image.registered_extensions().get(ending) not in readable():
        return False
    try:
        read_settings(path.read_bytes())
    except (ImageError, OSError):
        return True
    return False


def _of_exr(found: ExrPicture, space: ColourSpace | None) -> PictureFile:
    space = space or found.space
    picture = checked(in_srgb(checked(found.picture), space))
    about = {"dpi": found.dpi, "settings": found.settings, "notes": found.notes}
    return PictureFile(picture, "EXR", **about, space=space, frame=found.frame)  # type: ignore[arg-type]


def _read(data: bytes, max_pixels: int, kinds: Sequence[str] | None, *, assigned: bool) -> PictureFile:
    """assigned: what the file says of its colours does not count."""
    try:
        image = _opened(data, kinds)
    except UnidentifiedImageError:
        if data[:4] in TIFF_SIGNATURES and (not kinds or "TIFF" in kinds):
            return _unknown_to_pillow(data, max_pixels, assigned=assigned)
        raise
    with image:
        check_size(image.width, image.height, max_pixels)
        if image.format == "TIFF" and is_preview(image.tag_v2, data):  # type: ignore[attr-defined]
            raise ImageError(RAW, hint=DEVELOP)
        if assigned:
            image.info.pop("icc_profile", None)
        notes = []
        if image.format not in ONE_PICTURE and getattr(image, "is_animated", False):
            notes.append("It holds several pictures; the first is taken.")
        points = None if assigned else points_of(image, data)
        if points is not None:
            image.info.pop("icc_profile", None)
        own = colour.profile_of(image)
        stated = points.profile(image.mode) if points else None if assigned else stated_profile(image)
        if own is None and stated is not None:
            image.info["icc_profile"] = stated
        deep = read_deep(image, data)
        picture, more = (None, []) if deep is None else deep.in_srgb(colour.profile_of(image))
        if picture is None:
            if image.mode == "LAB" and image.tag_v2.get(PLANES) == APART:  # type: ignore[attr-defined]
                raise ImageError("It is a TIFF of a kind that is not read: Lab in planes.", hint="Save it in RGB.")
            load_whole(image, data)
            check_size(image.width, image.height, max_pixels)  # an icon's directory may say something else
            if image.format == "PNG":
                scale_clear_level(image, png_depth(data))
            picture, notes_of_depth = _shallow(image)
            more = more or notes_of_depth
        if points is not None:
            picture, more = points.shown(picture), [*more, *points.notes]
        return PictureFile(
            picture,
            image.format or "",
            own if own and image.mode in ("RGB", "RGBA", "P", "PA") and colour.is_rgb(own) else None,
            kept_exif(image),
            dpi_of(image),
            settings_of(image.info),
            (*notes, *more),
        )


def _opened(data: bytes, kinds: Sequence[str] | None) -> Image.Image:
    if kinds is None and is_heif(data):
        register_heif()
    return Image.open(io.BytesIO(data), formats=tuple(kinds or readable()))


def _unknown_to_pillow(data: bytes, max_pixels: int, *, assigned: bool) -> PictureFile:
    """A TIFF of float colours. Raises ImageError for any other."""
    tags: Any = tiff_tags(data)
    if is_preview(tags, data):
        raise ImageError(RAW, hint=DEVELOP)
    check_size(*tiff_size(tags), max_pixels)
    check_tiff(tags, len(data))
    found = deep_tiff(tags, data)
    if found is None:
        hint = "Save it in RGB with 8 or 16 bits or with floats, not packed or by LZW or Deflate."
        raise ImageError("It is a TIFF of a kind that is not read.", hint=hint)
    own = None if assigned else colour.usable_profile(tags.get(PROFILE))
    picture, notes = found.in_srgb(own)
    if picture is None:
        picture, notes = found.picture, [NOT_APPLIED]
    kept = own if own and not notes and not found.is_grey and colour.is_rgb(own) else None
    settings = settings_of({"xmp": tags.get(XMP)})
    return PictureFile(picture, "TIFF", kept, settings=settings, notes=tuple(notes))


def _shallow(image: Image.Image) -> tuple[Picture, list[str]]:
    """What Pillow has unpacked, upright, and what there is to say of it."""
    if image.mode == "CMYK" and image.format in ("JPEG", "MPO") and "adobe" not in image.info:
        inverted = ImageChops.invert(image)  # Pillow takes all for Adobe's, whose values are inverted
        inverted.info.update(image.info)
        image = inverted
    drop_broken_exif(image)
    tags = image.tag_v2 if image.format == "TIFF" else {}  # type: ignore[attr-defined]
    image = ImageOps.exif_transpose(image)
    notes: list[str] = []
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        deep, notes = deep_grey(widened(np.asarray(image), tags)).in_srgb(colour.profile_of(image))
        if deep is not None:
            return deep, notes
    return Picture(np.asarray(colour.to_srgb(image)), "RGBA8"), notes


def _not_one(kind: str) -> ImageError:
    if kind != "picture":
        return ImageError(f"The file is no {kind} picture, or its beginning is damaged.")
    known = "PNG, JPEG, TIFF, WebP, AVIF, GIF, BMP, JPEG 2000, PSD, TGA and others can be read"
    heif = ", HEIC too" if has_heif() else ", HEIC with the extra 'heif'"
    more = heif + (", EXR too" if has_exr() else ", EXR with the extra 'exr'")
    return ImageError("The file is no picture that can be read, or its beginning is damaged.", hint=f"{known}{more}.")


def _reason(error: BaseException) -> str:
    """In brackets, unless it speaks of a program's inside."""
    text = " ".join(str(error).split())
    inside = isinstance(error, UnicodeError) or ADDRESS.search(text)
    return f" ({text})" if text and not inside else ""
