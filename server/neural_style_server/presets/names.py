"""What presets and their files may be called."""

from __future__ import annotations

import re
import unicodedata

from ..errors import PresetError

PRESET_FILE, THUMBNAIL = "preset.yaml", "thumbnail.png"
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
NAME_PATTERN = "^[a-z0-9][a-z0-9-]{0,63}$"
NAME_WORDS = "1–64 of a–z, 0–9 and '-', not starting with '-'"


def file_name_problem(file: str) -> str | None:
    """Why `file` cannot be the name of a style image; None where it can."""
    plain = re.fullmatch(r"""[^\x00-\x1f\x7f-\x9f/\\:*?"<>|]{1,100}""", file)
    if not plain or file[0] in ". " or file[-1] in ". ":
        return "must be a plain name inside the preset's folder"
    if not file.lower().endswith(SUFFIXES):
        return f"must end in {', '.join(SUFFIXES)}"
    if file.casefold() == THUMBNAIL:
        return f"must be another name than {THUMBNAIL}, which is the preset's own small picture"
    return None


def same_spelling(file: str) -> str:
    """The same for two file names that some file systems do not distinguish."""
    return unicodedata.normalize("NFC", file).casefold()


def check_name(name: object) -> str:
    """`name` if a preset may be called so; PresetError otherwise."""
    if isinstance(name, str) and re.fullmatch(NAME_PATTERN[1:-1], name):
        return name
    raise PresetError(
        f"A preset's name is {NAME_WORDS}, got {name!r:.100}.",
        hint="The title may be anything; the name is for folders and links, such as 'ink-wash'.",
    )
