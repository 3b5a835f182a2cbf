"""What a picture is painted with, chosen in the dialogue of the real GIMP on a screen, by keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import client_of, reported
from tests.gimp.screen import known_jobs, layers, newest_job, wait, wait_layers, wait_state
from tests.hosts.rig import Gimp, GimpSession

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def window(placed: Callable[..., Gimp], real_home: Path, photo: Path) -> Iterator[GimpSession]:
    with placed(real_home).interactive(photo) as session:
        session.wait_window("photo")
        session.maximise("photo")
        yield session


def dialogue(window: GimpSession) -> None:
    window.focus("photo")
    window.run_action("Stylize Layer")
    window.wait_window("Neural Style")
    time.sleep(3)


def preview_rests(home: Path) -> bool:
    return any(job["live"] and job["resting"] and job["state"] == "running" for job in client_of(home).jobs())


def request_of(home: Path, job: Any) -> Any:
    return client_of(home).job(job["id"])["request"]


def test_a_second_style_is_blended(window: GimpSession, real_home: Path, pictures: Path) -> None:
    known = known_jobs(real_home)
    dialogue(window)
    window.keys("alt+f")
    window.type("night")
    time.sleep(0.7)
    window.keys("alt+u")
    time.sleep(0.5)
    window.keys("Down", "shift+Tab", "Right", "Right")
    time.sleep(1)
    assert not client_of(real_home).preset("night-swirl")["favourite"]
    window.keys("shift+Tab", "space")
    wait(lambda: client_of(real_home).preset("night-swirl")["favourite"], "a favourite")
    window.screenshot(pictures / "blend.png")
    window.keys("alt+p")
    job = wait(lambda: newest_job(real_home, known), "a job")
    assert job["preset"] == "night-swirl"
    (second,) = request_of(real_home, job)["blend"]
    assert second["preset"] != "night-swirl" and second["weight"] == round(52 / 48, 4)
    window.wait_window("Neural Style")
    window.focus("Neural Style")
    window.keys("Escape")
    wait_state(real_home, job, "cancelled")


def test_regions_are_chosen_in_the_dialogue(window: GimpSession, real_home: Path, pictures: Path) -> None:
    known = known_jobs(real_home)
    dialogue(window)
    window.keys("alt+n")
    time.sleep(0.5)
    window.keys("space")
    wait(lambda: preview_rests(real_home), "a settled preview", limit_s=400, pause_s=0.5)
    time.sleep(1)
    window.screenshot(pictures / "regions.png")
    window.keys("alt+p")
    job = wait(lambda: newest_job(real_home, known), "a job")
    assert request_of(real_home, job)["regions"]
    window.wait_window("Neural Style")
    window.focus("Neural Style")
    window.keys("Escape")
    wait_state(real_home, job, "cancelled")


def test_a_part_of_a_style_image_and_the_group_are_chosen_by_keyboard_and_one_undo_takes_it_away(
    window: GimpSession, real_home: Path, pictures: Path
) -> None:
    known = known_jobs(real_home)
    dialogue(window)
    window.keys("alt+n")
    time.sleep(0.5)
    window.keys("space")
    time.sleep(0.5)
    window.keys("Tab", "Tab", "Tab", "Tab", "space")
    window.wait_window("Part of the style image")
    time.sleep(1)
    window.keys(*["shift+Left"] * 10, *["shift+Up"] * 5, "Right", "Down")
    time.sleep(0.5)
    window.screenshot(pictures / "style-part.png")
    window.keys("Return")
    window.wait_no_window("Part of the style image")
    window.focus("Neural Style")
    window.keys("Tab", "Tab", "Down")
    time.sleep(0.5)
    window.screenshot(pictures / "region-part.png")
    window.keys("alt+p")
    job = wait(lambda: newest_job(real_home, known), "a job")
    part = request_of(real_home, job)["regions"][0]["style_part"]
    assert part == {"left": 0.02, "top": 0.02, "width": 0.8, "height": 0.9}
    wait_layers(window, 2)
    window.focus("Neural Style")
    window.keys("alt+s")
    window.wait_no_window("Neural Style")
    wait(lambda: layers(window) > 2, "a group with its layers")
    window.screenshot(pictures / "region-group.png")
    window.focus("photo")
    window.keys("ctrl+z")
    wait_layers(window, 1)


@pytest.fixture(scope="module")
def styles(placed: Callable[..., Gimp], real_home: Path) -> tuple[dict[str, Any], Any]:
    known = known_jobs(real_home)
    found = reported(placed(real_home), "styles.py", timeout_s=480)
    return found, newest_job(real_home, known)


@pytest.mark.parametrize("kind", ["rgb u8-non-linear", "grey u8-non-linear", "rgb float-linear"])
def test_whatever_marks_a_region_is_read_at_its_place(styles: tuple[dict[str, Any], Any], kind: str) -> None:
    found = styles[0]["weights"][kind]
    assert found["beyond"] == [255, 255, 0, 0, 1200]  # larger than the layer, hidden, and above its middle
    assert found["bright"] == pytest.approx([48, 180, 80, 180, 1200], abs=1)  # opaque everywhere
    assert found["inverted"] == pytest.approx([207, 75, 175, 75, 1200], abs=1)  # with its effect
    assert found["Mask of masked"] == pytest.approx([48, 180, 80, 180, 1200], abs=1)
    assert found["masked"] == pytest.approx([24, 90, 40, 90, 1200], abs=1)
    assert found["saved"][2:] == [255, 0, 1200] and 0 <= found["saved"][0] < 128  # a soft edge
    assert found["nothing"] == [0, 0, 0, 0, 1200]
    assert found["All labelled red"] == [255, 255, 255, 0, 1200]  # that layer and that channel


def test_regions_and_a_blend_are_painted_at_the_layers_place(
    styles: tuple[dict[str, Any], Any], real_home: Path
) -> None:
    assert styles[0]["painted"] == ["success", "", [10, 8]]
    regions = request_of(real_home, styles[1])["regions"]
    assert [one["preset"] for one in regions] == ["mosaic", "charcoal", "ink-wash"]
    assert regions[2]["blend"] == [{"preset": "night-swirl", "weight": round(25 / 75, 4)}]


@pytest.mark.parametrize("kind", ["rgb u8-non-linear", "grey u8-non-linear", "rgb float-linear"])
def test_a_group_of_the_regions_looks_like_the_one_layer(styles: tuple[dict[str, Any], Any], kind: str) -> None:
    found = styles[0]["groups"][kind]
    (name, *_), *parts = found["tree"]
    assert name == found["alone"][0][0] == "Neural Style: ink-wash (iteration 2)"
    assert [part[0] for part in parts] == ["mosaic – saved", "charcoal – bright", "ink-wash"]
    assert all(part[1:] == [[10, 8], True] for part in found["tree"]) and found["kept"] == "each"
    assert found["apart"] <= 3, found
    saved, bright, rest = found["marks"]  # at an opaque pixel, and at a translucent one
    assert saved == [255, 0] and bright == pytest.approx([48, 108], abs=1)
    assert rest[0] == 0 and 108 < rest[1] < 255, rest


def test_kept_frames_and_the_group_of_the_regions_are_in_one_group(styles: tuple[dict[str, Any], Any]) -> None:
    found = styles[0]["group with kept frames"]
    assert found["beside"] == [f"Neural Style: ink-wash (iteration {number})" for number in (2, 1)]
    assert [part[0] for part in found["tree"][1:]] == ["mosaic – saved", "charcoal – bright", "ink-wash"]


def test_a_result_takes_the_place_of_its_layer(styles: tuple[dict[str, Any], Any]) -> None:
    assert styles[0]["instead"] == {"error": "", "same": True, "alone": 1}


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("no such place", "The place of the result must be one of “above”, “instead”, not “below”"),
        ("no such result", "The result of regions must be one of"),
        ("no such part", "A part of a style image must be [left, top, width, height]"),
        ("gone", "“never”, which marks a region, is not in this image"),
        ("vanished preset", "no preset named “mosaik”. Did you mean “mosaic”?"),
        ("no json", "The regions cannot be read"),
        ("deleted", "deleted"),
        ("itself", "“ink-wash” is blended with itself"),
    ],
)
def test_what_cannot_be_painted_is_one_message(styles: tuple[dict[str, Any], Any], what: str, said: str) -> None:
    status, error, made = styles[0][what]
    assert status == "execution-error" and said in error and made is False
