"""What every key of a preset means and allows, and how problems are collected. The docs are made from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ..errors import PresetError
from .yaml_document import Keys

SCHEMA = 1
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
PRESET_FILE, THUMBNAIL = "preset.yaml", "thumbnail.png"
MAX_IMAGES, MAX_WEIGHT, MAX_TAGS, MAX_TAG = 16, 1000, 12, 32
MAX_FILE_NAME, MAX_REGION = 100, 64
MAX_PROBLEMS, MAX_LINE = 30, 400


@dataclass(frozen=True)
class Key:
    """One key: what it says and what is allowed. `length` is the longest text, where it is one."""

    what: str
    allowed: str
    required: bool = False
    length: int = 0


KEYS = {
    "schema": Key("version of the file format", f"{SCHEMA}", required=True),
    "title": Key("the name that painters see", "text of 1–80 characters", required=True, length=80),
    "description": Key("what it looks like and what it suits", "text of up to 2000 characters", length=2000),
    "tags": Key("words to search by", f"up to {MAX_TAGS} texts of 1–{MAX_TAG} characters"),
    "author": Key("who made it", "text of up to 200 characters", length=200),
    "licence": Key("the licence that it may be shared under", "text of up to 100 characters", length=100),
    "source": Key("where the style images are from", "text of up to 500 characters", length=500),
    "images": Key("the style images", f"1–{MAX_IMAGES} of `{{file, weight, region}}`", required=True),
    "controls": Key("the painter's words", "see [Controls](#controls)"),
    "method": Key("the expert's words", "see [Method](#method)"),
}
IMAGE_KEYS = {
    "file": Key("a picture in the preset's own folder", f"file name ending in {', '.join(SUFFIXES)}", True),
    "weight": Key("its share among the style images", f"number from 0 to {MAX_WEIGHT}; 1 if left out"),
    "region": Key("the region that it is for", f"text of 1–{MAX_REGION} characters; everywhere if left out"),
}


class Report:
    """Problems as they are found, each with its place."""

    def __init__(self, where: Callable[[Keys], str]) -> None:
        self.where = where
        self.lines: list[str] = []

    def add(self, keys: Keys, problem: str) -> None:
        place = self.where(keys)
        line = f"{place}: {problem}" if place else problem
        self.lines.append(line if len(line) <= MAX_LINE else line[:MAX_LINE] + "…")

    def raise_if_any(self) -> None:
        if not self.lines:
            return
        more = len(self.lines) - MAX_PROBLEMS
        shown = self.lines[:MAX_PROBLEMS] + ([f"and {more} more problems."] if more > 0 else [])
        raise PresetError("\n".join(shown))


def check_name(name: object) -> str:
    """`name` if a preset may be called so; PresetError otherwise."""
    if isinstance(name, str) and NAME.fullmatch(name):
        return name
    raise PresetError(
        f"A preset's name is 1–64 of a–z, 0–9 and '-' and does not start with '-', got {name!r:.100}.",
        hint="The title may be anything; the name is for folders and links, such as 'ink-wash'.",
    )


def unknown(key: object, known: Mapping[str, Key]) -> str:
    near = get_close_matches(str(key), known, 1)
    meant = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}."
    return f"unknown key '{key}'; {meant}"


def is_text(value: object, length: int, also: str = "") -> bool:
    """Text without control characters (but those in `also`) and lone surrogates."""
    return (
        isinstance(value, str)
        and len(value) <= length
        and not any(unicodedata.category(character) in ("Cc", "Cs") and character not in also for character in value)
    )


def is_word(value: object, length: int) -> bool:
    return is_text(value, length) and bool(str(value).strip())


def is_weight(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_WEIGHT


def text_at(data: Mapping[str, object], key: str, report: Report) -> str:
    """The text at a top-level key, or "" with a problem reported."""
    value, rule = data.get(key), KEYS[key]
    if value is None and not rule.required:
        return ""
    if value is None or (rule.required and isinstance(value, str) and not value.strip()):
        report.add((key,), f"{key} is missing; it must be {rule.allowed}.")
    elif not isinstance(value, str):
        report.add((key,), f"{key} must be text, got {value!r}; put it in quotes.")
    elif not is_text(value, rule.length, also="\n" if key == "description" else ""):
        report.add((key,), f"{key} must be {rule.allowed}, without control characters.")
    else:
        return value
    return ""


def tags_at(data: Mapping[str, object], report: Report) -> Iterator[str]:
    tags = data.get("tags")
    if tags is None:
        return
    if not isinstance(tags, list) or len(tags) > MAX_TAGS:
        report.add(("tags",), f"tags must be a list of {KEYS['tags'].allowed}, got {tags!r}.")
        return
    for place, tag in enumerate(tags):
        if not is_word(tag, MAX_TAG):
            report.add(("tags", place), f"a tag must be text of 1–{MAX_TAG} characters, got {tag!r}.")
        elif tag in tags[:place]:
            report.add(("tags", place), f"the tag '{tag}' is there twice.")
        else:
            yield tag


def file_name_problem(file: object) -> str | None:
    """Why `file` cannot be the name of a style image; None where it can."""
    if not isinstance(file, str) or not file:
        return f"file must be the name of a picture, got {file!r}."
    plain = is_text(file, MAX_FILE_NAME) and not re.search(r'[/\\:*?"<>|]', file)
    if not plain or file[0] in ". " or file[-1] in ". ":
        return f"file must be a plain name inside the preset's folder, got {file!r}."
    if not file.lower().endswith(SUFFIXES):
        return f"file must end in {', '.join(SUFFIXES)}, got {file!r}."
    if file.casefold() == THUMBNAIL:
        return f"{THUMBNAIL} is the preset's own small picture; give the style image another name."
    return None


def same_spelling(file: str) -> str:
    """What two file names have in common that some file systems cannot tell apart."""
    return unicodedata.normalize("NFC", file).casefold()
