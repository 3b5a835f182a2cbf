"""Switching the plug-in on and off in Krita's settings file without touching any other line of it.

`kritarc` is an INI file of KDE's own dialect, which ConfigParser would reorder and rewrite; so this works
on the text. Functions take and return the whole text, line endings included.
"""

from __future__ import annotations

import re

KEY = "enable_neural_style"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_GROUP = re.compile(r"\s*\[python\](\[\$\w+\])?\s*")
_OURS = re.compile(rf"\s*{KEY}(\[\$\w+\])?\s*=\s*(?P<value>.*?)\s*", re.DOTALL)


def is_enabled(text: str) -> bool:
    values = [value for line, in_group in _lines(text) if in_group and (value := _value(line)) is not None]
    return bool(values) and all(value.lower() in ("true", "1", "yes", "on") for value in values)


def enable(text: str) -> str:
    """The text with `[python] enable_neural_style=true`; unchanged where it says so already."""
    if is_enabled(text):
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(text)
    ours = [index for index, (line, in_group) in enumerate(lines) if in_group and _value(line) is not None]
    written = [line for line, _ in lines]
    if ours:
        for index in ours:
            written[index] = f"{KEY}=true{end}"
    elif inside := [index for index, (line, in_group) in enumerate(lines) if in_group and line.strip()]:
        last = inside[-1]
        written[last] = written[last] if written[last].endswith("\n") else written[last] + end
        written.insert(last + 1, f"{KEY}=true{end}")
    else:
        gap = "" if not text else end if text.endswith("\n") else 2 * end
        written.append(f"{gap}[python]{end}{KEY}=true{end}")
    return "".join(written)


def disable(text: str) -> str:
    """The text without the plug-in's line, and without the group and the gap that it leaves empty."""
    lines = _lines(text)
    kept = [(line, in_group) for line, in_group in lines if not (in_group and _value(line) is not None)]
    if len(kept) == len(lines):
        return text
    if any(in_group and line.strip() and not _GROUP.fullmatch(line) for line, in_group in kept):
        return "".join(line for line, _ in kept)
    first = next(index for index, (_, in_group) in enumerate(kept) if in_group)
    was_last = all(in_group for _, in_group in kept[first:])
    if was_last and first and not kept[first - 1][0].strip():
        del kept[first - 1]
    return "".join(line for line, in_group in kept if not in_group)


def _lines(text: str) -> list[tuple[str, bool]]:
    """Every line with its ending, and whether it belongs to the group [python] (its header included)."""
    found, in_group = [], False
    for line in _LINE.findall(text):
        if line.lstrip().startswith("["):
            in_group = _GROUP.fullmatch(line) is not None
        found.append((line, in_group))
    return found


def _value(line: str) -> str | None:
    match = _OURS.fullmatch(line)
    return match["value"] if match else None
