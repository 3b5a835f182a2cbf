"""Pictures as arrays: the three raw formats, files in and out, thumbnails. numpy and Pillow only.

Raw pixels are rows top to bottom, no padding, native little endian, sRGB-encoded, straight alpha.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from .errors import ImageError, TooLarge, UnsupportedMedia
from .whole_pictures import check_whole
from .whole_pictures import load_whole as load_whole

Array = NDArray[Any]

DTYPES: dict[str, np.dtype[Any]] = {"RGBA8": np.dtype("u1"), "RGBA16": np.dtype("<u2"), "RGBAF32": np.dtype("<f4")}
PEAK = {"RGBA8": 255.0, "RGBA16": 65535.0, "RGBAF32": 1.0}
"""The value of full white or full opacity in each format."""

PIXEL_BYTES = {name: 4 * dtype.itemsize for name, dtype in DTYPES.items()}
PixelFormat = Literal["RGBA8", "RGBA16", "RGBAF32"]
FLOAT_LIMIT = 1e6
"""Values beyond so many times white are clipped in calculations, which keeps sums finite."""

FILE_TYPES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/tiff": "TIFF"}
LARGEST_SIDE = 32_768
ORIENTATION_TAG = 0x0112
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, LookupError, struct.error, zlib.error, TypeError, ArithmeticError)
"""What decoders raise for files that are damaged."""

OPAQUE_MODE = {"LA": "L", **dict.fromkeys(("1", "P", "PA", "RGBA", "RGBX", "RGBa", "YCbCr"), "RGB")}
"""Pillow's modes as those that colour management knows, without alpha."""


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
        """(H, W, 3), 0–255; RGBAF32 may lie outside, up to FLOAT_LIMIT times white."""
        rgb: NDArray[np.float32] = self.pixels[..., :3].astype(np.float32)
        if self.format == "RGBAF32":
            np.clip(rgb, -FLOAT_LIMIT, FLOAT_LIMIT, out=rgb)
        rgb *= np.float32(255 / PEAK[self.format])
        return rgb

    def alpha(self) -> NDArray[np.float32]:
        """(H, W), 0–1."""
        share: NDArray[np.float32] = self.pixels[..., 3].astype(np.float32)
        share /= np.float32(PEAK[self.format])
        return np.clip(share, 0, 1, out=share)

    def grey(self) -> NDArray[np.float32]:
        """(H, W), 0–1: how a mask counts. The mean of R, G, B times alpha."""
        grey: NDArray[np.float32] = np.clip(self.rgb().mean(-1) / 255, 0, 1) * self.alpha()
        return grey


def from_raw(data: bytes, width: int, height: int, format: str) -> Picture:
    """A picture from raw pixels. Raises ImageError if size, format or values are wrong."""
    if format not in DTYPES:
        raise ImageError(f"The format {format[:40]!r} is not known.", hint=f"Use one of {', '.join(DTYPES)}.")
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
    """A PNG, JPEG, WebP or TIFF file -> RGBA8, or RGBA16 for 16-bit PNG in sRGB.

    Orientation is applied and an embedded profile converted to sRGB. Raises ImageError for what cannot be read
    completely, TooLarge before anything is unpacked, UnsupportedMedia for other content types.
    """
    kind = FILE_TYPES.get(content_type.split(";")[0].strip().lower())
    if kind is None:
        raise UnsupportedMedia(f"Pictures of the type {content_type!r} are not understood.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about harmless damage; sizes are checked here
            image = Image.open(io.BytesIO(data), formats=[kind])
            check_size(image.width, image.height, max_pixels)
            if kind == "PNG" and _png_depth(data) == 16:
                check_whole(image, data)
                return _decode_png16(data, image)
            load_whole(image, data)
            return Picture(np.asarray(to_srgb(ImageOps.exif_transpose(image))), "RGBA8")
    except Image.DecompressionBombError:
        raise TooLarge("The picture has more pixels than allowed.") from None
    except DAMAGE as error:
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
    """The picture with its long side at most `max_side`, in the same format; colours are weighted by alpha."""
    factor = max_side / max(picture.width, picture.height)
    if factor >= 1:
        return picture
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    if picture.format == "RGBA8":
        image = Image.fromarray(np.ascontiguousarray(picture.pixels), "RGBA").resize(size, Image.Resampling.BOX)
        return Picture(np.asarray(image), "RGBA8")
    pixels = _reduced_floats(picture.pixels.astype(np.float32), size, picture.alpha())
    dtype = DTYPES[picture.format]
    return Picture((np.rint(pixels) if dtype.kind == "u" else pixels).astype(dtype), picture.format)


def _reduced_floats(pixels: NDArray[np.float32], size: tuple[int, int], alpha: NDArray[np.float32]) -> Array:
    def plane(values: NDArray[np.float32]) -> Array:
        return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BOX))

    cover = np.maximum(plane(alpha), np.float32(1e-9))
    colours = [plane(pixels[..., channel] * alpha) / cover for channel in range(3)]
    return np.stack([*colours, plane(pixels[..., 3])], -1)


def _png_depth(data: bytes) -> int:
    return data[24] if len(data) > 24 else 0


def _decode_png16(data: bytes, image: Image.Image) -> Picture:
    """`image` is Pillow's reading of the same file: 8 bits per value, but with the metadata."""
    import png

    orientation = image.getexif().get(ORIENTATION_TAG, 1)
    if _needs_conversion(image):
        return Picture(np.asarray(to_srgb(ImageOps.exif_transpose(image))), "RGBA8")
    try:
        width, height, rows, _ = png.Reader(bytes=data).asRGBA()
        pixels = np.vstack([np.asarray(row, dtype=np.uint16) for row in rows]).reshape(height, width, 4)
    except (png.Error, ValueError, EOFError, zlib.error) as error:
        raise ImageError(f"The PNG picture is damaged or cannot be read ({error}).") from None
    return Picture(np.ascontiguousarray(_turned(pixels, orientation)), "RGBA16")


def _turned(pixels: Array, orientation: int) -> Array:
    """The picture upright, by its EXIF orientation (EXIF 2.32, section 4.6.4)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    rows = -1 if orientation in (3, 4, 7, 8) else 1
    columns = -1 if orientation in (2, 3, 6, 7) else 1
    return pixels[::rows, ::columns]


def _needs_conversion(image: Image.Image) -> bool:
    """Whether an embedded profile changes colours by more than rounding.

    Pillow's colour management converts in 8 bits; 16-bit pictures in sRGB, the usual case, keep their depth.
    """
    if not image.info.get("icc_profile") or image.mode not in ("RGB", "RGBA"):
        return False
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    probe = Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3))
    change = np.asarray(_converted(probe, image.info["icc_profile"])).astype(int) - np.asarray(probe)
    return int(np.abs(change).max()) > 1


def to_srgb(image: Image.Image) -> Image.Image:
    """RGBA of eight bits, with the embedded profile applied. Raises ValueError for modes without such a form."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if not profile:
        return image.convert("RGBA")
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    result = _converted(image.convert(OPAQUE_MODE.get(image.mode, image.mode)), profile).convert("RGBA")
    if alpha is not None:
        result.putalpha(alpha)
    return result


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """In sRGB by its profile; unchanged if that is unusable or does not match the picture's mode."""
    if image.mode not in ("RGB", "L", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
