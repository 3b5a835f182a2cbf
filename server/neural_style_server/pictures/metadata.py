"""What a picture file says besides its pixels: EXIF, resolution, and the settings that it was painted with.

The settings are JSON. They stand in an XMP packet, which every kind that is written can hold, and in a PNG's text.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base

from .formats import DAMAGE

KEYWORD = "neural-style"
"""Of the settings in a PNG's text."""

LARGEST_SETTINGS, LARGEST_EXIF, LARGEST_XMP = 32 << 10, 60_000, 4 << 20
"""Bytes. A JPEG has room for 64 KiB of each."""

INCH = 2
"""EXIF's unit of resolution."""

IFD0_KEPT = (
    Base.ImageDescription, Base.Make, Base.Model, Base.Software, Base.DateTime, Base.Artist, Base.Copyright,
    Base.XPTitle, Base.XPComment, Base.XPAuthor, Base.XPKeywords, Base.XPSubject,
)  # fmt: skip
"""All that EXIF has here but the orientation, thumbnail and GPS. In a TIFF, other tags describe the file or, in maps,
the place."""

EXIF_LEFT_OUT = (Base.MakerNote, IFD.Interop, Base.ExifImageWidth, Base.ExifImageHeight)
"""A camera's own notes can hold thumbnails and places."""

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:neuralstyle="urn:neural-style:1" neuralstyle:settings="{}"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
_IN_PACKET = re.compile(r'neuralstyle:settings="([^"]*)"')


def xmp_packet(settings: str) -> str:
    return _PACKET.format(html.escape(settings))


def settings_of(info: Mapping[Any, Any]) -> str | None:
    """The settings in what Pillow has found in a file."""
    text = info.get(KEYWORD)
    if not isinstance(text, str):
        packet = info.get("xmp", info.get("XML:com.adobe.xmp", b""))
        packet = packet if isinstance(packet, str) else bytes(packet or b"")[:LARGEST_XMP].decode("utf-8", "replace")
        found = _IN_PACKET.search(packet[:LARGEST_XMP])
        text = html.unescape(found[1]) if found else ""
    return str(text) if 0 < len(text) <= LARGEST_SETTINGS else None


def drop_broken_exif(image: Image.Image) -> None:
    """EXIF that cannot be read says nothing, and costs no picture."""
    try:
        image.getexif()
    except DAMAGE:
        image.info.pop("exif", None)


def kept_exif(image: Image.Image) -> bytes | None:
    """The EXIF of a loaded picture without orientation, thumbnail and GPS; None where there is none, or none that is
    sound."""
    try:
        found = image.getexif()
        kept = Image.Exif()
        for tag in IFD0_KEPT:
            if tag in found:
                kept[tag] = found[tag]
        inner = {tag: value for tag, value in found.get_ifd(IFD.Exif).items() if tag not in EXIF_LEFT_OUT}
        if inner:
            kept[IFD.Exif] = inner
        data = kept.tobytes() if len(kept) else b""
        exif_from(data)
    except DAMAGE:
        return None
    return data if 0 < len(data) <= LARGEST_EXIF else None


def exif_from(data: bytes | None) -> Image.Exif:
    """What `kept_exif` has given, to be added to."""
    exif = Image.Exif()
    if data:
        exif.load(data)
        inner = exif.get_ifd(IFD.Exif)
        if inner:
            exif[IFD.Exif] = inner
    return exif


def dpi_of(image: Image.Image) -> float | None:
    """Dots per inch, where a loaded picture's file says so and both directions agree."""
    try:
        if "dpi" in image.info:
            across, down = (float(value) for value in image.info["dpi"])
        else:
            exif = image.getexif()
            if exif[Base.ResolutionUnit] != INCH:
                return None
            across, down = float(exif[Base.XResolution]), float(exif[Base.YResolution])
    except DAMAGE:
        return None
    sound = math.isfinite(across) and 1 < across < 100_000 and abs(across - down) < 0.01 * across
    return across if sound else None
