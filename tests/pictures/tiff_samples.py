"""TIFF files of every kind: by Pillow, and made by hand where Pillow does not write them."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import ImageCms
from tests.picture_files import saved
from tests.pictures.samples import COVER, GREY, LOSSY, RGB, RGBA, SMOOTH, Named, Sample, image


def tiffs() -> Named:
    modes: dict[str, np.ndarray] = {
        "1": np.dstack([np.asarray(SMOOTH.convert("1")) * 255] * 3),
        "L": np.dstack([GREY] * 3),
        "LA": np.dstack([GREY, GREY, GREY, COVER]),
        "P": np.asarray(SMOOTH.quantize(60).convert("RGB")),
        "RGB": RGB,
        "RGBA": RGBA,
    }
    drawn = {
        "1": SMOOTH.convert("1"), "L": image(GREY), "LA": image(np.dstack([GREY, COVER]), "LA"),
        "P": SMOOTH.quantize(60), "RGB": SMOOTH, "RGBA": image(RGBA),
    }  # fmt: skip
    for mode, shown in modes.items():
        for way in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", *(["group4", "group3"] if mode == "1" else [])):
            yield f"tiff-{mode}-{way}", Sample(saved(drawn[mode], "TIFF", compression=way), shown)
    yield "tiff-jpeg", Sample(saved(SMOOTH, "TIFF", compression="jpeg", quality=97), RGB, LOSSY)
    yield "tiff-big", Sample(saved(SMOOTH, "TIFF", big_tiff=True), RGB)
    yield "tiff-ycbcr", Sample(saved(SMOOTH.convert("YCbCr"), "TIFF"), RGB, 4)
    yield "tiff-lzma", Sample(saved(SMOOTH, "TIFF", compression="lzma"), RGB)
    yield "tiff-zstd", Sample(saved(SMOOTH, "TIFF", compression="zstd"), RGB)
    lab = ImageCms.profileToProfile(
        SMOOTH, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert lab is not None
    way = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    shown = ImageCms.applyTransform(lab, way)
    assert shown is not None
    yield "tiff-lab", Sample(saved(lab, "TIFF"), np.asarray(shown))
    for depth in (1, 2, 4):
        top = 2**depth - 1
        levels = np.random.default_rng(depth).integers(0, top + 1, (12, 16))
        bits = np.unpackbits(levels.astype(np.uint8)[..., None], axis=-1)[..., -depth:].reshape(12, -1)
        for zero in (0, 1):
            shown = np.dstack([(levels if zero else top - levels) * 255 / top] * 3)
            yield f"tiff-{depth}-bits-{zero}", Sample(tiff(np.packbits(bits, -1), 16, depth, 1, 1, {262: zero}), shown)


def tiff(
    values: np.ndarray, width: int, depth: int, samples: int, kind: int, more: dict[int, int], order: str = "<"
) -> bytes:
    """In one strip, or, with PlanarConfiguration 2, one for each sample; made by hand, not packed."""
    height = len(values)
    planar = more.get(284, 1) == 2
    strips = [np.ascontiguousarray(values[..., place]) for place in range(samples)] if planar else [values]
    blocks = [strip.astype(strip.dtype.newbyteorder(order)).tobytes() for strip in strips]
    tags: dict[int, tuple[int, ...]] = {
        256: (width,), 257: (height,), 258: (depth,) * samples, 259: (1,), 262: (2 if samples > 2 else 1,),
        273: (0,) * len(blocks), 277: (samples,), 278: (height,), 279: tuple(map(len, blocks)), 339: (kind,) * samples,
    } | {tag: (value,) for tag, value in more.items()}  # fmt: skip
    return assembled(tags, blocks, 273, order)


def assembled(tags: dict[int, tuple[int, ...]], blocks: list[bytes], places: int, order: str) -> bytes:
    """places: the tag that lists where the blocks begin, already among the tags with as many numbers."""
    start = free = 8 + 2 + 12 * len(tags) + 4
    start += sum(4 * len(numbers) for numbers in tags.values() if len(numbers) > 1)
    tags[places] = tuple(start + sum(map(len, blocks[:number])) for number in range(len(blocks)))
    entries, after = b"", b""
    for tag, numbers in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}L", *numbers)
        entries += struct.pack(f"{order}HHL", tag, 4, len(numbers))
        entries += packed if len(numbers) == 1 else struct.pack(f"{order}L", free + len(after))
        after += packed if len(numbers) > 1 else b""
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HLH", 42, 8, len(tags))
    return head + entries + bytes(4) + after + b"".join(blocks)


def deep_tiffs() -> Named:
    fine = (RGBA.astype(np.float64) / 255) ** 0.9
    layouts = {1: (fine[..., :1], 3), 2: (fine[..., [0, 3]], 3), 3: (fine[..., :3], 3), 4: (fine, 4)}
    for samples, (values, _) in layouts.items():
        shown = values if samples > 2 else np.dstack([values[..., :1]] * 3 + [values[..., 1:]])
        extra = {338: 2} if samples in (2, 4) else {}
        for order in ("<", ">"):
            for planar in (1, 2):
                if planar == 2 and samples == 1:
                    continue
                name = f"{samples}-channels{'-big-endian' * (order == '>')}{'-planes' * (planar == 2)}"
                more = {**extra, 284: planar}
                eight = tiff((values * 255).round().astype(np.uint8), 64, 8, samples, 1, more, order)
                yield f"tiff-8-{name}", Sample(eight, shown * 255)
                deep = tiff((values * 65535).round().astype(np.uint16), 64, 16, samples, 1, more, order)
                yield f"tiff-16-{name}", Sample(deep, shown * 255)
                floats = tiff(values.astype(np.float32), 64, 32, samples, 3, more, order)
                yield f"tiff-float-{name}", Sample(floats, shown * 255)
    for order in ("<", ">"):
        for size, kind in ((16, np.float16), (32, np.float32)):
            for tile in (48, 64):
                data = float_differences(fine[..., :3].astype(kind), order, tile)
                yield f"tiff-float-{size}-differences-{tile}{order}", Sample(data, fine[..., :3] * 255)
    half = tiff(fine[..., :3].astype(np.float16), 64, 16, 3, 3, {})
    yield "tiff-half", Sample(half, fine[..., :3] * 255)
    yield "tiff-double", Sample(tiff(fine[..., :3], 64, 64, 3, 3, {}), None, said="a kind that is not read")
    for order in ("<", ">"):
        for kind in (np.float32, np.uint16):
            values = fine * (1 if kind is np.float32 else 65535)
            packed = zlib.compress(values.astype(np.dtype(kind).newbyteorder(order)).tobytes())
            more = {257: 48, 278: 48, 259: 8, 338: 2}
            bits, form = np.dtype(kind).itemsize * 8, 3 if kind is np.float32 else 1
            data = tiff(np.frombuffer(packed, np.uint8)[None], 64, bits, 4, form, more, order)
            yield f"tiff-{bits}-packed{order}", Sample(data, fine * 255)
    whole = tiff((fine[..., :3] * (2**32 - 1)).astype(np.uint32), 64, 32, 3, 1, {})
    yield "tiff-32-whole", Sample(whole, None)
    whole = tiff((fine[..., 0] * (2**31 - 1)).astype(np.uint32), 64, 32, 1, 1, {})
    yield "tiff-32-whole-grey", Sample(whole, None, said="32 bits")


def float_differences(values: np.ndarray, order: str, tile: int) -> bytes:
    """In tiles, by TIFF's third predictor: bytes by significance, each less the one a pixel before."""
    height, width, samples = values.shape
    across, down = -(-width // tile), -(-height // tile)
    padded = np.zeros((down * tile, across * tile, samples), values.dtype)
    padded[:height, :width] = values
    parts = [padded[y * tile :, x * tile :][:tile, :tile] for y in range(down) for x in range(across)]
    blocks = [zlib.compress(_bytes_apart(part)) for part in parts]
    bits = values.dtype.itemsize * 8
    tags = {
        256: (width,), 257: (height,), 258: (bits,) * samples, 259: (8,), 262: (2,), 277: (samples,), 317: (3,),
        322: (tile,), 323: (tile,), 324: (0,) * len(blocks), 325: tuple(map(len, blocks)), 339: (3,) * samples,
    }  # fmt: skip
    return assembled(tags, blocks, 324, order)


def _bytes_apart(part: np.ndarray) -> bytes:
    rows, samples = len(part), part.shape[2]
    big = np.ascontiguousarray(part.astype(part.dtype.newbyteorder(">"))).reshape(rows, -1).view(np.uint8)
    planes = big.reshape(rows, -1, part.dtype.itemsize).transpose(0, 2, 1).reshape(rows, -1, samples)
    return np.diff(planes, axis=1, prepend=np.zeros_like(planes[:, :1])).tobytes()
