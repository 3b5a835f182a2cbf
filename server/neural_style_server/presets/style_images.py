"""Style images: which pictures are accepted, and the clean copy that a preset keeps."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from ..errors import ImageError, TooLarge
from ..files import open_regular, read_regular
from ..pictures.formats import DAMAGE, is_transparent
from ..pictures.reading import PictureFile, read_picture_file
from ..pictures.whole import load_whole
from ..pixels import eight_bits

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64_000_000
MAX_SIDE = 4096
MIN_SIDE = 32
"""VGG-19's deepest style layer has one element for 16 pixels; it needs a few of them."""

MOST_KNOWN = 1000
_known: set[tuple[str, str]] = set()
"""Names and sums of files that have been decoded whole; to prove it again would take longer than all else that is done
with them."""

_SUFFIX_FORMATS = {".png": ("PNG",), ".jpg": ("JPEG", "MPO"), ".jpeg": ("JPEG", "MPO"), ".webp": ("WEBP",)}
_PHOTOS = ("JPEG", "MPO", "JPEG2000", "HEIF", "AVIF")
_READABLE = ("PNG", "JPEG", "WEBP", "TIFF")
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def image_problem(path: Path) -> str | None:
    """Why the file cannot be a style image, from its first bytes only; None where it can."""
    if path.is_symlink():
        return f"'{path.name}' is a link; copy the picture itself into the preset's folder."
    try:
        with open_regular(path, follow=False) as stream:
            if os.fstat(stream.fileno()).st_size > MAX_BYTES:
                return f"'{path.name}' is larger than {MAX_BYTES >> 20} MiB."
            with _open(stream, path.name) as image:
                return _format_problem(image, path.name)
    except (ImageError, TooLarge) as error:
        return error.detail
    except FileNotFoundError:
        return f"'{path.name}' is not in the preset's folder."
    except OSError as error:
        return f"'{path.name}' cannot be read: {error.strerror or error}."


def read_image(path: Path) -> bytes:
    """The bytes of a style image, or of a thumbnail, checked whole. Raises OSError, ImageError or TooLarge."""
    data = read_regular(path, MAX_BYTES, follow=False)
    check_image(data, path.name)
    return data


def check_image(data: bytes, file: str) -> None:
    """Decode it whole, once. Raises ImageError or TooLarge where that cannot be done or its suffix lies."""
    key = (file, hashlib.sha256(data).hexdigest())
    if key in _known:
        return
    with _open_bytes(data, file) as image:
        problem = _format_problem(image, file)
        if problem:
            raise ImageError(problem)
        _load(image, file, data)
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known.add(key)


def clean_image(data: bytes, file: str) -> tuple[bytes, str]:
    """A copy in sRGB, upright and without metadata, and its suffix: JPEG for a photo, else PNG.

    Whatever can be read is taken, whatever it is called. A colour profile is applied and an EXIF orientation is carried
    out before both are left behind. Raises ImageError or TooLarge.
    """
    found = _read(data, file)
    image = _image(found)
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if found.kind in _PHOTOS and image.mode == "RGB":
        image.save(out, "JPEG", quality=95, subsampling=0, optimize=True)
        return out.getvalue(), ".jpg"
    image.save(out, "PNG", optimize=False)
    return out.getvalue(), ".png"


def _read(data: bytes, file: str) -> PictureFile:
    _check_bytes(data, file)
    try:
        found = read_picture_file(data, MAX_PIXELS)
    except TooLarge:
        raise TooLarge(f"The style image '{file}' has more than {MAX_PIXELS // 10**6} megapixels.") from None
    except ImageError as error:
        raise ImageError(f"'{file}': {error.detail}", hint=error.hint, code=error.code) from None
    _check_side(found.picture.width, found.picture.height, file)
    return found


def image_size(data: bytes, file: str) -> tuple[int, int]:
    """(width, height) of a style image as it is seen. Raises ImageError or TooLarge."""
    found = _read(data, file).picture
    return found.width, found.height


def small_png(data: bytes, side: int) -> bytes:
    """PNG: a style image, small enough that no side is longer."""
    small = _image(_read(data, "style image"))
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def _image(found: PictureFile) -> Image.Image:
    """RGB, or RGBA where anything is transparent."""
    pixels = eight_bits(found.picture).pixels
    return Image.fromarray(pixels if is_transparent(found.picture) else np.ascontiguousarray(pixels[..., :3]))


def _open_bytes(data: bytes, file: str) -> Image.Image:
    _check_bytes(data, file)
    return _open(io.BytesIO(data), file)


def _check_bytes(data: bytes, file: str) -> None:
    if len(data) > MAX_BYTES:
        raise TooLarge(f"The style image '{file}' is larger than {MAX_BYTES >> 20} MiB.")


def _check_side(width: int, height: int, file: str) -> None:
    if min(width, height) < MIN_SIDE:
        size = f"{width}×{height}"
        raise ImageError(f"The style image '{file}' has {size} pixels; each side needs at least {MIN_SIDE}.")


def _open(stream: BinaryIO, file: str) -> Image.Image:
    """Reads the header only, and refuses by the size written there."""
    try:
        image = Image.open(stream, formats=_READABLE)
    except _BOMB:
        raise TooLarge(f"The style image '{file}' has more than {MAX_PIXELS // 10**6} megapixels.") from None
    except DAMAGE:
        raise ImageError(f"'{file}' is not a PNG, JPEG, WebP or TIFF picture, or it is damaged.") from None
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(f"The style image '{file}' has more than {MAX_PIXELS // 10**6} megapixels.")
    _check_side(image.width, image.height, file)
    return image


def _format_problem(image: Image.Image, file: str) -> str | None:
    suffix = Path(file).suffix.lower()
    if image.format in _SUFFIX_FORMATS.get(suffix, ()):
        return None
    return f"'{file}' is a {image.format} picture, which its name does not say; give it the right ending."


def _load(image: Image.Image, file: str, data: bytes) -> None:
    try:
        load_whole(image, data)
    except (ImageError, *DAMAGE):
        raise ImageError(f"The picture '{file}' is damaged or cut short.") from None
    except _BOMB:
        raise TooLarge(f"The style image '{file}' unpacks to more than it may.") from None
