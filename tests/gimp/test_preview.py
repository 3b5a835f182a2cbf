"""The dialogue's preview and the window that follows a layer, in the real GIMP on a screen, by keyboard and mouse.

The daemon turns colours round, so that what is painted can be told from what is not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.client.fake_daemon import FakeDaemon
from tests.client.fake_jobs import OVER, Job
from tests.gimp.screen import layers, wait, wait_layers
from tests.hosts.rig import Gimp, GimpSession

pytestmark = pytest.mark.gimp

GROUND = (200, 60, 40)
PAINTED = (55, 195, 215)
WHERE = (470, 360)
"""A place of the canvas, at the middle of the screen, that no window of ours covers."""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeDaemon]:
    with FakeDaemon(tmp_path_factory.mktemp("fake"), frames=1, device="CPU") as fake:
        yield fake


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("documents") / "photo.png"
    Image.new("RGB", (480, 320), GROUND).save(path)
    return path


@pytest.fixture(scope="module")
def window(placed: Callable[..., Gimp], daemon: FakeDaemon, plain: Path) -> Iterator[GimpSession]:
    with placed(daemon.home).interactive(plain) as session:
        session.wait_window("photo")
        session.maximise("photo")
        yield session


def living(daemon: FakeDaemon) -> list[Job]:
    return [job for job in daemon.jobs.values() if job.state not in OVER]


def the_job(daemon: FakeDaemon) -> Job:
    """The one that is painted, or rests."""
    found: Job = wait(lambda: len(living(daemon)) == 1 and living(daemon)[0], "one job")
    return found


def wait_none(daemon: FakeDaemon) -> None:
    wait(lambda: not living(daemon), "no job")


def shown(window: GimpSession) -> Image.Image:
    with Image.open(BytesIO(window._do("import", "-window", "root", "png:-"))) as shot:
        return shot.convert("RGB")


def wait_colour(window: GimpSession, colour: tuple[int, ...], least: int) -> None:
    """Until so many pixels of the screen have about that colour."""

    def there() -> bool:
        counts = shown(window).getcolors(1 << 24) or []
        return sum(count for count, found in counts if distance(found, colour) < 12) >= least

    wait(there, f"{least} pixels of {colour}", pause_s=0.2)


def distance(one: Any, other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def open_dialogue(window: GimpSession) -> None:
    window.focus("photo")
    window.run_action("Stylize Layer")
    window.wait_window("Neural Style")


def leave(window: GimpSession, daemon: FakeDaemon) -> None:
    window.focus("Neural Style")
    window.keys("alt+c")
    window.wait_no_window("Neural Style")
    wait_none(daemon)


def test_the_dialogue_paints_a_preview_that_follows_style_and_sliders(
    window: GimpSession, daemon: FakeDaemon, pictures: Path
) -> None:
    open_dialogue(window)
    job = the_job(daemon)
    assert job.body["live"] and max(job.width, job.height) == job.body["size"] == 256
    wait_colour(window, PAINTED, 30_000)
    window.screenshot(pictures / "preview.png")
    window.keys("alt+t", "Right", "Right")
    wait(lambda: job.body["controls"].get("strength") == 52, "the slider's value")
    window.keys("alt+f")
    window.type("night")
    wait(lambda: job.body["preset"] == "night-swirl", "another style")
    assert the_job(daemon) is job
    leave(window, daemon)


def test_original_is_shown_while_space_or_the_mouse_is_held(
    window: GimpSession, daemon: FakeDaemon, pictures: Path
) -> None:
    open_dialogue(window)
    wait_colour(window, PAINTED, 30_000)
    before = count(window)
    window.keys("alt+i")
    window._do("xdotool", "keydown", "space")
    wait(lambda: count(window) > before + 30_000, "the layer as it is")
    window.screenshot(pictures / "preview-original.png")
    window._do("xdotool", "keyup", "space")
    wait_colour(window, PAINTED, 30_000)
    leave(window, daemon)


def count(window: GimpSession) -> int:
    """How many pixels of the screen are as the layer is."""
    return sum(count for count, found in shown(window).getcolors(1 << 24) or [] if distance(found, GROUND) < 12)


def test_a_detail_is_painted_with_strokes_as_broad_as_in_the_whole(
    window: GimpSession, daemon: FakeDaemon, pictures: Path
) -> None:
    open_dialogue(window)
    the_job(daemon)
    wait_colour(window, PAINTED, 30_000)
    window.keys("alt+i", "shift+Tab", "plus")  # the picture comes before the button
    wait(lambda: the_job(daemon).body["controls"] == {"brush_size": 200}, "a detail")
    wait_colour(window, PAINTED, 30_000)
    window.screenshot(pictures / "preview-detail.png")
    detail = the_job(daemon)
    assert (detail.width, detail.height) == (240, 160)
    window.keys("minus")
    wait(lambda: the_job(daemon).body["controls"] == {}, "the whole")
    wait_colour(window, PAINTED, 30_000)
    leave(window, daemon)


def test_the_mouse_zooms_and_moves_a_detail(window: GimpSession, daemon: FakeDaemon) -> None:
    open_dialogue(window)
    wait_colour(window, PAINTED, 30_000)
    x, y = middle(window)
    window.click(x, y, button=4)  # the wheel, upwards
    wait(lambda: the_job(daemon).body["controls"] == {"brush_size": 200}, "a detail")
    wait_colour(window, PAINTED, 30_000)
    known = len(daemon.jobs)
    window._do(
        "xdotool", "mousemove", str(x), str(y), "mousedown", "1", "mousemove", str(x + 60), str(y), "mouseup", "1"
    )
    wait(lambda: len(daemon.jobs) > known, "another part")
    leave(window, daemon)


def middle(window: GimpSession) -> tuple[int, int]:
    """Of the painted picture, on the screen."""
    shot = shown(window)
    columns, rows = [], []
    for y in range(0, shot.height, 4):
        for x in range(0, shot.width, 4):
            if distance(shot.getpixel((x, y)), PAINTED) < 12:
                columns.append(x)
                rows.append(y)
    return sorted(columns)[len(columns) // 2], sorted(rows)[len(rows) // 2]


def test_a_hidden_preview_has_no_job_and_stays_hidden(window: GimpSession, daemon: FakeDaemon, pictures: Path) -> None:
    open_dialogue(window)
    the_job(daemon)
    window.keys("alt+v")
    wait_none(daemon)
    known = len(daemon.jobs)
    time.sleep(0.5)
    window.screenshot(pictures / "preview-hidden.png")
    leave(window, daemon)
    open_dialogue(window)
    wait(lambda: "/v1/forecast" in [one.path for one in daemon.exchanges[-20:]], "the forecast")
    time.sleep(1)
    assert len(daemon.jobs) == known
    window.keys("alt+v")
    the_job(daemon)
    leave(window, daemon)


def test_a_window_follows_the_brush_and_keep_makes_one_layer(
    window: GimpSession, daemon: FakeDaemon, pictures: Path
) -> None:
    follow(window, daemon)
    job = the_job(daemon)
    wait_colour(window, PAINTED, 30_000)
    sent = len(daemon.uploads)
    stroke(window)
    wait(lambda: job.revision > 0, "the stroke")
    assert daemon.uploads[sent][0] < 256  # only a part
    wait(lambda: job.resting, "its picture")
    time.sleep(0.5)
    window.screenshot(pictures / "live.png")
    window.focus("Neural Style Live")
    window.keys("alt+k")
    window.wait_no_window("Neural Style Live")
    wait_layers(window, 2)
    wait_none(daemon)
    wait_colour(window, PAINTED, 60_000)
    window.screenshot(pictures / "live-kept.png")
    window.focus("photo")
    window.keys("ctrl+z")
    wait_layers(window, 1)
    window.keys("ctrl+z")  # the stroke


def follow(window: GimpSession, daemon: FakeDaemon) -> None:
    open_dialogue(window)
    the_job(daemon)
    window.keys("alt+a")
    window.wait_window("Neural Style Live")


def stroke(window: GimpSession) -> None:
    x, y = WHERE
    moves = [str(value) for step in range(4) for value in ("mousemove", x + 10 * step, y + 5 * step, "sleep", "0.1")]
    window._do("xdotool", "mousemove", str(x), str(y), "mousedown", "1", *moves, "mouseup", "1")


def test_full_size_goes_on_from_the_live_picture(window: GimpSession, daemon: FakeDaemon) -> None:
    follow(window, daemon)
    wait_colour(window, PAINTED, 30_000)
    window.keys("alt+f")
    wait_layers(window, 2)
    job = list(daemon.jobs.values())[-1]
    assert not job.body.get("live") and (job.width, job.height) == (480, 320)
    assert job.body["method"]["start"] == "image"
    assert daemon.images[job.body["init"]][:2] == (256, 171)
    wait_none(daemon)
    window.wait_no_window("Neural Style")
    window.focus("photo")
    window.keys("ctrl+z")
    wait_layers(window, 1)


def test_settings_leads_back_to_the_dialogue(window: GimpSession, daemon: FakeDaemon) -> None:
    follow(window, daemon)
    window.keys("alt+t")
    window.wait_no_window("Neural Style Live")
    window.wait_window("Neural Style")
    the_job(daemon)
    leave(window, daemon)


def test_a_deleted_layer_leaves_no_job_and_undo_brings_it_back(
    window: GimpSession, daemon: FakeDaemon, pictures: Path
) -> None:
    follow(window, daemon)
    the_job(daemon)
    window.focus("photo")
    window.run_action("Delete Layer")
    wait_none(daemon)
    time.sleep(0.5)
    window.screenshot(pictures / "live-deleted.png")
    window.focus("photo")
    window.keys("ctrl+z")
    the_job(daemon)
    window.focus("Neural Style Live")
    window.keys("Escape")
    window.wait_no_window("Neural Style Live")
    wait_none(daemon)
    assert layers(window) == 1


def test_another_size_of_the_layer_is_followed(window: GimpSession, daemon: FakeDaemon) -> None:
    follow(window, daemon)
    first = the_job(daemon)
    window.focus("photo")
    window.run_action("Rotate 90")
    wait(lambda: first.state in OVER, "the end of the first job")
    second = the_job(daemon)
    assert (second.width, second.height) == (171, 256)
    window.focus("Neural Style Live")
    window.keys("Escape")
    window.wait_no_window("Neural Style Live")
    window.focus("photo")
    window.keys("ctrl+z")


def test_a_closed_image_leaves_no_job(placed: Callable[..., Gimp], daemon: FakeDaemon, plain: Path) -> None:
    with placed(daemon.home).interactive(plain) as session:
        session.wait_window("photo")
        follow(session, daemon)
        the_job(daemon)
        session.focus("photo")
        session.keys("ctrl+w")
        wait_none(daemon)
        session.focus("Neural Style Live")
        session.keys("alt+k")
        time.sleep(1)
        assert session.wait_window("Neural Style Live")  # it says so, and stays
        session.keys("Escape")
        session.wait_no_window("Neural Style Live")
