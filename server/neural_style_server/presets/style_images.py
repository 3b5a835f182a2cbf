"""Style images: which pictures are accepted, and the clean copy that a preset keeps."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

from ..errors import ImageError, TooLarge
from ..files import open_regular, read_regular
from ..pictures.colour import to_srgb
from ..pictures.formats import DAMAGE
from ..pictures.whole import load_whole

MAX_BYTES = 64 * 1024 * 1024
MAX_PIXELS = 64_000_000
MAX_SIDE = 4096
MIN_SIDE = 32
"""VGG-19's deepest style layer has one element for 16 pixels; it needs a few of them."""

_SUFFIX_FORMATS = {".png": ("PNG",), ".jpg": ("JPEG", "MPO"), ".jpeg": ("JPEG", "MPO"), ".webp": ("WEBP",)}
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
    """Decode it whole. Raises ImageError or TooLarge where that cannot be done or its suffix lies."""
    with _open_bytes(data, file) as image:
        problem = _format_problem(image, file)
        if problem:
            raise ImageError(problem)
        _load(image, file, data)


def clean_image(data: bytes, file: str) -> tuple[bytes, str]:
    """A copy in sRGB, upright and without metadata, and its suffix: JPEG for a photo, else PNG.

    A colour profile is applied and an EXIF orientation is carried out before both are left behind.
    """
    with _open_bytes(data, file) as opened:
        photo = opened.format in ("JPEG", "MPO")
        _load(opened, file, data)
        image = _srgb(ImageOps.exif_transpose(opened), file)
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    if photo and image.mode == "RGB":
        image.save(out, "JPEG", quality=95, subsampling=0, optimize=True)
        return out.getvalue(), ".jpg"
    image.save(out, "PNG", optimize=False)
    return out.getvalue(), ".png"


def small_png(data: bytes, side: int) -> bytes:
    """A thumbnail of a style image, for a preset that has no thumbnail of its own."""
    with _open_bytes(data, "style image") as image:
        _load(image, "style image", data)
        small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def _open_bytes(data: bytes, file: str) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise TooLarge(f"The style image '{file}' is larger than {MAX_BYTES >> 20} MiB.")
    return _open(io.BytesIO(data), file)


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
    if min(image.size) < MIN_SIDE:
        size = f"{image.width}×{image.height}"
        raise ImageError(f"The style image '{file}' has {size} pixels; each side needs at least {MIN_SIDE}.")
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


def _srgb(image: Image.Image, file: str) -> Image.Image:
    """RGB, or RGBA where something is transparent."""
    try:
        found = to_srgb(image)
    except ValueError:
        raise ImageError(f"The picture '{file}' has colours of a kind that is not supported ({image.mode}).") from None
    found.info.clear()
    return found if found.getchannel("A").getextrema()[0] != 255 else found.convert("RGB")
