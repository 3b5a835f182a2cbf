"""Paint for Print… in the real GIMP on a screen, by keyboard, with a daemon that turns colours round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.client.fake_daemon import FakeDaemon
from tests.client.fake_jobs import Job
from tests.gimp.screen import wait
from tests.hosts.rig import Gimp, GimpSession

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeDaemon]:
    with FakeDaemon(tmp_path_factory.mktemp("fake"), device="CPU") as fake:
        yield fake


@pytest.fixture(scope="module")
def window(
    placed: Callable[..., Gimp], daemon: FakeDaemon, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GimpSession]:
    path = tmp_path_factory.mktemp("documents") / "boat.png"
    Image.new("RGB", (96, 64), (200, 60, 40)).save(path, dpi=(72, 72))
    with placed(daemon.home).interactive(path) as session:
        session.wait_window("boat")
        session.maximise("boat")
        yield session


def open_dialogue(window: GimpSession) -> None:
    window.focus("boat")
    window.run_action("Paint for Print")
    window.wait_window("Paint for Print")


def choose_size(window: GimpSession, daemon: FakeDaemon) -> None:
    """3 inches at 100 dots per inch; until the next dialogue has asked for a forecast of so many pixels."""
    known = len(daemon.exchanges)
    window.keys("Tab", "Home", "shift+Tab", "ctrl+a")  # inches are the first unit
    window.type("3")
    window.keys("Tab", "Tab", "ctrl+a")
    window.type("100")
    window.keys("Return")
    window.wait_window("Neural Style")
    wait(lambda: (300, 200) in forecasts(daemon, known), "a forecast of the print")


def forecasts(daemon: FakeDaemon, known: int) -> list[tuple[int, int]]:
    asked = [one.sent for one in daemon.exchanges[known:] if one.path == "/v1/forecast"]
    return [(one["width"], one["height"]) for one in asked]


def ordinary_jobs(daemon: FakeDaemon) -> list[Job]:
    """The preview has live ones."""
    return [job for job in list(daemon.jobs.values()) if not job.body.get("live")]


def is_as_it_was(window: GimpSession) -> bool:
    title = window.wait_window("[boat]")
    return not title.startswith("*") and "1 layer) 96x64" in title


def test_cancel_makes_no_copy(window: GimpSession) -> None:
    open_dialogue(window)
    window.keys("Escape")
    window.wait_no_window("Paint for Print")
    assert is_as_it_was(window)


def test_a_copy_goes_again_where_its_dialogue_is_cancelled(window: GimpSession, daemon: FakeDaemon) -> None:
    open_dialogue(window)
    choose_size(window, daemon)
    window.wait_window("300x200")
    window.focus("Neural Style")
    window.keys("Escape")
    window.wait_no_window("Neural Style")
    window.wait_window("[boat]")
    window.wait_no_window("300x200")
    assert is_as_it_was(window)


def test_a_print_is_painted_in_a_copy(window: GimpSession, daemon: FakeDaemon, pictures: Path) -> None:
    open_dialogue(window)
    window.screenshot(pictures / "print.png")
    choose_size(window, daemon)
    window.screenshot(pictures / "print-style.png")
    window.focus("Neural Style")
    window.keys("alt+p")
    wait(lambda: ordinary_jobs(daemon), "a job")
    window.wait_no_window("Neural Style")
    window.wait_window("2 layers) 300x200")
    window.screenshot(pictures / "print-painted.png")
    (job,) = ordinary_jobs(daemon)
    assert (job.width, job.height) == (300, 200)
    window.keys("ctrl+w", "alt+d")  # discard
    assert is_as_it_was(window)
