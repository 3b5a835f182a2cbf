"""The real daemon with the real network: a blend has something of each of its styles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.real import RealDaemon, paint

from neural_style_client import Pixels

SIDE = 48


def stripes(first: tuple[int, int, int], second: tuple[int, int, int]) -> Pixels:
    """Slanted stripes of two colours, which change their strength along the way."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    share = (0.5 + 0.5 * np.sin((x + 2 * y) / 3) * y / SIDE)[..., None]
    picture = np.full((SIDE, SIDE, 4), 255, "u1")
    picture[..., :3] = share * np.array(first) + (1 - share) * np.array(second)
    return Pixels(SIDE, SIDE, "RGBA8", picture.tobytes())


@pytest.fixture(scope="module")
def styles(daemon: RealDaemon) -> dict[str, Pixels]:
    """By the name of the preset that has been made of it."""
    found = {"blend-warm": stripes((230, 40, 20), (250, 190, 60)), "blend-cold": stripes((20, 60, 220), (60, 200, 190))}
    for name, picture in found.items():
        image = daemon.client.upload(picture.data, SIDE, SIDE)["id"]
        daemon.client.create_preset({"name": name, "title": name, "images": [image]})
    return found


def colour(pixels: Pixels) -> Any:
    return np.frombuffer(pixels.data, "u1").reshape(-1, 4)[:, :3].mean(0)


@pytest.mark.parametrize("loss", ["neighbours", "gram"])
def test_a_blend_is_nearer_to_each_style_than_the_other_one_is(
    daemon: RealDaemon, styles: dict[str, Pixels], loss: str
) -> None:
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    photo = np.stack([x * 5, y * 5, x + y, np.full_like(x, 255)], -1).astype("u1")
    content = Pixels(SIDE, SIDE, "RGBA8", photo.tobytes())
    warm, cold = styles

    def painted(**more: Any) -> Any:
        method = {"loss": loss, "iterations": 8}
        job = paint(daemon.client, content, controls={"colour": 0}, method=method, seed=1, **more)
        assert job["state"] == "done", job["error"]
        return colour(daemon.client.result(job["id"]))

    alone = {name: painted(preset=name) for name in styles}
    blended = painted(preset=warm, blend=[{"preset": cold, "weight": 1.0}])
    for own, other in ((warm, cold), (cold, warm)):
        wanted = colour(styles[own])
        assert np.linalg.norm(blended - wanted) < 0.8 * np.linalg.norm(alone[other] - wanted)
        assert np.linalg.norm(blended - alone[own]) > 15
