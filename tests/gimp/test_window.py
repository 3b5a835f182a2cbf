"""The plug-in's windows in the real GIMP on a screen, by keyboard, with the real daemon."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.gimp.conftest import client_of
from tests.gimp.screen import (
    known_jobs,
    layers,
    newest_job,
    plug_in_processes,
    state,
    wait,
    wait_layers,
    wait_state,
)
from tests.hosts.rig import Gimp, GimpSession

pytestmark = pytest.mark.gimp

CANVAS = (560, 380)
"""A place on the picture, in a maximised window."""


@pytest.fixture(scope="module")
def gimp_here(placed: Callable[..., Gimp], real_home: Path) -> Gimp:
    return placed(real_home)


@pytest.fixture(scope="module")
def window(gimp_here: Gimp, photo: Path) -> Iterator[GimpSession]:
    with gimp_here.interactive(photo) as session:
        session.wait_window("photo")
        session.maximise("photo")
        yield session


def test_a_style_is_chosen_by_keyboard_and_its_frames_arrive(
    window: GimpSession, real_home: Path, pictures: Path
) -> None:
    known = known_jobs(real_home)
    window.keys("alt+r", "Up", "Right", "Up")  # Neural Style is the last entry, Stylize Layer… its last
    time.sleep(0.5)
    window.screenshot(pictures / "menu.png")
    window.keys("Return")
    window.wait_window("Neural Style")
    time.sleep(3)
    window.screenshot(pictures / "dialogue.png")
    window.keys("alt+f")
    window.type("night")
    time.sleep(1)
    window.screenshot(pictures / "search.png")
    window.keys("alt+p")
    job = wait(lambda: newest_job(real_home, known), "a job")
    assert job["preset"] == "night-swirl"
    wait_layers(window, 2)
    first = window.screenshot(pictures / "first-frame.png").read_bytes()
    wait(lambda: (client_of(real_home).job(job["id"])["iteration"] or 0) >= 6, "some iterations")
    time.sleep(2.5)
    assert window.screenshot(pictures / "painting.png").read_bytes() != first

    window.focus("Neural Style")  # GIMP 3.2 may have taken the focus for its own window
    window.keys("Escape")
    wait_layers(window, 1)
    wait_state(real_home, job, "cancelled")
    window.screenshot(pictures / "cancelled.png")


def test_a_cancelled_run_leaves_nothing_to_undo(window: GimpSession) -> None:
    window.focus("photo")
    window.keys("ctrl+z")
    time.sleep(1)
    assert layers(window) == 1
    assert not window.wait_window("[photo]").startswith("*")  # nothing to save either


def test_escape_leaves_the_dialogue_from_the_search_too(window: GimpSession) -> None:
    window.focus("photo")
    window.run_action("Stylize Layer")
    window.wait_window("Neural Style")
    time.sleep(3)
    window.keys("alt+f")
    window.type("no such style")
    window.keys("Escape", "Escape")
    window.wait_no_window("Neural Style")


def test_the_last_style_is_repeated_stopped_undone_and_redone(
    window: GimpSession, real_home: Path, pictures: Path
) -> None:
    known = known_jobs(real_home)
    window.focus("photo")
    window.run_action("Repeat Last Style")
    job = wait(lambda: newest_job(real_home, known), "a job")
    assert job["preset"] == "night-swirl"
    wait_layers(window, 2)
    time.sleep(1)
    window.focus("Neural Style")
    window.keys("alt+p")
    wait_state(real_home, job, "paused")
    time.sleep(0.5)
    window.screenshot(pictures / "paused.png")
    window.keys("alt+r")
    wait_state(real_home, job, "running")
    window.keys("alt+s")
    window.wait_no_window("Neural Style")
    assert state(real_home, job) == "done"
    assert layers(window) == 2
    window.focus("photo")
    window.screenshot(pictures / "stopped.png")
    window.keys("ctrl+z")
    wait_layers(window, 1)
    window.keys("ctrl+y")
    wait_layers(window, 2)
    window.screenshot(pictures / "redone.png")
    window.keys("Page_Up")  # the result is the selected layer
    window.run_action("More Iterations")
    window.wait_window("More Iterations")
    window.keys("ctrl+a")
    window.type("4")
    time.sleep(0.5)
    window.screenshot(pictures / "more.png")
    window.keys("Return")
    wait(lambda: state(real_home, job) == "running" or layers(window) == 3, "going on")
    wait_layers(window, 3)
    window.focus("Neural Style")
    window.keys("alt+s")
    wait_state(real_home, job, "done")
    window.wait_no_window("Neural Style")
    assert newest_job(real_home, known | {job["id"]}) is None
    window.focus("photo")
    window.run_action("Stylize Layer")
    window.wait_window("Neural Style")
    time.sleep(3)
    window.screenshot(pictures / "earlier.png")
    window.keys("Escape")
    window.wait_no_window("Neural Style")
    window.focus("photo")
    window.keys("ctrl+z")
    wait_layers(window, 2)
    window.keys("ctrl+z")
    wait_layers(window, 1)
    window.run_action("Insert Earlier Result")
    window.wait_window("Insert Earlier Result")
    window.keys("shift+Tab", "shift+Tab", "space")  # a star
    time.sleep(0.5)
    window.screenshot(pictures / "insert.png")
    window.keys("Return")
    wait_layers(window, 2)
    window.wait_no_window("Neural Style")
    window.focus("photo")
    window.keys("ctrl+z")
    wait_layers(window, 1)


def test_no_layer_comes_in_the_middle_of_a_stroke(window: GimpSession, real_home: Path) -> None:
    known = known_jobs(real_home)
    window.focus("photo")
    window.run_action("Repeat Last Style")
    window.hold(*CANVAS)
    try:
        job = wait(lambda: newest_job(real_home, known), "a job")
        wait(lambda: (client_of(real_home).job(job["id"])["iteration"] or 0) >= 4, "some iterations")
        time.sleep(1)
        assert layers(window) == 1
    finally:
        window.release()
    wait_layers(window, 2)
    window.focus("Neural Style")
    window.keys("Escape")
    wait_layers(window, 1)
    wait_state(real_home, job, "cancelled")


def test_a_killed_plug_in_cancels_its_job(window: GimpSession, gimp_here: Gimp, real_home: Path) -> None:
    known = known_jobs(real_home)
    window.focus("photo")
    window.run_action("Repeat Last Style")
    job = wait(lambda: newest_job(real_home, known), "a job")
    wait_state(real_home, job, "running")
    wait_layers(window, 2)
    processes = plug_in_processes(gimp_here.plug_ins)
    assert processes
    for process in processes:
        os.kill(process, signal.SIGKILL)
    wait_state(real_home, job, "cancelled")


def test_an_indexed_image_is_offered_to_be_converted(gimp_here: Gimp, photo: Path, pictures: Path) -> None:
    indexed = photo.with_name("poster.png")
    with Image.open(photo) as picture:
        picture.quantize(16).save(indexed)
    with gimp_here.interactive(indexed) as session:
        session.wait_window("poster")
        session.run_action("Stylize Layer")
        session.wait_window("Neural Style")
        time.sleep(1)
        session.screenshot(pictures / "indexed.png")
        session.keys("Escape")
        session.wait_no_window("Neural Style")
        assert "indexed" in session.wait_window("poster").lower()
        session.run_action("Stylize Layer")
        session.wait_window("Neural Style")
        session.keys("Return")
        session.wait_window("RGB color")
        session.wait_window("Neural Style")
        session.keys("Escape")
        session.wait_no_window("Neural Style")


def test_the_panel_and_make_preset_open(gimp_here: Gimp, photo: Path, pictures: Path, real_home: Path) -> None:
    with gimp_here.interactive(photo) as session:
        session.wait_window("photo")
        session.run_action("Neural Style Panel")
        session.wait_window("Neural Style Panel")
        time.sleep(1.5)
        session.screenshot(pictures / "panel.png")
        session.keys("Escape")
        session.wait_no_window("Neural Style Panel")
        session.run_action("Make Preset from Layer")
        session.wait_window("Make Preset from Layer")
        session.keys("ctrl+a")
        session.type("Harbour")
        session.screenshot(pictures / "make-preset.png")
        session.keys("Return")
        wait(lambda: "harbour" in [one["name"] for one in client_of(real_home).presets()], "the preset")

        known = known_jobs(real_home)
        session.focus("photo")
        session.run_action("Repeat Last Style")
        job = wait(lambda: newest_job(real_home, known), "a job")
        wait_layers(session, 2)
    wait_state(real_home, job, "cancelled")
