"""Pictures as arrays: the three raw formats, and other sizes and depths of them. numpy and Pillow only.

Raw pixels are rows top to bottom, no padding, native little endian, sRGB-encoded, straight alpha.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .errors import ImageError, TooLarge

Array = NDArray[Any]

DTYPES: dict[str, np.dtype[Any]] = {"RGBA8": np.dtype("u1"), "RGBA16": np.dtype("<u2"), "RGBAF32": np.dtype("<f4")}
PEAK = {"RGBA8": 255.0, "RGBA16": 65535.0, "RGBAF32": 1.0}
"""The value of full white or full opacity in each format."""

PIXEL_BYTES = {name: 4 * dtype.itemsize for name, dtype in DTYPES.items()}
Box = tuple[float, float, float, float]
PixelFormat = Literal["RGBA8", "RGBA16", "RGBAF32"]
FLOAT_LIMIT = 1e6
"""Values beyond so many times white are clipped in calculations, which keeps sums finite."""

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

    @property
    def peak(self) -> float:
        """Full white, full opacity."""
        return PEAK[self.format]

    @property
    def beyond_white(self) -> bool:
        """Whether anything that shows is darker than black or lighter than white, as floats can be."""
        if self.format != "RGBAF32":
            return False
        shown = self.pixels[self.pixels[..., 3] > 0][..., :3]
        return bool(((shown < 0) | (shown > 1)).any())

    @property
    def is_empty(self) -> bool:
        """Whether no pixel can be seen."""
        return not self.pixels[..., 3].any()

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


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Raises ImageError for no pixels, TooLarge for too many."""
    if width < 1 or height < 1:
        raise ImageError(f"A picture of {width} × {height} pixels has no pixels.")
    if width * height > max_pixels or max(width, height) > LARGEST_SIDE:
        raise TooLarge(
            f"{width} × {height} pixels are more than this daemon takes ({max_pixels:,} in all, "
            f"{LARGEST_SIDE:,} in a row)."
        )


def eight_bits(picture: Picture) -> Picture:
    """The same as RGBA8; floats are clipped to 0–1."""
    return converted(picture, "RGBA8")


def converted(picture: Picture, format: str) -> Picture:
    """The same in another of the three formats; whole numbers are rounded, and floats clipped to 0–1 before."""
    if picture.format == format:
        return picture
    values = picture.pixels * np.float32(PEAK[format] / picture.peak)
    if format != "RGBAF32":
        values = np.rint(np.clip(values, 0, PEAK[format]))
    return Picture(values.astype(DTYPES[format]), format)


def reduced(picture: Picture, max_side: int) -> Picture:
    """The picture with its long side at most `max_side`, in the same format; colours are weighted by alpha."""
    factor = max_side / max(picture.width, picture.height)
    if factor >= 1:
        return picture
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    return _resized(picture, size, None, Image.Resampling.BOX)


def resampled(picture: Picture, size: tuple[int, int], box: Box) -> Picture:
    """What `box` (left, top, right, bottom, in pixels and parts of them) has, in another size (width, height), in the
    same format, by Lanczos' filter; colours are weighted by alpha."""
    return _resized(picture, size, box, Image.Resampling.LANCZOS)


def _resized(picture: Picture, size: tuple[int, int], box: Box | None, way: Image.Resampling) -> Picture:
    if picture.format == "RGBA8":
        image = Image.fromarray(np.ascontiguousarray(picture.pixels), "RGBA").resize(size, way, box)
        return Picture(np.asarray(image), "RGBA8")
    dtype = DTYPES[picture.format]
    pixels = np.empty((size[1], size[0], 4), dtype)
    alpha = picture.alpha()
    cover = np.maximum(_plane(alpha, size, box, way), np.float32(1e-9))
    for channel in range(4):
        values = picture.pixels[..., channel].astype(np.float32)
        found = _plane(values, size, box, way) if channel == 3 else _plane(values * alpha, size, box, way) / cover
        if dtype.kind == "u":
            found = np.rint(np.clip(found, 0, picture.peak))
        pixels[..., channel] = found
    return Picture(pixels, picture.format)


def _plane(values: Array, size: tuple[int, int], box: Box | None, way: Image.Resampling) -> Array:
    return np.asarray(Image.fromarray(values).resize(size, way, box))
