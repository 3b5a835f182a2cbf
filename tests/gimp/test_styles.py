"""What a picture is painted with, chosen in the dialogue of the real GIMP on a screen, by keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import client_of
from tests.gimp.screen import known_jobs, newest_job, wait, wait_state
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
