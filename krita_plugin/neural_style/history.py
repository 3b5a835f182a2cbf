"""The jobs of each document, newest first, kept in a small file beside the daemon's own.

A saved document is known by its file's path; an unsaved one only as long as Krita runs.
"""

import json
import os
import time
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Dict, List, Optional

from .words import tr

KEPT_JOBS = 12
KEPT_DOCUMENTS = 60
STATES = {
    "running": "running",
    "done": "done",
    "cancelled": "cancelled",
    "failed": "failed",
    "kept": "stopped, result kept",
}


@dataclass(frozen=True)
class Entry:
    """One job as it is remembered: enough to repeat it, extend it and bring its result back."""

    job: str
    title: str
    parameters: Dict[str, Any] = field(default_factory=dict)
    area: List[int] = field(default_factory=list)
    seed: int = 0
    state: str = "running"
    iteration: int = 0
    layer: str = ""
    last_event: int = 0
    masked: bool = False
    at: float = 0.0

    def words(self) -> str:
        """One line for the list."""
        when = time.strftime("%H:%M", time.localtime(self.at)) if self.at else ""
        so_far = "" if self.state == "running" else tr("{} iterations", self.iteration)
        parts = [self.title, so_far, tr("seed {}", self.seed), when]
        state = "" if self.state == "done" else tr(STATES.get(self.state, self.state))
        return " · ".join(filter(None, [*parts, state]))

    @property
    def has_result(self) -> bool:
        return self.state in ("done", "kept") and len(self.area) == 4


class History:
    """Entries by document; `path` None keeps them in memory only."""

    def __init__(self, path: Optional[str] = None) -> None:
        self._path = path
        self._by_document = _read(path)

    def of(self, document: str) -> List[Entry]:
        return list(self._by_document.get(document, []))

    def add(self, document: str, entry: Entry) -> None:
        entries = [one for one in self.of(document) if one.job != entry.job]
        self._by_document.pop(document, None)  # the newest document is the last
        self._by_document[document] = [entry, *entries[: KEPT_JOBS - 1]]
        self._write()

    def change(self, job: str, **changes: Any) -> None:
        """Found by its id alone: the document may have got another name meanwhile."""
        for document, entries in self._by_document.items():
            if any(one.job == job for one in entries):
                self._by_document[document] = [replace(one, **changes) if one.job == job else one for one in entries]
                self._write()
                return

    def moved(self, before: str, after: str) -> None:
        """The document was saved under another name."""
        if before != after and before in self._by_document:
            older = self._by_document.pop(before)
            self._by_document[after] = (self.of(after) + older)[:KEPT_JOBS]
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        saved = {
            name: [asdict(entry) for entry in entries]
            for name, entries in list(self._by_document.items())[-KEPT_DOCUMENTS:]
            if os.path.isabs(name)
        }
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            with open(self._path + ".new", "w", encoding="utf-8") as file:
                json.dump(saved, file)
            os.replace(self._path + ".new", self._path)
        except OSError:
            pass  # a history that cannot be written is no reason to stop painting


def _read(path: Optional[str]) -> Dict[str, List[Entry]]:
    if path is None:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            saved = json.load(file)
        return {str(name): [_entry(one) for one in entries] for name, entries in saved.items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}


def _entry(saved: Dict[str, Any]) -> Entry:
    known = {one.name for one in fields(Entry)}
    return Entry(**{name: value for name, value in saved.items() if name in known})
