"""Every window of the plug-in, in every language: it fits the screen, and all that can be used has a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.gimp.conftest import reported
from tests.hosts.fonts import place_font
from tests.hosts.gimp import Gimp
from tests.hosts.screen import SCREEN

from neural_style_client.translations import LANGUAGES

pytestmark = pytest.mark.gimp

USED = {"stylize": 40, "film": 20, "live": 5, "run": 4, "preset": 4, "print": 5, "part": 4, "panel": 3}
"""So many widgets a window has at least, so that none is taken for empty."""


@pytest.fixture(scope="module")
def windows(placed: Callable[..., Gimp], fake_home: Path) -> dict[str, Any]:
    gimp = placed(fake_home)
    place_font(gimp.profile)
    return reported(gimp, "windows.py", screen=True)


@pytest.mark.parametrize("window", USED)
def test_screen_readers_are_told_the_name_of_all_that_can_be_used(windows: dict[str, Any], window: str) -> None:
    for language in LANGUAGES:
        found = windows[language][window]
        assert found["used"] >= USED[window] and found["nameless"] == [], (language, found)


@pytest.mark.parametrize("window", USED)
def test_every_language_fits_the_screen(windows: dict[str, Any], window: str) -> None:
    most = [int(side) for side in SCREEN.split("x")]
    for language in LANGUAGES:
        width, height = windows[language][window]["size"]
        assert width <= most[0] and height <= most[1], (language, width, height)
