"""OpenEXR: floats of compositors, by the Academy Software Foundation's own library (the extra `exr`).

Its pixels are light, with colours multiplied by alpha; here alpha is straight. A colour under alpha 0, such as a glow,
stays as it is in both directions.
"""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..errors import ImageError, TooLarge
from ..pixels import Array, Picture, check_size, converted
from .colour_spaces import REC_709, ColourSpace, Primaries, out_of_srgb, space_of
from .formats import exr_library
from .metadata import KEYWORD, LARGEST_SETTINGS

DENSITY, CHROMATICITIES = "xDensity", "chromaticities"
"""Standard attributes: pixels per inch; xy of red, green, blue and white."""

LAYERS_PER_PICTURE = 4
"""An EXR may hold so many times the values of the largest picture: the library unpacks all of its layers."""

LARGEST_HALF = 65504.0
LARGEST_ODD_TILE = 1 << 22
"""Pixels of a tile that may be much larger than its picture."""

WHOLE_PICTURES = ("combined", "beauty", "rgba", "rgb")
"""What renderers call the layer that is the picture, where they name it."""

_reading = threading.Lock()

Box = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two belong to it."""


@dataclass(frozen=True)
class ExrFrame:
    """Where the pixels stand, and how they were stored: `data` is the part of `display` that has pixels, and may lie
    beyond it; aspect: width of a pixel by its height; half: with 16 bits per value."""

    data: Box
    display: Box
    aspect: float = 1.0
    half: bool = True

    @property
    def size(self) -> tuple[int, int]:
        left, top, right, bottom = self.data
        return right - left + 1, bottom - top + 1


@dataclass(frozen=True, eq=False)
class ExrPicture:
    """picture: RGBAF32 with straight alpha, its values still in `space`."""

    picture: Picture
    space: ColourSpace
    frame: ExrFrame
    dpi: float | None
    settings: str | None
    notes: tuple[str, ...]


def read_exr_settings(file: BinaryIO) -> str | None:
    """The settings in the header. Raises ImageError, and what the library raises for damage."""
    with _opened(file, header_only=True) as exr:
        return _settings(exr.parts[0].header)


def read_exr_size(file: BinaryIO) -> tuple[int, int]:
    """(width, height) from the header; raises as `read_exr` does."""
    with _opened(file, header_only=True) as exr:
        parts = [dict(part.header) for part in exr.parts]
    return _frame(parts[_chosen_layer(parts)[0]]).size


def read_exr(data: bytes, max_pixels: int) -> ExrPicture:
    """The (first) picture in the file. Raises ImageError for what has no colours that are known here, TooLarge before
    anything is unpacked, and what the library raises for damage."""
    with _opened(io.BytesIO(data), header_only=True) as file:
        parts = [dict(part.header) for part in file.parts]
    number, prefix, notes = _chosen_layer(parts)
    header = parts[number]
    frame = _frame(header)
    check_size(*frame.size, max_pixels)
    _check_values(parts, max_pixels)
    with _opened(io.BytesIO(data), header_only=False) as file:
        if len(file.parts) != len(parts):
            raise ImageError("The EXR picture is damaged: some of its pixels are missing.")
        planes = {name: channel.pixels for name, channel in file.parts[number].channels.items()}
    pixels = _rgba(planes, prefix)
    frame = ExrFrame(frame.data, frame.display, frame.aspect, planes[_colours(planes, prefix)[0]].dtype == np.float16)
    if frame.data != frame.display:
        notes.append("Its pixels are not those of its whole frame; what there is is painted, and stays in its place.")
    space = space_of(_primaries(header))
    return ExrPicture(Picture(pixels, "RGBAF32"), space, frame, _density(header), _settings(header), tuple(notes))


def encode_exr(
    picture: Picture,
    space: ColourSpace,
    *,
    alpha: bool,
    frame: ExrFrame | None = None,
    dpi: float | None = None,
    settings: str | None = None,
) -> bytes:
    """A picture that is encoded as sRGB, in `space`. With 16 bits per value where the frame says so, and without a
    frame where 16 bits hold all that the picture has, otherwise with 32; packed by ZIP.

    Equal arguments give equal bytes. Raises ImageError where the extra is not installed.
    """
    openexr = exr_library()
    if frame is None or frame.size != (picture.width, picture.height):
        whole = (0, 0, picture.width - 1, picture.height - 1)
        half = picture.format == "RGBA8" if frame is None else frame.half
        frame = ExrFrame(whole, whole, 1.0 if frame is None else frame.aspect, half)
    pixels = converted(out_of_srgb(picture, space), "RGBAF32").pixels.copy()
    cover = pixels[..., 3:]
    np.multiply(pixels[..., :3], cover, out=pixels[..., :3], where=cover > 0)
    if frame.half:
        pixels = np.clip(pixels, -LARGEST_HALF, LARGEST_HALF).astype(np.float16)
    header = {
        "compression": openexr.ZIP_COMPRESSION,
        "type": openexr.scanlineimage,
        "dataWindow": _window(frame.data),
        "displayWindow": _window(frame.display),
        "pixelAspectRatio": frame.aspect,
        CHROMATICITIES: tuple(value for point in space.primaries for value in point),
    }
    header |= {key: value for key, value in ((DENSITY, dpi and float(dpi)), (KEYWORD, settings)) if value is not None}
    channels = {"RGBA": pixels} if alpha else {"RGB": np.ascontiguousarray(pixels[..., :3])}
    out = io.BytesIO()
    with openexr.File(header, channels) as file:
        file.write(out)
    return out.getvalue()


@contextlib.contextmanager
def _opened(source: BinaryIO, *, header_only: bool) -> Iterator[Any]:
    """The library prints what it finds wrong, and tells it by what is then missing; so its words are not shown."""
    openexr = exr_library()
    with _reading, contextlib.redirect_stdout(io.StringIO()):
        file = openexr.File(source, separate_channels=True, header_only=header_only)
    with file:
        if not file.parts:
            raise ImageError("The EXR picture is damaged: it cannot be unpacked.")
        yield file


def _chosen_layer(parts: list[dict[str, Any]]) -> tuple[int, str, list[str]]:
    """(number of the part, what its channels' names begin with, notes). Raises ImageError where none is a picture."""
    found: list[tuple[int, int, str]] = []
    for number, header in enumerate(parts):
        if "deep" in str(header.get("type")):
            continue
        names = [channel.name for channel in header["channels"]]
        prefixes = dict.fromkeys(name.rpartition(".")[0] + "." * ("." in name) for name in names)
        for prefix in prefixes:
            if _colours(names, prefix):
                found.append((_rank(prefix), number, prefix))
    if not found:
        raise ImageError(
            "It is an EXR without colours in R, G and B, or with deep pixels only.",
            hint="Save it as a flat picture with the channels R, G, B and A.",
        )
    _, number, prefix = min(found, key=lambda each: each[:2])
    notes = [f"It holds several layers; {_layer_name(parts[number], prefix)} is taken."] if len(found) > 1 else []
    for channel in parts[number]["channels"]:
        if channel.name.startswith(prefix) and (channel.xSampling, channel.ySampling) != (1, 1):
            raise ImageError(
                "Its colours are stored as brightness and smaller colour differences, which are not read.",
                hint="Save it with the channels R, G and B.",
            )
    return number, prefix, notes


def _rank(prefix: str) -> int:
    return 0 if not prefix else 1 if prefix.rstrip(".").rpartition(".")[2].lower() in WHOLE_PICTURES else 2


def _layer_name(header: dict[str, Any], prefix: str) -> str:
    name = prefix.rstrip(".") or str(header.get("name") or "")
    return repr(name[:60]) if name else "the first"


def _colours(names: Any, prefix: str) -> tuple[str, ...]:
    """The channels that are colours, three or, of a grey picture, one."""
    rgb = tuple(prefix + name for name in "RGB")
    return rgb if all(name in names for name in rgb) else (prefix + "Y",) if prefix + "Y" in names else ()


def _check_values(parts: list[dict[str, Any]], max_pixels: int) -> None:
    total = 0
    for header in parts:
        width, height = _frame(header).size
        check_size(width, height, max_pixels)
        total += width * height * len(header["channels"])
        tiles = header.get("tiles")
        if tiles is not None and tiles.xSize * tiles.ySize > max(4 * width * height, LARGEST_ODD_TILE):
            raise ImageError("The EXR picture is damaged: its tiles are larger than the picture.")
    if total > LAYERS_PER_PICTURE * 4 * max_pixels:
        raise TooLarge("Its layers hold more values than are taken; save the one that is to be painted alone.")


def _rgba(planes: dict[str, Array], prefix: str) -> NDArray[np.float32]:
    """(H, W, 4) with straight alpha."""
    colours = [planes[name] for name in _colours(planes, prefix)]
    if any(plane.dtype.kind != "f" for plane in colours):
        raise ImageError("Its channels are whole numbers, which say no colours.", hint="Save it with floats.")
    pixels = np.ones((*colours[0].shape, 4), np.float32)
    for place in range(3):
        pixels[..., place] = colours[place % len(colours)]
    cover = planes.get(prefix + "A")
    if cover is not None:
        pixels[..., 3] = cover
        with np.errstate(over="ignore"):
            np.divide(pixels[..., :3], pixels[..., 3:], out=pixels[..., :3], where=pixels[..., 3:] > 0)
    return pixels


def _frame(header: dict[str, Any]) -> ExrFrame:
    aspect = float(header.get("pixelAspectRatio", 1.0))
    return ExrFrame(_box(header["dataWindow"]), _box(header["displayWindow"]), aspect if 0 < aspect < 1e3 else 1.0)


def _box(window: Any) -> Box:
    (left, top), (right, bottom) = window
    return int(left), int(top), int(right), int(bottom)


def _window(box: Box) -> tuple[Array, Array]:
    return np.array(box[:2], np.int32), np.array(box[2:], np.int32)


def _primaries(header: dict[str, Any]) -> Primaries:
    """By default those of Rec. 709 (OpenEXR's technical introduction)."""
    found = header.get(CHROMATICITIES)
    if found is None or len(found) != 8:
        return REC_709
    values = [float(value) for value in found]
    return tuple(zip(values[::2], values[1::2], strict=True))  # type: ignore[return-value]


def _density(header: dict[str, Any]) -> float | None:
    found = header.get(DENSITY)
    return float(found) if isinstance(found, float) and 1 < found < 100_000 else None


def _settings(header: dict[str, Any]) -> str | None:
    found = header.get(KEYWORD)
    return found if isinstance(found, str) and 0 < len(found) <= LARGEST_SETTINGS else None
