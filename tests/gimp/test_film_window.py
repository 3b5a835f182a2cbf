"""Paint Layers as Animation… in the real GIMP on a screen, by keyboard, with a daemon that turns colours round."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.client.fake_daemon import FakeDaemon
from tests.gimp.screen import wait
from tests.hosts.rig import Gimp, GimpSession

pytestmark = pytest.mark.gimp

COLOURS = ((200, 60, 40), (60, 180, 40), (40, 60, 200), (200, 200, 40))


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeDaemon]:
    with FakeDaemon(tmp_path_factory.mktemp("fake"), device="CPU") as fake:
        yield fake


@pytest.fixture(scope="module")
def window(
    placed: Callable[..., Gimp], daemon: FakeDaemon, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GimpSession]:
    path = tmp_path_factory.mktemp("documents") / "boat.gif"
    first, *others = [Image.new("RGB", (96, 64), colour) for colour in COLOURS]
    first.save(path, save_all=True, append_images=others, duration=100)
    with placed(daemon.home).interactive(path) as session:
        session.wait_window("boat")
        session.maximise("boat")
        yield session


def open_dialogue(window: GimpSession, daemon: FakeDaemon) -> None:
    """Until the forecast was asked for: then there are styles to paint with."""
    known = len(daemon.exchanges)
    window.focus("boat")
    window.run_action("Paint Layers as Animation")
    window.wait_window("Paint Layers as Animation")
    wait(lambda: any(one.path == "/v1/forecast" for one in daemon.exchanges[known:]), "a forecast")


def paint(window: GimpSession, daemon: FakeDaemon) -> None:
    begun = len(daemon.sequences)
    window.keys("alt+p")
    wait(lambda: len(daemon.sequences) > begun, "a sequence")


def wait_over(daemon: FakeDaemon) -> None:
    wait(lambda: all(one["deleted"] for one in daemon.sequences.values()), "the sequence's end")


def test_an_animation_becomes_a_new_image(window: GimpSession, daemon: FakeDaemon, pictures: Path) -> None:
    daemon.behave(step_s=0.3)
    open_dialogue(window, daemon)
    window.screenshot(pictures / "animation.png")
    paint(window, daemon)
    window.wait_window("[Untitled]")
    window.screenshot(pictures / "animation-painting.png")
    window.wait_window("4 layers) 96x64")
    wait_over(daemon)
    window.wait_no_window("Neural Style")
    window.screenshot(pictures / "animation-painted.png")
    (sequence,) = daemon.sequences.values()
    assert len(sequence["frames"]) == 4
    window.focus("[Untitled]")
    window.keys("ctrl+w", "alt+d")  # discard
    window.wait_window("boat")


def test_what_is_painted_stays_when_it_is_stopped_and_is_one_undo_step(
    window: GimpSession, daemon: FakeDaemon, pictures: Path
) -> None:
    window.focus("boat")
    window.run_action("RGB")  # a group cannot go into an indexed image
    window.wait_window("RGB color")
    daemon.behave(step_s=0.4)
    open_dialogue(window, daemon)
    window.keys("alt+e", "space", "Down", "Return")
    paint(window, daemon)
    window.wait_window("Neural Style")
    wait(lambda: painted(daemon) > 1, "a frame")
    daemon.behave(step_s=100)  # the last frame is never painted
    window.focus("Neural Style")
    window.screenshot(pictures / "animation-stopped.png")
    window.keys("alt+s")
    window.wait_no_window("Neural Style")
    wait_over(daemon)
    wait(lambda: layers_of(window) > 5, "the group")
    assert layers_of(window) < 9
    window.screenshot(pictures / "animation-group.png")
    window.focus("boat")
    window.keys("ctrl+z")
    wait(lambda: layers_of(window) == 4, "one undo step")


def painted(daemon: FakeDaemon) -> int:
    last = list(daemon.sequences.values())[-1]
    return sum(daemon.jobs[job].state == "done" for job in last["frames"])


def layers_of(window: GimpSession) -> int:
    title = window.wait_window("[boat]")
    return int(title.split(" layer")[0].rsplit(" ", 1)[1])


def test_cancel_leaves_the_dialogue_and_makes_nothing(window: GimpSession, daemon: FakeDaemon) -> None:
    begun = len(daemon.sequences)
    open_dialogue(window, daemon)
    window.keys("alt+c")
    window.wait_no_window("Paint Layers as Animation")
    assert len(daemon.sequences) == begun and layers_of(window) == 4
