"""Each control changes a real result in the measure that it is named after, step by step in one direction.

Through the real daemon and the real network, on the project's own sample, small and short.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.real import RealDaemon

from neural_style_server.engine.losses import gram
from neural_style_server.engine.moments import moments
from neural_style_server.engine.pyramid import resize
from neural_style_server.engine.vgg import Network
from neural_style_server.weights import load_network

ROOT = Path(__file__).parent.parent
PRESET = "crayon"
SIDE = 72
ITERATIONS = 8
LAYERS = ("relu1_1", "relu2_1", "relu3_1")


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network(None, Path()).to("cpu", torch.float32)


def sample(side: int) -> Any:
    image = Image.open(ROOT / "presets" / "_sample.jpg").convert("RGBA")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.asarray(image)


@pytest.fixture(scope="module")
def content() -> Any:
    return sample(SIDE)


def painted(daemon: RealDaemon, content: Any, preset: str = PRESET, scales: int = 1, **controls: Any) -> Any:
    """(H, W, 3), 0–255, in float."""
    client = daemon.client
    identity = client.upload(content.tobytes(), content.shape[1], content.shape[0])["id"]
    method = {"iterations": ITERATIONS * scales, "scales": scales, "plateau": 0}
    job = client.submit({"content": identity, "preset": preset, "controls": controls, "method": method})
    for event in client.events(job["id"]):
        assert event.name != "error", event.data
    found = client.result(job["id"])
    client.delete_job(job["id"])
    return np.frombuffer(found.data, np.uint8).reshape(content.shape)[..., :3].astype(np.float32)


def tensor(pixels: Any) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(pixels[..., :3], dtype=np.float32)).permute(2, 0, 1)[None]


def chroma(pixels: Any) -> Any:
    return pixels[..., :3] - (pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32))[..., None]


def from_style(network: Network, pixels: Any) -> float:
    """Mean relative distance of the Gram matrices from the style's."""
    style = tensor(np.asarray(Image.open(ROOT / "presets" / PRESET / "style.jpg").convert("RGB")))
    small = resize(style, (round(SIDE * 1.25 * style.shape[-2] / style.shape[-1]), round(SIDE * 1.25))).clamp(0, 255)
    with torch.no_grad():
        own, goal = (network.features(image, LAYERS) for image in (tensor(pixels), small))
        errors = []
        for layer in LAYERS:
            target = gram(moments(goal[layer]))
            errors.append(float((gram(moments(own[layer])) - target).norm() / target.norm()))
    return sum(errors) / len(errors)


def from_content(network: Network, pixels: Any, content: Any) -> float:
    with torch.no_grad():
        own, goal = (network.features(tensor(image), ["relu4_2"])["relu4_2"] for image in (pixels, content))
    return float((own - goal).square().mean())


def variation(pixels: Any) -> float:
    return float(np.abs(np.diff(pixels, axis=0)).mean() + np.abs(np.diff(pixels, axis=1)).mean())


def fineness(pixels: Any) -> float:
    """Share of the luma's variance that a blur of a few pixels takes away: large strokes have little of it."""
    grey = Image.fromarray(pixels.mean(-1).astype(np.uint8))
    small = grey.resize((grey.width // 4, grey.height // 4), Image.Resampling.BOX)
    blurred = np.asarray(small.resize(grey.size, Image.Resampling.BILINEAR), dtype=np.float32)
    original = np.asarray(grey, dtype=np.float32)
    return float((original - blurred).var() / original.var())


def test_strength_nothing_leaves_the_picture_as_it_is(daemon: RealDaemon, content: Any) -> None:
    assert np.array_equal(painted(daemon, content, strength=0), content[..., :3])


def test_more_strength_is_nearer_to_the_style(daemon: RealDaemon, network: Network, content: Any) -> None:
    measured = [from_style(network, painted(daemon, content, strength=value)) for value in (5, 20, 80)]
    assert measured == sorted(measured, reverse=True), measured


def test_more_detail_is_nearer_to_the_subject(daemon: RealDaemon, network: Network, content: Any) -> None:
    measured = [from_content(network, painted(daemon, content, detail=value), content) for value in (0, 60, 100)]
    assert measured == sorted(measured, reverse=True), measured


def test_a_larger_brush_makes_coarser_strokes(daemon: RealDaemon) -> None:
    large = sample(128)  # room for a large brush
    pictures = [painted(daemon, large, "bold-abstract", 2, brush_size=value) for value in (75, 150, 400)]
    measured = [fineness(picture) for picture in pictures]
    assert measured == sorted(measured, reverse=True), measured


def test_more_of_my_colour_is_nearer_to_my_chroma(daemon: RealDaemon, content: Any) -> None:
    own = chroma(content.astype(np.float32))
    distance = [
        float(np.abs(chroma(painted(daemon, content, colour=value)) - own).mean())
        for value in ("style", "mixed", "mine")
    ]
    assert distance[0] > 1.5 * distance[1] > 2 * distance[2], distance


def test_more_smoothness_varies_less(daemon: RealDaemon, content: Any) -> None:
    measured = [variation(painted(daemon, content, smoothness=value)) for value in (0, 60, 100)]
    assert measured == sorted(measured, reverse=True), measured


def test_more_boldness_is_more_saturated(daemon: RealDaemon, content: Any) -> None:
    measured = [float(np.abs(chroma(painted(daemon, content, boldness=value))).mean()) for value in (10, 50, 90)]
    assert measured == sorted(measured), measured


def test_more_less_white_leaves_fewer_light_pixels(daemon: RealDaemon, content: Any) -> None:
    light = [float((painted(daemon, content, less_white=value).mean(-1) > 200).mean()) for value in (0, 50, 100)]
    assert light == sorted(light, reverse=True), light
    assert light[2] < 0.5 * light[0], light
