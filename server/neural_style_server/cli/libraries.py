"""The presets of this home, read without a daemon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from neural_style_client import home_folder

if TYPE_CHECKING:
    from ..presets.library import Library


def open_library() -> Library:
    from ..presets.library import Library, standard_sources  # here, so that `neural-style --help` starts quickly
    from ..setting_sources import load_settings

    home = Path(home_folder())
    return Library(standard_sources(home, load_settings(home).preset_folders), home=home)
