"""Tiny clips: a bright square that moves over a gradient, with or without sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

WIDTH, HEIGHT = 64, 48
BASE = Fraction(1, 12_800)
WRITES_ALL = hasattr(av.video.stream.VideoStream, "set_display_rotation")
"""What PyAV has for Python 3.10 cannot do as much."""


def drawn(place: int, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """(H, W, 3) uint8. Frames of different `place` differ."""
    rows, columns = np.mgrid[:height, :width]
    pixels = np.dstack([rows * 4 % 256, columns * 3 % 256, (rows + columns) * 2 % 256]).astype("u1")
    left = 4 + 3 * place % (width - 16)
    pixels[height // 3 : height // 3 + 12, left : left + 12] = (250, 220, 40)
    return pixels


def scene(seed: int, place: int, width: int = WIDTH, height: int = HEIGHT) -> Any:
    """(H, W, 3) uint8: a scene of blobs, moved by `place` pixels. No motion leads from one seed's to another's."""
    generator = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, place : place + width]
    pixels = np.full((height, width, 3), 127.0)
    for _ in range(width * height // 48):
        down, right, size = generator.uniform(0, height), generator.uniform(0, 2 * width), generator.uniform(2, 9)
        blob = np.exp(-((rows - down) ** 2 + (columns - right) ** 2) / (2 * size**2))
        pixels += blob[..., None] * generator.uniform(-90, 90, 3)
    return np.clip(pixels, 0, 255).round().astype("u1")


def write_clip(
    path: Path,
    count: int = 5,
    *,
    places: Sequence[int] | None = None,
    times: Sequence[int] | None = None,
    sound: bool = False,
    rotation: int = 0,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    matrix: int = 1,
    range: int = 1,
    transfer: int = 1,
    primaries: int = 1,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    sound_codec: str = "aac",
) -> Path:
    """`places` are those of `drawn`, `times` in units of BASE; 25 frames a second if not given."""
    if (rotation or range == 2) and not WRITES_ALL:
        pytest.skip("this version of PyAV writes neither a rotation nor the whole range")
    places = list(np.arange(count)) if places is None else places
    times = [512 * number for number in np.arange(len(places))] if times is None else times
    with av.open(str(path), "w") as out:
        chosen = {"crf": "4", "bf": "0"} if codec == "libx264" else {}
        stream = out.add_stream(codec, rate=25, options={**chosen, **(options or {})})
        stream.width, stream.height, stream.pix_fmt = *size, pixel_format
        stream.codec_context.time_base = BASE if codec != "mpeg2video" else Fraction(1, 25)
        context = stream.codec_context
        context.colorspace, context.color_range = matrix, range
        context.color_primaries, context.color_trc = primaries, transfer
        if rotation:
            stream.set_display_rotation(rotation)
        voice = out.add_stream(sound_codec, rate=16_000) if sound else None
        for place, time in zip(places, times, strict=True):
            frame = av.VideoFrame.from_ndarray(drawn(int(place), *size), "rgb24")
            if "a" in pixel_format or pixel_format == "bgra":
                clear = np.dstack([drawn(int(place), *size), np.full(size[::-1], 255, "u1")])
                clear[:10, :10, 3] = 0
                frame = av.VideoFrame.from_ndarray(clear, "rgba")
            frame = frame.reformat(format=pixel_format, dst_colorspace=matrix, src_color_range=2, dst_color_range=range)
            frame.pts, frame.time_base = int(time), BASE
            if codec == "mpeg2video":
                frame.pts, frame.time_base = int(time) // 512, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if voice is not None:
            _write_tone(out, voice, float(times[-1] * BASE) + 0.04)
    return path


def _write_tone(out: Any, stream: Any, seconds: float) -> None:
    samples = np.sin(np.arange(int(16_000 * seconds)) / 8).astype("f4")[None] / 4
    kind = stream.codec_context.format.name
    for begin in range(0, samples.shape[1], 1024):
        part = np.ascontiguousarray(samples[:, begin : begin + 1024])
        frame = av.AudioFrame.from_ndarray(part, "fltp", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16_000, begin, Fraction(1, 16_000)
        if kind != "fltp":
            frame = av.AudioResampler(kind, "mono", 16_000).resample(frame)[0]
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def write_pictures(folder: Path, numbers: Sequence[int] = (1, 2, 3), size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        Image.fromarray(drawn(number, *size)).save(folder / f"shot-{number:04}.png")
    return folder


def write_scenes(folder: Path, lengths: Sequence[int]) -> Path:
    """A folder of pictures in scenes of so many frames."""
    folder.mkdir()
    shots = [scene(seed, place) for seed, length in enumerate(lengths) for place in np.arange(length)]
    for number, pixels in enumerate(shots, 1):
        Image.fromarray(pixels).save(folder / f"shot-{number:04}.png")
    return folder


def sound_of(path: Path) -> list[bytes]:
    """The packets of its sound."""
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(container.streams.audio[0]) if packet.size]


def frames_of(path: Path) -> list[Any]:
    """As ffmpeg decodes them."""
    with av.open(str(path)) as container:
        return list(container.decode(container.streams.video[0]))
