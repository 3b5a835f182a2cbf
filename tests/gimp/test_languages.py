"""The plug-in in the language of GIMP's own settings: menu entries, dialog and messages."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gimp.conftest import reported
from tests.gimp.screen import known_jobs, newest_job, wait, wait_state
from tests.hosts.fonts import place_font
from tests.hosts.rig import GIMPRC, Gimp

from neural_style_client.translations import catalogue

pytestmark = pytest.mark.gimp


def choose_language(gimp: Gimp, language: str, scheme: str = "dark") -> None:
    """As Edit → Preferences → Interface does, with the colours of the theme: "dark" or "light"."""
    gimprc = gimp.plug_ins.parent / "gimprc"
    former = gimprc.read_text("utf-8") if gimprc.exists() else GIMPRC
    kept = [line for line in former.splitlines() if not line.startswith(("(language ", "(theme-color-scheme "))]
    chosen = [f'(language "{language}")', f"(theme-color-scheme {scheme})"]
    gimprc.write_text("\n".join([*kept, *chosen, ""]), encoding="utf-8")
    place_font(gimp.profile)


def test_menu_entries_and_messages_follow_when_the_language_is_changed(
    placed: Callable[..., Gimp], real_home: Path
) -> None:
    gimp = placed(real_home)
    for language in ("en", "de", "ja"):
        choose_language(gimp, language)
        found, words = reported(gimp, "language.py"), catalogue(language)
        assert found["label"] == words.tr("_Stylize Layer…")
        assert found["blurb"] == words.tr("Paint the selected layers in the style of another picture")
        assert found["argument"] == words.tr("Preset")
        assert words.tr("The layer is empty. Paint or paste something into it, then try again.") in found["error"]


@pytest.mark.parametrize(
    ("language", "scheme", "entry", "paint"), [("de", "dark", "e", "alt+m"), ("ja", "light", "s", "alt+p")]
)
def test_the_dialog_is_opened_and_paints_by_its_translated_keys(
    placed: Callable[..., Gimp],
    real_home: Path,
    photo: Path,
    pictures: Path,
    language: str,
    scheme: str,
    entry: str,
    paint: str,
) -> None:
    gimp, known = placed(real_home), known_jobs(real_home)
    gimp.batch("print('its profile is filled')").check_returncode()
    choose_language(gimp, language, scheme)
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        session.maximise("photo")
        session.keys("alt+r", "Up", "Right")  # Neural Style is the last entry
        time.sleep(0.5)
        session.screenshot(pictures / f"menu-{language}.png")
        session.keys(entry)
        session.wait_window("Neural Style")
        time.sleep(3)
        session.screenshot(pictures / f"dialogue-{language}.png")
        session.keys(paint)
        job = wait(lambda: newest_job(real_home, known), "a job")
        time.sleep(2)
        session.screenshot(pictures / f"painting-{language}.png")
        session.focus("Neural Style")
        session.keys("Escape")
        wait_state(real_home, job, "cancelled")
