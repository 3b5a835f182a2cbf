"""The jobs of each document, newest first, kept in a small file beside the daemon's own.

A saved document is known by its file's path; an unsaved one only as long as the editor runs.
"""

import json
import os
import re
import time
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, TypeVar

from .saved_file import SavedFile
from .translations import N_, ntr, tr

Kept = TypeVar("Kept")
KEPT_JOBS = 12
"""Of a document, beside those with a star."""
KEPT_DOCUMENTS = 60
OVER = ("done", "cancelled", "failed")
"""The daemon's words for it."""
LAST = 3e10
"""Seconds since 1970; some systems know the hour of no later ones."""
_STATES = {
    "kept": N_("stopped, result kept"),
    "running": N_("running"),
    "cancelled": N_("cancelled"),
    "failed": N_("failed"),
}


def is_job_id(text: str) -> bool:
    """Whether a text that came with a document can name a job: it becomes part of a request's path."""
    return re.fullmatch(r"[0-9A-Za-z_-]{1,64}", text) is not None


@dataclass(frozen=True)
class Entry:
    """One job as it is remembered: enough to repeat it, extend it and bring its result back. `area`: x, y, width and
    height of what is painted, on a canvas of that width and height."""

    job: str
    title: str
    parameters: Dict[str, Any] = field(default_factory=dict)
    area: List[int] = field(default_factory=list)
    canvas: List[int] = field(default_factory=list)
    seed: int = 0
    state: str = "running"
    iteration: int = 0
    layer: str = ""
    last_event: int = 0
    at: float = 0.0
    starred: bool = False

    def text(self) -> str:
        """One line for the list."""
        when = time.strftime("%H:%M", time.localtime(self.at)) if self.at else ""
        so_far = "" if self.state == "running" else ntr("{} iteration", "{} iterations", self.iteration)
        state = "" if self.state == "done" else tr(_STATES.get(self.state, self.state))
        return " · ".join(filter(None, [self.title, so_far, tr("seed {}", self.seed), when, state]))

    @property
    def has_result(self) -> bool:
        return self.state in ("done", "kept") and len(self.area) == 4


class History:
    """Entries by document; `path` None keeps them in memory only."""

    def __init__(self, path: Optional[str] = None) -> None:
        self._file = SavedFile(path)
        self._by_document: Dict[str, List[Entry]] = {}
        self._opened_at = time.time()
        self._read()

    def of(self, document: str) -> List[Entry]:
        return list(self._by_document.get(document, []))

    def add(self, document: str, entry: Entry) -> None:
        self._read()
        entries = [one for one in self.of(document) if one.job != entry.job]
        self._by_document.pop(document, None)  # the newest document is the last
        self._by_document[document] = _kept([entry, *entries])
        self._write()

    def learn(self, document: str, entries: List[Entry]) -> None:
        """Entries that came with the document itself, from another computer perhaps; known jobs stay as they are."""
        self._read()
        known = self.of(document)
        new = [one for one in entries if one.job not in {other.job for other in known}]
        if new:
            self._by_document[document] = _kept(sorted([*known, *new], key=lambda one: -one.at))
            self._write()

    def change(self, job: str, **changes: Any) -> None:
        """Found by its id alone: the document may have got another name meanwhile."""
        self._read()
        for document, entries in self._by_document.items():
            if any(one.job == job for one in entries):
                self._by_document[document] = [replace(one, **changes) if one.job == job else one for one in entries]
                self._write()
                return

    def settle(self, states: Mapping[str, str]) -> None:
        """What the daemon knows of its jobs: an editor that was killed could not note the end of its own. One that it
        does not know any more was cancelled."""
        for entries in list(self._by_document.values()):
            for one in entries:
                state = states.get(one.job, "cancelled")
                if one.state == "running" and state in OVER and one.at < self._opened_at:
                    self.change(one.job, state=state)

    def moved(self, before: str, after: str) -> None:
        """The document was saved under another name."""
        self._read()
        if before != after and before in self._by_document:
            older = self._by_document.pop(before)
            self._by_document[after] = _kept(self.of(after) + older)
            self._write()

    def _read(self) -> None:
        """Another editor that runs has a history of its own, and keeps it in the same file."""
        self._by_document.update(_entries(self._file))

    def _write(self) -> None:
        latest = list(self._by_document.items())[-KEPT_DOCUMENTS:]
        saved = {name: entries for name, entries in latest if os.path.isabs(name)}
        self._file.write({name: [asdict(entry) for entry in entries] for name, entries in saved.items()})


def leaving(entries: Sequence[Entry]) -> Optional[Entry]:
    """The one of a document's that its next job takes the place of, or None."""
    plain = [one for one in entries if not one.starred]
    return plain[KEPT_JOBS - 1] if len(plain) >= KEPT_JOBS else None


def _kept(entries: Sequence[Entry]) -> List[Entry]:
    return newest_and_starred(entries, lambda one: one.starred, KEPT_JOBS)


def newest_and_starred(entries: Iterable[Kept], is_starred: Callable[[Kept], bool], most: int) -> List[Kept]:
    """Of entries, the newest first: the first `most` without a star, and all with one."""
    kept, room = [], most
    for one in entries:
        starred = is_starred(one)
        if starred or room > 0:
            kept.append(one)
            room -= not starred
    return kept


def to_text(entries: List[Entry]) -> str:
    """For the document's own file."""
    return json.dumps([asdict(entry) for entry in entries])


def from_text(text: str) -> List[Entry]:
    """What `to_text` wrote, in this or another version. A document may come from anybody: what is odd is left out."""
    try:
        return [entry for entry in _entries_of(json.loads(text)) if _is_sound(entry)]
    except (ValueError, TypeError, RecursionError):
        return []


def _is_sound(entry: Entry) -> bool:
    """Whether everything is of its kind, and the job's id is one."""
    usual = asdict(Entry("job", "title", at=1.0))
    kinds = {name: (int, float) if isinstance(value, float) else type(value) for name, value in usual.items()}
    sound = all(isinstance(value, kinds[name]) for name, value in asdict(entry).items())
    at = 0 <= entry.at < LAST
    return sound and at and is_job_id(entry.job) and all(isinstance(side, int) for side in [*entry.area, *entry.canvas])


def _entries_of(saved: Any) -> List[Entry]:
    """Entries of another version lose what is not known here. Raises TypeError."""
    known = {one.name for one in fields(Entry)}
    return [Entry(**{key: one[key] for key in one if key in known}) for one in saved]


def _entries(file: SavedFile) -> Dict[str, List[Entry]]:
    found: Dict[str, List[Entry]] = {}
    for document, saved in file.read().items():
        try:
            found[document] = _entries_of(saved)
        except TypeError:
            file.set_aside()
    return found
