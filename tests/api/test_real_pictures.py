"""The real daemon with the real network: what comes back of a layer, to the bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from tests.real import RealDaemon, paint

from neural_style_client import Client, DaemonError, Pixels

TYPES = {"RGBA8": ("u1", 255), "RGBA16": ("<u2", 65535), "RGBAF32": ("<f4", 1)}


def layer(format: str, width: int = 40, height: int = 32) -> np.ndarray[Any, np.dtype[Any]]:
    """A picture of gradients, with a transparent corner that hides colours."""
    dtype, peak = TYPES[format]
    y, x = np.mgrid[0:height, 0:width]
    planes = [x / width, y / height, (x + y) / (width + height), np.where(x + y < 20, 0, 0.25 + 0.75 * x / width)]
    return (np.stack(planes, -1) * peak).astype(dtype)


def pixels(array: np.ndarray[Any, np.dtype[Any]], format: str) -> Pixels:
    return Pixels(array.shape[1], array.shape[0], format, array.tobytes(), 0)


def array(found: Pixels) -> np.ndarray[Any, np.dtype[Any]]:
    return np.frombuffer(found.data, TYPES[found.format][0]).reshape(found.height, found.width, 4)


def mask_id(client: Client, selected: np.ndarray[Any, np.dtype[Any]]) -> str:
    grey = np.repeat((selected * 255).astype("u1")[..., None], 4, -1)
    grey[..., 3] = 255
    return str(client.upload(grey.tobytes(), grey.shape[1], grey.shape[0])["id"])


@pytest.mark.parametrize("format", TYPES)
def test_alpha_hidden_colours_and_everything_outside_the_mask_come_back_to_the_bit(
    daemon: RealDaemon, format: str
) -> None:
    before = layer(format)
    selected = np.zeros(before.shape[:2])
    selected[8:28, 10:30] = 1
    job = paint(daemon.client, pixels(before, format), mask=mask_id(daemon.client, selected), frames={"every": 2})
    after = array(daemon.client.result(job["id"]))
    first = array(daemon.client.frame(job["id"], 1))
    for found in (after, first):
        assert found.shape == before.shape
        assert np.array_equal(found[..., 3], before[..., 3])
        untouched = (selected == 0) | (before[..., 3] == 0)
        assert np.array_equal(found[untouched], before[untouched])
    assert (after[selected == 1] != before[selected == 1]).any()
    assert daemon.client.frame(job["id"], "latest").data == daemon.client.result(job["id"]).data


def test_a_job_tells_its_whole_story(daemon: RealDaemon) -> None:
    job = paint(daemon.client, pixels(layer("RGBA8"), "RGBA8"), frames={"at": [1, 3]}, seed=5)
    assert job["state"] == "done"
    frames = [event.data["iteration"] for event in job["seen"] if event.name == "frame"]
    assert frames == [frame["iteration"] for frame in job["frames"]] == [1, 3, 4]
    curves = json.loads(daemon.client.losses(job["id"]))["losses"]
    assert [entry["iteration"] for entry in curves] == [1, 2, 3, 4]
    assert daemon.client.losses(job["id"], "image/png").startswith(b"\x89PNG")
    assert daemon.client.png(job["id"]).startswith(b"\x89PNG")


def test_live_frames_come_between_the_chosen_ones(daemon: RealDaemon) -> None:
    wide = pixels(layer("RGBA8", 136, 32), "RGBA8")
    job = paint(daemon.client, wide, frames={"every": 2, "seconds": 3600})
    assert [(frame["iteration"], frame["kept"]) for frame in job["frames"]] == [(0, False), (2, True), (4, True)]
    chosen = paint(daemon.client, wide, frames={"every": 2})
    assert [(frame["iteration"], frame["kept"]) for frame in chosen["frames"]] == [(2, True), (4, True)]
    for number in (1, 2):
        assert daemon.client.frame(chosen["id"], number).data == daemon.client.frame(job["id"], number + 1).data


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 30), (17, 5)])
def test_a_tiny_picture_works(daemon: RealDaemon, width: int, height: int) -> None:
    before = layer("RGBA8", width, height)
    before[..., 3] = 255
    job = paint(daemon.client, pixels(before, "RGBA8"))
    assert job["state"] == "done", job["error"]
    result = daemon.client.result(job["id"])
    assert (result.width, result.height) == (width, height)


def test_a_selection_of_one_pixel_changes_that_pixel_at_most(daemon: RealDaemon) -> None:
    before = layer("RGBA8")
    selected = np.zeros(before.shape[:2])
    selected[20, 25] = 1
    job = paint(daemon.client, pixels(before, "RGBA8"), mask=mask_id(daemon.client, selected))
    assert job["state"] == "done", job["error"]
    changed = (array(daemon.client.result(job["id"])) != before).any(-1)
    assert not changed[selected == 0].any()


def test_after_bad_requests_the_next_good_one_works(daemon: RealDaemon) -> None:
    client = daemon.client
    clear = client.upload(bytes(40 * 32 * 4), 40, 32)["id"]
    for body in (
        {"content": clear, "preset": "night-swirl"},
        {"content": clear, "preset": "night-swirl", "mask": clear},
        {"content": clear, "preset": "no-such"},
        {"content": "0" * 64, "preset": "night-swirl"},
    ):
        with pytest.raises(DaemonError) as caught:
            client.submit(body)
        assert caught.value.status in (400, 404)
    for size in ((0, 0), (20_000, 20_000)):
        with pytest.raises(DaemonError):
            client.upload(bytes(16), *size)
    assert paint(client, pixels(layer("RGBA8"), "RGBA8"))["state"] == "done"
