"""A second decoder of PNG, written from its specification with zlib alone: slow, plain, and strict about the pixels."""

from __future__ import annotations

import zlib

import numpy as np
from tests.picture_files import chunks

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def rgba(data: bytes) -> np.ndarray:
    """(H, W, 4) in 16 bits, or in 8 where the file has no more. Raises ValueError, zlib.error or IndexError."""
    parts = [part for part in chunks(data) if part[0] in (b"IHDR", b"PLTE", b"tRNS", b"IDAT")]
    header = parts[0][1]
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, colour, interlaced = header[8], header[9], header[12]
    first = [name for name, _ in parts].index(b"IDAT")
    palette = next((body for name, body in parts[:first] if name == b"PLTE"), b"")
    clear = next((body for name, body in parts[:first] if name == b"tRNS"), None)
    stream = zlib.decompress(b"".join(body for name, body in parts[first:] if name == b"IDAT"))
    samples = np.zeros((height, width, CHANNELS[colour]), np.uint16)
    for x, y, dx, dy in PASSES if interlaced else ((0, 0, 1, 1),):
        place = samples[y::dy, x::dx]
        if place.size:
            stream = _unfiltered(stream, place, depth)
    return _coloured(samples, depth, colour, palette, clear)


def _unfiltered(stream: bytes, place: np.ndarray, depth: int) -> bytes:
    """Fill a pass, and answer what is left of the stream."""
    rows, columns, channels = place.shape
    size, step = (columns * channels * depth + 7) // 8, max(1, channels * depth // 8)
    above = bytearray(size)
    for row in range(rows):
        kind, line = stream[0], bytearray(stream[1 : 1 + size])
        if len(line) != size or kind > 4:
            raise ValueError("a row is missing")
        for i in range(size):
            left = line[i - step] if i >= step else 0
            corner = above[i - step] if i >= step else 0
            guesses = (0, left, above[i], (left + above[i]) // 2, _paeth(left, above[i], corner))
            line[i] = (line[i] + guesses[kind]) % 256
        if depth == 16:
            values = np.frombuffer(bytes(line), ">u2")
        else:
            bits = np.unpackbits(np.frombuffer(bytes(line), "u1")).reshape(-1, depth)
            values = bits @ (1 << np.arange(depth)[::-1])
        place[row] = values[: columns * channels].reshape(columns, channels)
        above, stream = line, stream[1 + size :]
    return stream


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    return min((left, above, corner), key=lambda value: abs(guess - value))


def _coloured(samples: np.ndarray, depth: int, colour: int, palette: bytes, clear: bytes | None) -> np.ndarray:
    top, dtype = (65535, np.uint16) if depth == 16 else (255, np.uint8)
    out = np.full((*samples.shape[:2], 4), top, dtype)
    if colour == 3:
        table = np.frombuffer(palette, "u1").reshape(-1, 3)
        out[..., :3] = table[samples[..., 0]]
        alpha = np.full(256, 255, "u1")
        alpha[: len((clear or b"")[:256])] = np.frombuffer((clear or b"")[:256], "u1")
        out[..., 3] = alpha[samples[..., 0]]
        return out
    scaled = (samples.astype(np.uint32) * top // (2**depth - 1)).astype(dtype)
    out[..., :3] = scaled[..., : 3 if colour in (2, 6) else 1]
    if colour in (4, 6):
        out[..., 3] = scaled[..., -1]
    elif clear is not None:
        key = np.frombuffer(clear, ">u2")[: samples.shape[2]]
        out[..., 3] = np.where((samples == key).all(-1), 0, top)
    return out
