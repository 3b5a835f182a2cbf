"""Pictures as numbers: the three raw formats, files in and out, thumbnails. numpy and Pillow only.

Raw pixels are rows top to bottom, no padding, native little endian, sRGB-encoded, straight alpha.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from .errors import ImageError, TooLarge, UnsupportedMedia

Array = NDArray[Any]

DTYPES = {"RGBA8": np.dtype("u1"), "RGBA16": np.dtype("<u2"), "RGBAF32": np.dtype("<f4")}
PEAK = {"RGBA8": 255.0, "RGBA16": 65535.0, "RGBAF32": 1.0}
"""The value of full white or full opacity in each format."""

FILE_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/tiff": "TIFF"}
LARGEST_SIDE = 32_768


@dataclass(frozen=True, eq=False)
class Picture:
    """pixels: (H, W, 4) in one of the three formats' types."""

    pixels: Array
    format: str

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    def rgb(self) -> NDArray[np.float32]:
        """(H, W, 3), 0–255, in float; the floats of RGBAF32 may lie outside."""
        return self.pixels[..., :3].astype(np.float32) * np.float32(255 / PEAK[self.format])

    def alpha(self) -> NDArray[np.float32]:
        """(H, W), 0–1."""
        return np.clip(self.pixels[..., 3].astype(np.float32) / np.float32(PEAK[self.format]), 0, 1)

    def grey(self) -> NDArray[np.float32]:
        """(H, W), 0–1: how a mask counts. The mean of R, G, B times alpha."""
        return np.clip(self.rgb().mean(-1) / 255, 0, 1) * self.alpha()


def from_raw(data: bytes, width: int, height: int, format: str) -> Picture:
    """Raw pixels as they come over the wire. Raises ImageError where size, format or numbers are wrong."""
    if format not in DTYPES:
        raise ImageError(f"The format {format!r} is not known.", hint=f"Use one of {', '.join(DTYPES)}.")
    if width < 1 or height < 1:
        raise ImageError(f"A picture of {width} × {height} pixels has no pixels.")
    expected = width * height * 4 * DTYPES[format].itemsize
    if len(data) != expected:
        raise ImageError(
            f"{width} × {height} pixels in {format} are {expected} bytes, but {len(data)} came.",
            hint="Send rows top to bottom without padding, four channels for each pixel.",
        )
    pixels = np.frombuffer(data, DTYPES[format]).reshape(height, width, 4)
    if format == "RGBAF32" and not np.isfinite(pixels).all():
        raise ImageError(
            "The picture contains NaN or infinite values.", hint="Clean the layer's values and send it again."
        )
    return Picture(pixels, format)


def decode(data: bytes, content_type: str, max_pixels: int) -> Picture:
    """A PNG, JPEG, WebP or TIFF file -> RGBA8, or RGBA16 for 16-bit PNG.

    Orientation is applied and an embedded profile converted to sRGB. Raises ImageError for what cannot be read
    whole, TooLarge before anything is unpacked, UnsupportedMedia for other content types.
    """
    kind = FILE_TYPES.get(content_type.split(";")[0].strip().lower())
    if kind is None:
        raise UnsupportedMedia(f"Pictures of the type {content_type!r} are not understood.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=[kind])
            check_size(image.width, image.height, max_pixels)
            if kind == "PNG" and _png_depth(data) == 16:
                return _decode_png16(data)
            image.load()
            return Picture(np.asarray(_to_srgb(ImageOps.exif_transpose(image))), "RGBA8")
    except Image.DecompressionBombError:
        raise TooLarge("The picture has more pixels than allowed.") from None
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, ImageCms.PyCMSError) as error:
        raise ImageError(f"The {kind} picture is damaged or cannot be read ({error}).") from None


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raises ImageError for no pixels, TooLarge for too many."""
    if width < 1 or height < 1:
        raise ImageError(f"A picture of {width} × {height} pixels has no pixels.")
    if width * height > max_pixels or max(width, height) > LARGEST_SIDE:
        raise TooLarge(
            f"{width} × {height} pixels are more than this daemon takes ({max_pixels:,} in all, "
            f"{LARGEST_SIDE:,} in a row)."
        )


def encode_png(picture: Picture) -> bytes:
    """8-bit PNG for RGBA8, 16-bit for the deeper formats (floats are clipped to 0–1)."""
    file = io.BytesIO()
    if picture.format == "RGBA8":
        Image.fromarray(np.ascontiguousarray(picture.pixels), "RGBA").save(file, "PNG", compress_level=3)
        return file.getvalue()
    import png

    pixels = picture.pixels
    if picture.format == "RGBAF32":
        pixels = np.rint(np.clip(pixels, 0, 1) * 65535).astype(np.uint16)
    writer = png.Writer(picture.width, picture.height, greyscale=False, alpha=True, bitdepth=16, compression=3)
    writer.write(file, pixels.reshape(picture.height, -1))
    return file.getvalue()


def reduced(picture: Picture, max_side: int) -> Picture:
    """The picture for display, its long side at most `max_side`, in the same format; alpha weighs the colours."""
    factor = max_side / max(picture.width, picture.height)
    if factor >= 1:
        return picture
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    if picture.format == "RGBA8":
        image = Image.fromarray(np.ascontiguousarray(picture.pixels), "RGBA").resize(size, Image.Resampling.BOX)
        return Picture(np.asarray(image), "RGBA8")
    planes = [
        np.asarray(Image.fromarray(picture.pixels[..., c].astype(np.float32)).resize(size, Image.Resampling.BOX))
        for c in range(4)
    ]
    pixels = np.stack(planes, -1)
    dtype = DTYPES[picture.format]
    return Picture((np.rint(pixels) if dtype.kind == "u" else pixels).astype(dtype), picture.format)


def _png_depth(data: bytes) -> int:
    return data[24] if len(data) > 24 else 0


def _decode_png16(data: bytes) -> Picture:
    import png

    try:
        width, height, rows, _ = png.Reader(bytes=data).asRGBA()
        pixels = np.vstack([np.asarray(row, dtype=np.uint16) for row in rows]).reshape(height, width, 4)
    except (png.Error, ValueError, EOFError) as error:
        raise ImageError(f"The PNG picture is damaged or cannot be read ({error}).") from None
    return Picture(pixels, "RGBA16")


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "RGBA", "L", "CMYK"):
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        base = image.convert("RGB") if image.mode == "RGBA" else image
        try:
            converted = ImageCms.profileToProfile(base, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError:
            converted = None  # a profile that does not fit its picture: the numbers are taken as sRGB
        if converted is not None:
            image = converted
            if alpha is not None:
                image.putalpha(alpha)
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    return image.convert("RGBA")
