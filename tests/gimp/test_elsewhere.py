"""The painter has a token for another computer: GIMP paints there, and the dialogue lets him choose."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.gimp.conftest import reported
from tests.gimp.screen import wait
from tests.hosts.rig import Gimp
from tests.hosts.studio import Studio

from neural_style_server.tokens import Tokens

pytestmark = pytest.mark.gimp


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with closing(Studio(tmp_path_factory.mktemp("studio"))) as made:
        yield made.warm()


def chosen(studio: Studio) -> str:
    return str(json.loads((studio.laptop / "remotes.json").read_text())["chosen"])


def test_a_layer_is_painted_on_the_other_computer(placed: Callable[..., Gimp], studio: Studio) -> None:
    found = reported(placed(studio.laptop), "alone.py")
    assert found["status"] == "success", found["error"]
    assert len(found["names"]) == 2
    (job,) = studio.jobs()
    assert job["state"] == "done" and not studio.daemon.client.jobs()
    assert not (studio.laptop / "daemon.json").exists(), "none was started here"


def test_the_dialogue_offers_both_and_keeps_what_is_chosen(
    placed: Callable[..., Gimp], studio: Studio, photo: Path, pictures: Path
) -> None:
    with placed(studio.laptop).interactive(photo) as window:
        window.wait_window("photo")
        window.maximise("photo")
        window.run_action("Stylize Layer")
        window.wait_window("Neural Style")
        time.sleep(4)
        window.screenshot(pictures / "paint-on.png")
        window.keys("alt+t", "shift+Tab", "Up")  # from the first slider to what is above it
        wait(lambda: chosen(studio) == "", "the choice of this computer", 20)
        time.sleep(2)
        window.screenshot(pictures / "paint-here.png")
        window.keys("alt+t", "shift+Tab", "Down")
        wait(lambda: chosen(studio) == "studio", "the choice of the other one", 20)
        time.sleep(2)
        window.keys("Escape")
        window.wait_no_window("Neural Style")


def test_a_revoked_token_is_told_in_a_sentence(placed: Callable[..., Gimp], studio: Studio) -> None:
    Tokens(studio.daemon.home).revoke("anna")
    found = reported(placed(studio.laptop), "alone.py")
    assert found["status"] == "execution-error" and len(found["names"]) == 1
    assert "The token of 'anna' was revoked." in found["error"]
