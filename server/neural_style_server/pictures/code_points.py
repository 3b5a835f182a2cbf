"""Colours that a file states by numbers (ITU-T H.273): a PNG in its chunk cICP (PNG, third edition), an AVIF or HEIC in
a box `colr` of the kind nclx (ISO 14496-12). A PNG's count more than its profile, an AVIF's less."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..pixels import PEAK, Picture, eight_bits
from .colour import profile_of
from .colour_spaces import REC_709, ROWS_AT_ONCE
from .hdr import BT2020, HLG, PQ, PRIMARIES, to_sdr
from .png import png_chunk
from .stated_colours import GREY_MODES, made_profile

NEARLY_REC_709 = (1, 2, 5, 6, 7)
"""Primaries of screens, those of former television, and none at all."""

POWERS = {1: None, 2: None, 4: 2.2, 5: 2.8, 6: None, 8: 1.0, 13: None, 14: None, 15: None}
"""Light by a value; None is sRGB's curve, near to which a screen shows those of television."""

HDR = "It is HDR; it is painted and written in ordinary colours (sRGB) with 8 bits."
NOT_READ = "It states its colours in a way that is not read ({}, {}); it is taken as sRGB."


@dataclass(frozen=True)
class CodePoints:
    """is_full: whether black is 0, and white all bits."""

    primaries: int
    transfer: int
    is_full: bool = True

    @property
    def is_hdr(self) -> bool:
        return self.transfer in (PQ, HLG)

    @property
    def notes(self) -> list[str]:
        if not self._is_read:
            return [NOT_READ.format(self.primaries, self.transfer)]
        return [HDR] if self.is_hdr else []

    def profile(self, mode: str) -> bytes | None:
        """That says the same of a picture of this mode of Pillow's; None where it is sRGB, or no profile's business."""
        if not self._is_read or self.is_hdr:
            return None
        power, primaries = POWERS[self.transfer], PRIMARIES.get(self.primaries, REC_709)
        if power is None and (primaries is REC_709 or mode in GREY_MODES):
            return None
        return made_profile(None if mode in GREY_MODES else primaries, power)

    def shown(self, picture: Picture) -> Picture:
        """A picture with the file's own values; HDR comes out as RGBA8 in sRGB."""
        if not (self.is_hdr and self._is_read):
            return picture
        pixels, primaries = eight_bits(picture).pixels.copy(), self.primaries if self.primaries in PRIMARIES else BT2020
        for top in range(0, picture.height, ROWS_AT_ONCE):
            rows = slice(top, top + ROWS_AT_ONCE)
            values = picture.pixels[rows, :, :3] * np.float64(65535 / PEAK[picture.format])
            pixels[rows, :, :3] = to_sdr(np.rint(values).astype(np.uint16), self.transfer, primaries)
        return Picture(pixels, "RGBA8")

    @property
    def _is_read(self) -> bool:
        known = self.primaries in PRIMARIES or self.primaries in NEARLY_REC_709
        return self.is_full and known and (self.is_hdr or self.transfer in POWERS)


def points_of(image: Image.Image, data: bytes) -> CodePoints | None:
    """None where the file states none, or a profile counts more. Nothing is unpacked for it."""
    if image.format == "PNG":
        chunk = png_chunk(data, b"cICP")
        return CodePoints(chunk[0], chunk[1], bool(chunk[3])) if chunk and len(chunk) == 4 and not chunk[2] else None
    if profile_of(image) is not None:
        return None
    if image.format == "AVIF":
        return _of_boxes(data)
    if stated := image.info.get("nclx_profile"):  # a HEIC's
        return CodePoints(int(stated["color_primaries"]), int(stated["transfer_characteristics"]))
    return None


def _of_boxes(data: bytes) -> CodePoints | None:
    """The first that is stated, which is the picture's own."""
    found = [memoryview(data)]
    for name, head in ((b"meta", 4), (b"iprp", 0), (b"ipco", 0)):
        found = [content[head:] for outer in found for kind, content in _boxes(outer) if kind == name]
    for outer in found:
        for kind, content in _boxes(outer):
            if kind == b"colr" and bytes(content[:4]) == b"nclx" and len(content) >= 8:
                return CodePoints(*struct.unpack_from(">HH", content, 4))
    return None


def _boxes(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Their kinds and contents, as far as they are whole."""
    place = 0
    while place + 8 <= len(data):
        size, head = int.from_bytes(data[place : place + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[place + 8 : place + 16], "big"), 16
        size = size or len(data) - place
        if size < head or place + size > len(data):
            return
        yield bytes(data[place + 4 : place + 8]), data[place + head : place + size]
        place += size
