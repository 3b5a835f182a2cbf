"""A small JSON file of the painter's own: settings or history. Written whole or not at all."""

import json
import os
from contextlib import suppress
from typing import Any, Dict, Optional

from .json_file import read_json


class SavedFile:
    """A JSON object at `path`; None keeps it in memory. What cannot be read is set aside, never overwritten."""

    def __init__(self, path: Optional[str]) -> None:
        self._path = path
        self._record: Dict[str, Any] = {}

    def read(self) -> Dict[str, Any]:
        """What was saved last, or {}."""
        if self._path is None:
            return dict(self._record)
        try:
            found = read_json(self._path)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict):
            self.set_aside()
            return {}
        return found

    def write(self, record: Dict[str, Any]) -> None:
        """A record that cannot be written is no reason to stop painting."""
        self._record = dict(record)
        if self._path is None:
            return
        with suppress(OSError):
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(self._path + ".new", "w", encoding="utf-8") as file:
                json.dump(record, file, indent=1)
            os.replace(self._path + ".new", self._path)

    def set_aside(self) -> None:
        """Keep the file as FILE.unreadable: it may hold what a painter wants back."""
        if self._path is not None:
            with suppress(OSError):
                os.replace(self._path, self._path + ".unreadable")
