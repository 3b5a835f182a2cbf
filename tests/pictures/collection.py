"""More than two hundred picture files of every kind that Pillow writes or that can be made by hand, each with the
colours that it must show, calculated another way than by the program."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from typing import Any

import numpy as np
import png
from PIL import Image, features
from tests.picture_files import PHOTO, chunks, joined, saved
from tests.pictures.profiles import cmyk_profile, grey_profile
from tests.pictures.samples import (
    COVER,
    EXACT,
    GREY,
    LOSSY,
    PROFILES,
    RGB,
    RGBA,
    SMOOTH,
    Named,
    Sample,
    by_littlecms,
    image,
)
from tests.pictures.test_decode import ORIENTED
from tests.pictures.tiff_samples import deep_tiffs, tiffs


@functools.cache
def collection() -> dict[str, Sample]:
    found: dict[str, Sample] = {}
    makers = (orientations, pngs, jpegs, inks, tiffs, deep_tiffs, others, profiles, several, truncated)
    for maker in makers:
        for name, sample in maker():
            assert name not in found, name
            found[name] = sample
    return found


def orientations() -> Named:
    kinds = {"JPEG": {"quality": 97, "subsampling": 0}, "TIFF": {}, "PNG": {}, "WEBP": {"lossless": True}}
    if features.check("avif"):
        kinds["AVIF"] = {"quality": 95}
    for kind, options in kinds.items():
        for orientation, turned in ORIENTED.items():
            exif = Image.Exif()
            exif[0x0112] = orientation
            data = saved(SMOOTH, kind, exif=exif, **options)
            tolerance = LOSSY if kind in ("JPEG", "AVIF") else EXACT
            yield f"{kind}-orientation-{orientation}", Sample(data, turned(RGB), tolerance)


# PNG


def made_png(rows: np.ndarray, depth: int, *, interlace: bool = False, **colours: Any) -> bytes:
    file = io.BytesIO()
    writer = png.Writer(rows.shape[1], rows.shape[0], bitdepth=depth, interlace=interlace, **colours)
    writer.write(file, rows.reshape(len(rows), -1).tolist())
    return file.getvalue()


def pngs() -> Named:
    rng = np.random.default_rng(11)
    for woven in (False, True):
        text = "-woven" if woven else ""
        for depth in (1, 2, 4, 8, 16):
            top = 2**depth - 1
            grey = rng.integers(0, top + 1, (21, 19))
            shown = np.repeat((grey * 255 / top)[..., None], 3, -1)
            yield f"png-grey-{depth}{text}", Sample(made_png(grey, depth, interlace=woven, greyscale=True), shown)
            clear = made_png(grey, depth, interlace=woven, greyscale=True, transparent=int(grey[0, 0]))
            cover = np.where(grey == grey[0, 0], 0, 255)
            yield f"png-grey-{depth}-one-clear{text}", Sample(clear, np.dstack([shown, cover]))
        for depth in (1, 2, 4, 8):
            count = min(2**depth, 200)
            palette = rng.integers(0, 256, (count, 4))
            palette[0, 3] = 0
            index = rng.integers(0, count, (21, 19))
            opaque = [tuple(map(int, colour[:3])) for colour in palette]
            clear = [tuple(map(int, colour)) for colour in palette]
            data = made_png(index, depth, interlace=woven, palette=opaque)
            yield f"png-palette-{depth}{text}", Sample(data, palette[index][..., :3])
            data = made_png(index, depth, interlace=woven, palette=clear)
            yield f"png-palette-{depth}-clear{text}", Sample(data, palette[index])
        for depth in (8, 16):
            top = 2**depth - 1
            for channels, alpha in ((2, True), (3, False), (4, True)):
                values = rng.integers(0, top + 1, (21, 19, channels))
                shown = values * 255 / top
                if channels == 2:
                    shown = np.dstack([shown[..., :1]] * 3 + [shown[..., 1:]])
                data = made_png(values, depth, interlace=woven, greyscale=channels == 2, alpha=alpha)
                yield f"png-{channels}-channels-{depth}{text}", Sample(data, shown)
            one = values[0, 0, :3]
            data = made_png(
                values[..., :3], depth, interlace=woven, greyscale=False, transparent=tuple(int(value) for value in one)
            )
            cover = np.where((values[..., :3] == one).all(-1), 0, 255)
            yield f"png-rgb-{depth}-one-clear{text}", Sample(data, np.dstack([values[..., :3] * 255 / top, cover]))
    parts = chunks(saved(SMOOTH))
    split = [(name, part) for name, body in parts for part in (_pieces(body) if name == b"IDAT" else [body])]
    split = [(b"IDAT" if name == b"IDAT" else name, body) for name, body in split]
    yield "png-in-many-parts", Sample(joined(split), RGB)
    unknown = [*parts[:1], (b"teSt", b"private"), (b"tEXt", b"Comment\0" + b"x" * 5000), *parts[1:]]
    yield "png-with-parts-of-others", Sample(joined(unknown), RGB)


def _pieces(body: bytes) -> list[bytes]:
    return [body[place : place + 100] for place in range(0, len(body), 100)]


# JPEG


def jpegs() -> Named:
    for progressive in (False, True):
        for sampling in (0, 1, 2):
            data = saved(SMOOTH, "JPEG", quality=97, subsampling=sampling, progressive=progressive)
            yield f"jpeg-{sampling}{'-progressive' * progressive}", Sample(data, RGB, LOSSY)
        grey = saved(SMOOTH.convert("L"), "JPEG", quality=97, progressive=progressive)
        yield f"jpeg-grey{'-progressive' * progressive}", Sample(grey, np.dstack([GREY] * 3), LOSSY)
    restarts = saved(SMOOTH, "JPEG", quality=97, restart_marker_rows=1)
    yield "jpeg-restarts", Sample(restarts, RGB, LOSSY)
    yield "jpeg-rgb", Sample(saved(SMOOTH, "JPEG", quality=97, keep_rgb=True), RGB, LOSSY)
    comment = restarts[:2] + b"\xff\xfe" + struct.pack(">H", 1002) + b"c" * 1000 + restarts[2:]
    yield "jpeg-with-a-comment", Sample(comment, RGB, LOSSY)
    yield "jpeg-with-more-behind-it", Sample(restarts + b"\0" * 500, RGB, LOSSY)


CMYK = np.dstack([RGB, GREY // 3])


def by_inks(cmyk: np.ndarray) -> np.ndarray:
    """Without a profile, inks are taken for filters."""
    light = 255 - cmyk.astype(float)
    return light[..., :3] * light[..., 3:] / 255


def adobe_marker(data: bytes) -> int:
    return data.index(b"\xff\xee\0\x0eAdobe")


def without_adobe(data: bytes) -> bytes:
    at = adobe_marker(data)
    return data[:at] + data[at + 16 :]


def ycck(cmyk: np.ndarray) -> bytes:
    """Inks stored as luminance, chroma and black, by Adobe's marker with transform 2."""
    parts = np.dstack([255 - np.asarray(image(cmyk[..., :3]).convert("YCbCr")), cmyk[..., 3]])
    data = bytearray(saved(image(parts, "CMYK"), "JPEG", quality=98, subsampling=0))
    data[adobe_marker(data) + 15] = 2
    return bytes(data)


def inks() -> Named:
    drawn, profile = image(CMYK, "CMYK"), cmyk_profile()
    managed = by_littlecms(drawn, profile)
    for progressive in (False, True):
        text = "-progressive" * progressive
        data = saved(drawn, "JPEG", quality=98, progressive=progressive)
        plain = saved(image(255 - CMYK, "CMYK"), "JPEG", quality=98, progressive=progressive)
        yield f"jpeg-cmyk-adobe{text}", Sample(data, by_inks(CMYK), LOSSY)
        yield f"jpeg-cmyk-without-marker{text}", Sample(without_adobe(plain), by_inks(CMYK), LOSSY)
    yield "jpeg-ycck", Sample(ycck(CMYK), by_inks(CMYK), LOSSY)
    yield "tiff-cmyk", Sample(saved(drawn, "TIFF"), by_inks(CMYK))
    yield "tiff-cmyk-lzw", Sample(saved(drawn, "TIFF", compression="tiff_lzw"), by_inks(CMYK))
    yield "tiff-cmyk-profile", Sample(saved(drawn, "TIFF", icc_profile=profile), managed)
    with_profile = saved(drawn, "JPEG", quality=98, icc_profile=profile)
    yield "jpeg-cmyk-profile", Sample(with_profile, managed, LOSSY)
    inverted = saved(image(255 - CMYK, "CMYK"), "JPEG", quality=98, icc_profile=profile)
    yield "jpeg-cmyk-profile-without-marker", Sample(without_adobe(inverted), managed, LOSSY)


# Everything else that Pillow writes


def others() -> Named:
    black = np.dstack([np.asarray(SMOOTH.convert("1")) * 255] * 3)
    grey, indexed = np.dstack([GREY] * 3), SMOOTH.quantize(60)
    forms: dict[str, tuple[Image.Image, np.ndarray]] = {
        "1": (SMOOTH.convert("1"), black), "L": (image(GREY), grey), "P": (indexed, np.asarray(indexed.convert("RGB"))),
        "LA": (image(np.dstack([GREY, COVER]), "LA"), np.dstack([grey, COVER])), "RGB": (SMOOTH, RGB),
        "RGBA": (image(RGBA), RGBA),
    }  # fmt: skip
    kinds = {
        "BMP": ("1", "L", "P", "RGB"), "DIB": ("L", "RGB"), "TGA": ("1", "L", "P", "LA", "RGB", "RGBA"),
        "PPM": ("1", "L", "RGB"), "PCX": ("1", "L", "P", "RGB"), "SGI": ("L", "RGB", "RGBA"), "GIF": ("1", "L", "P"),
        "DDS": ("L", "LA", "RGB", "RGBA"), "MSP": ("1",), "XBM": ("1",),
        "BLP": ("P",), "QOI": ("RGB", "RGBA"),
    }  # fmt: skip
    for kind, modes in kinds.items():
        for mode in modes:
            drawn, shown = forms[mode]
            try:
                data = saved(drawn, kind)
            except (KeyError, OSError, ValueError):  # this Pillow does not write it
                continue
            yield f"{kind}-{mode}", Sample(data, shown)
    for mode in ("L", "RGB", "RGBA"):
        drawn, shown = forms[mode]
        yield f"TGA-{mode}-packed", Sample(saved(drawn, "TGA", compression="tga_rle"), shown)
    for mode in ("RGB", "RGBA"):
        drawn, shown = forms[mode]
        yield f"WEBP-{mode}-lossless", Sample(saved(drawn, "WEBP", lossless=True, exact=True), shown)
        yield f"WEBP-{mode}", Sample(saved(drawn, "WEBP", quality=98), shown, LOSSY)
        if features.check("avif"):
            yield f"AVIF-{mode}", Sample(saved(drawn, "AVIF", quality=97), shown, LOSSY)
    if features.check("jpg_2000"):
        for mode in ("L", "LA", "RGB", "RGBA"):
            drawn, shown = forms[mode]
            yield f"JPEG2000-{mode}", Sample(saved(drawn, "JPEG2000"), shown)
            lossy = saved(drawn, "JPEG2000", irreversible=True, quality_layers=[3])
            yield f"JPEG2000-{mode}-lossy", Sample(lossy, shown, LOSSY)
        yield "JPEG2000-tiles", Sample(saved(SMOOTH, "JPEG2000", tile_size=(32, 32)), RGB)
    yield "BMP-RGBA", Sample(saved(image(RGBA), "BMP"), RGB)  # its fourth byte has no meaning
    square = image(RGBA).resize((64, 64))
    yield "ICO", Sample(saved(square, "ICO", sizes=[(64, 64)]), np.asarray(square))
    yield "ICO-bmp", Sample(saved(square, "ICO", sizes=[(64, 64)], bitmap_format="bmp"), np.asarray(square))
    deep = (GREY.astype(np.uint16) << 8) + GREY
    for kind in ("PPM", "PNG", "TIFF", *(["JPEG2000"] if features.check("jpg_2000") else [])):
        yield f"{kind}-grey-16", Sample(saved(image(deep), kind), grey)
    light = (GREY / np.float32(255)).astype(np.float32)
    yield "TIFF-grey-float", Sample(saved(image(light), "TIFF"), grey)
    yield "PFM", Sample(saved(image(light), "PPM"), grey)
    interlaced = saved(indexed, "GIF", interlace=1)
    yield "GIF-woven", Sample(interlaced, np.asarray(indexed.convert("RGB")))
    clear = np.dstack([np.asarray(indexed.convert("RGB")), np.where(np.asarray(indexed) == 3, 0, 255)])
    yield "GIF-clear", Sample(saved(indexed, "GIF", transparency=3), clear)


# Profiles


def profiles() -> Named:
    for name, profile in PROFILES.items():
        shown = by_littlecms(SMOOTH, profile)
        kinds = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}
        if features.check("avif"):
            kinds["AVIF"] = {"quality": 97}
        for kind, options in kinds.items():
            data = saved(SMOOTH, kind, icc_profile=profile, **options)
            with Image.open(io.BytesIO(data)) as stored:
                yield f"{kind}-{name}", Sample(data, by_littlecms(stored.convert("RGB"), profile))
        clear = saved(image(RGBA), "PNG", icc_profile=profile)
        yield f"PNG-RGBA-{name}", Sample(clear, np.dstack([shown, COVER]))
        indexed = SMOOTH.quantize(60)
        managed = by_littlecms(indexed.convert("RGB"), profile)
        yield f"PNG-P-{name}", Sample(saved(indexed, "PNG", icc_profile=profile), managed)
        fine = (RGB.astype(np.uint16) << 8) + RGB
        deep = made_png(fine, 16, greyscale=False)
        packed = (b"iCCP", b"x\0\0" + zlib.compress(profile))
        parts = chunks(deep)
        yield f"PNG-16-{name}", Sample(joined([parts[0], packed, *parts[1:]]), shown)
    for gamma in (1.0, 1.8, 2.2):
        profile = grey_profile(gamma)
        shown = by_littlecms(image(GREY), profile)
        for kind in ("PNG", "TIFF"):
            yield f"{kind}-grey-gamma-{gamma}", Sample(saved(image(GREY), kind, icc_profile=profile), shown)
        both = image(np.dstack([GREY, COVER]), "LA")
        yield f"PNG-LA-gamma-{gamma}", Sample(saved(both, "PNG", icc_profile=profile), np.dstack([shown, COVER]))
    for kind in ("PNG", "TIFF", "JPEG", "WEBP"):
        tolerance = LOSSY if kind in ("JPEG", "WEBP") else EXACT
        broken = {"rubbish": b"rubbish" * 30, "cut": PROFILES["prophoto"][:180], "grey-for-colours": grey_profile(1.8)}
        for name, profile in broken.items():
            yield f"{kind}-profile-{name}", Sample(saved(SMOOTH, kind, icc_profile=profile), RGB, tolerance)


# Several pictures, and parts of files

SECOND = SMOOTH.transpose(Image.Transpose.ROTATE_180)


def several() -> Named:
    said = "the first is taken"
    more = {"save_all": True, "append_images": [SECOND]}
    first = SMOOTH.quantize(60)
    yield "GIF-moving", Sample(saved(first, "GIF", **more), np.asarray(first.convert("RGB")), said=said)
    yield "PNG-moving", Sample(saved(SMOOTH, "PNG", **more), RGB, said=said)
    yield "WEBP-moving", Sample(saved(SMOOTH, "WEBP", lossless=True, **more), RGB, said=said)
    yield "TIFF-pages", Sample(saved(SMOOTH, "TIFF", **more), RGB, said=said)
    if features.check("avif"):
        yield "AVIF-moving", Sample(saved(SMOOTH, "AVIF", quality=97, **more), RGB, LOSSY, said)
    yield "MPO", Sample(saved(SMOOTH, "MPO", quality=97, subsampling=0, **more), RGB, LOSSY)


def truncated() -> Named:
    kinds = ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "TGA", "PPM", "PCX", "SGI", "DDS", "ICO"]
    kinds += [kind for kind, feature in (("JPEG2000", "jpg_2000"), ("AVIF", "avif")) if features.check(feature)]
    for kind in kinds:
        data = saved(PHOTO, kind)
        for share in (0.3, 0.9):
            yield f"{kind}-cut-at-{share}", Sample(data[: int(len(data) * share)], None)
