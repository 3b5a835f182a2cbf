"""What is noted beside a clip's pictures: what was asked for, so that pictures of different wishes are never mixed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Collection
from pathlib import Path
from typing import Any

from ..files import delete, write_json
from .video_lock import is_lock

NAME = ".neural-style-video-{}.json"
_NOTED = re.compile(r"\.neural-style-video-(\d+)\.(?:json|sources)")

DIFFERENT = {
    "content": "the clip's file has changed, or is another",
    "clip": "the clip is another",
    "size": "the frames have another size",
    "body": "the settings are others",
    "presets": "the styles are others",
    "fade": "--fade is another",
    "styles": "a preset has changed since",
    "pictures": "--pictures is another",
    "mask": "the mask is another",
    "given": "--colour-in is another",
    "written": "--colour-out is another",
}
"""What is said where something that was asked for is not as it was."""


class Notes:
    """Of the pictures from frame `first` on, which follows none. `asked` is all that they depend on besides, as JSON;
    `keys` are checksums of painted keys by their frames. Other parts of the clip may have notes of their own in the
    same folder. `sequences` are those of the daemon that are being painted. Thread-safe."""

    def __init__(self, folder: Path, first: int, asked: dict[str, Any], keys: dict[int, str]) -> None:
        self._folder, self.path = folder, folder / NAME.format(f"{first:06}")
        self._asked, self._keys = json.loads(json.dumps(asked)), keys
        self._changing = threading.Lock()
        self.sequences: list[str] = []

    def former_keys(self) -> dict[int, str] | None:
        """Of a painting of the same request, which then goes on; else None."""
        found = _read(self.path)
        if found is None or found["asked"] != self._asked:
            return None
        self.sequences = found["sequences"]
        return {int(number): mark for number, mark in found.get("keys", {}).items()}

    def taken(self, own: set[str] | None) -> str:
        """What the folder has, for people, if it has anything but pictures of other parts of the same request; else "".
        `own` are the names of the pictures that are to be painted; None where no other part may be there, either."""
        if not self._folder.is_dir():
            return ""
        names = {path.name for path in self._folder.iterdir() if not is_lock(path.name)}
        if not self.has_any():
            return "has other files" if names else ""
        why = self.other_painting()
        if why is not None or own is None or self.path.name in names or names & own:
            return f"has pictures of another painting{why or ''}"
        return ""

    def has_any(self) -> bool:
        """Whether a painting has noted anything in the folder."""
        return any(self._all())

    def other_painting(self) -> str | None:
        """Why pictures in the folder may be of another painting, in brackets or ""; None where none are."""
        found = [_read(path) for path in self._all()]
        other = next((one for one in found if one is None or one["asked"] != self._asked), {})
        return None if other == {} else "" if other is None else _why(other["asked"], self._asked)

    def forget_parts(self, numbers: Collection[int] | None = None) -> None:
        """What is noted of the parts that begin with one of these frames, or of all."""
        for path in self._folder.iterdir():
            found = _NOTED.fullmatch(path.name)
            if found and (numbers is None or int(found[1]) in numbers):
                delete(path)

    def save(self) -> None:
        """Raises DiskFull, StorageError."""
        found = {"version": 1, "asked": self._asked, "keys": self._keys, "sequences": self.sequences}
        write_json(self.path, found)

    def _all(self) -> list[Path]:
        return list(self._folder.glob(NAME.format("*")))

    def take_keys(self, keys: dict[int, str]) -> None:
        """Others from now on."""
        self._keys = keys
        self.save()

    def note_sequence(self, identity: str) -> None:
        """One that is being painted, if it has an id yet: a next run deletes what this one could not."""
        with self._changing:
            if identity and identity not in self.sequences:
                self.sequences.append(identity)
                self.save()

    def forget_sequence(self, identity: str) -> None:
        """The daemon has forgotten it."""
        with self._changing:
            if identity in self.sequences:
                self.sequences.remove(identity)
                self.save()


def _why(before: dict[str, Any], now: dict[str, Any]) -> str:
    """In brackets; "" where there are no words for it."""
    words = [text for key, text in DIFFERENT.items() if before.get(key) != now.get(key)]
    return f" ({words[0]})" if words else ""


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text("utf-8"))
        return found if {"asked", "sequences"} <= found.keys() else None
    except (OSError, ValueError, AttributeError):
        return None
