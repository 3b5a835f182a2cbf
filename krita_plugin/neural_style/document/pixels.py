"""Bytes between Krita and the daemon, in pieces small enough that nobody waits. No Qt, no Krita.

Krita keeps 8- and 16-bit RGBA as B, G, R, A in memory; the daemon speaks R, G, B, A. Rows run top to
bottom without padding. A piece is a band of whole rows.
"""

from typing import Iterator, List, NamedTuple, Optional, Sequence

from ..neural_style_client.api import BYTES_PER_PIXEL, Pixels

FORMATS = {"U8": "RGBA8", "U16": "RGBA16"}
PIECE_PIXELS = 1 << 18
_NOTHING_OR_ALL = bytes([0] + [255] * 255)


class Piece(NamedTuple):
    """`rows` rows from row `top` of a picture."""

    top: int
    rows: int
    data: bytes


class Picture(NamedTuple):
    """A picture in Krita's order of channels, cut into pieces."""

    width: int
    height: int
    format: str
    pieces: List[Piece]
    iteration: int


def bands(width: int, height: int, piece_pixels: int = PIECE_PIXELS) -> Iterator[Piece]:
    """The (empty) pieces of a picture: as many whole rows each as `piece_pixels` allow, one at least."""
    rows = max(1, piece_pixels // max(1, width))
    for top in range(0, height, rows):
        yield Piece(top, min(rows, height - top), b"")


def swapped(data: bytes, format: str) -> bytearray:
    """Red and blue change places: from Krita's order to the daemon's, and back.

    Byte by byte even where a sample has two: strides over a bytearray are several times faster than over an array.
    """
    size = BYTES_PER_PIXEL[format]
    sample = size // 4
    samples = bytearray(data)
    for byte in range(sample):
        red, blue = slice(byte, None, size), slice(2 * sample + byte, None, size)
        samples[red], samples[blue] = samples[blue], samples[red]
    return samples


def to_daemon(pieces: Sequence[Piece], format: str) -> bytes:
    """Put together piece by piece: what Python does with a whole picture in one go, Krita's window waits for."""
    found = bytearray()
    for piece in pieces:
        found += swapped(piece.data, format)
    return bytes(found)


def picture_of(found: Pixels, mask: Optional[bytes], piece_pixels: int = PIECE_PIXELS) -> Picture:
    """The daemon's picture, see `to_krita`."""
    pieces = to_krita(found.data, found.width, found.height, found.format, mask, piece_pixels)
    return Picture(found.width, found.height, found.format, list(pieces), found.iteration)


def to_krita(
    data: bytes,
    width: int,
    height: int,
    format: str,
    mask: Optional[bytes] = None,
    piece_pixels: int = PIECE_PIXELS,
) -> Iterator[Piece]:
    """The daemon's picture in Krita's order, in pieces; where the mask is 0 the piece is transparent."""
    row_bytes = width * BYTES_PER_PIXEL[format]
    view = memoryview(data)
    for top, rows, _ in bands(width, height, piece_pixels):
        band = swapped(view[top * row_bytes : (top + rows) * row_bytes], format)
        if mask is not None:
            band = cut_out(band, mask[top * width : (top + rows) * width], format)
        yield Piece(top, rows, band)


def cut_out(data: bytes, mask: bytes, format: str) -> bytes:
    """Transparent black where the mask is 0, untouched elsewhere.

    The daemon has blended a feathered edge already; only what lies wholly outside is left to the layer below.
    """
    size = BYTES_PER_PIXEL[format]
    keep = bytearray(len(data))
    wanted = mask.translate(_NOTHING_OR_ALL)
    for offset in range(size):
        keep[offset::size] = wanted
    both = int.from_bytes(data, "little") & int.from_bytes(keep, "little")
    return both.to_bytes(len(data), "little")
