"""What is remembered, as JSON: the last values in GIMP's profile; in a layer's parasite how it was made."""

import json
import os
from typing import NamedTuple, Tuple

from neural_style_client.errors import PainterError
from neural_style_client.job_history import is_job_id, newest_and_starred
from neural_style_client.parameters import Parameters, from_mapping, restored
from neural_style_client.saved_file import SavedFile

FILE_NAME = "neural-style.json"
PARASITE = "neural-style"
"""On every layer that was made here, and on its image for the last one."""
HISTORY = "neural-style-history"
"""On an image: how its latest results were made, those too that were deleted since."""
KEPT_RESULTS = 30
"""Of an image, beside those with a star."""
VERSION = 1
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError, PainterError)
"""An image may come from anybody."""


class EarlierResult(NamedTuple):
    """A result that can come back; one that is starred stays in the history, however many follow."""

    name: str
    parameters: Parameters
    earlier: "EarlierJob"
    starred: bool


class EarlierJob(NamedTuple):
    """The job that a layer came from, so that it can go on, or its result come back. `box`: (left, top, width, height)
    of what is painted, in the layer; `place` that of the layer in the image, of the width and height `canvas`."""

    job: str
    last_event: int
    iteration: int
    seed: int
    box: Tuple[int, ...]
    place: Tuple[int, ...] = ()
    canvas: Tuple[int, ...] = ()


def pack(parameters, earlier):
    """How a layer was made, with the seed that was used, so that the same picture can be had again."""
    record = {
        "version": VERSION,
        "parameters": parameters.changed(seed=earlier.seed).as_mapping(),
        **earlier._asdict(),
    }
    return json.dumps(record, sort_keys=True).encode("utf-8")


def unpack(data):
    """The parameters in a parasite, or None where it cannot be read."""
    try:
        return from_mapping(_read(data)["parameters"])
    except _UNREADABLE:
        return None


def earlier_job(data):
    """The job in a parasite, or None where it names none, as those of older versions."""
    try:
        return _earlier(_read(data))
    except _UNREADABLE:
        return None


def _earlier(found):
    numbers = [int(found[name]) for name in ("last_event", "iteration", "seed")]
    left, top, width, height = map(int, found["box"])
    place, canvas = (tuple(map(int, found.get(name) or ())) for name in ("place", "canvas"))
    job = str(found["job"])
    return EarlierJob(job, *numbers, (left, top, width, height), place, canvas) if is_job_id(job) else None


def history_with(data, name, record):
    """An image's history, `data` or None, with one more result before the others; `record` is of `pack`."""
    newest = dict(_read(record), name=name)
    older, same = [], []
    for one in _entries(data):
        (same if one.get("parameters") == newest["parameters"] else older).append(one)
    newest["starred"] = any(map(_is_starred, same))
    return _packed(newest_and_starred([newest, *older], _is_starred, KEPT_RESULTS))


def history_starred(data, job, wanted):
    """An image's history with a job's result starred, or not any more."""
    entries = _entries(data)
    for one in entries:
        if one.get("job") == job:
            one["starred"] = wanted
    return _packed(entries)


def is_full(data):
    """Whether the next result takes the place of the oldest one without a star."""
    return sum(not _is_starred(one) for one in _entries(data)) >= KEPT_RESULTS


def _is_starred(entry):
    return entry.get("starred") is True


def _packed(entries):
    return json.dumps(entries, sort_keys=True).encode("utf-8")


def history(data):
    """(name, parameters) of each result, the newest first."""
    found = []
    for one in _entries(data):
        try:
            found.append((str(one["name"]), from_mapping(one["parameters"])))
        except _UNREADABLE:
            continue
    return found


def returnable(data):
    """The EarlierResults whose place is known, the newest first."""
    found = []
    for one in _entries(data):
        try:
            name, parameters, earlier = str(one["name"]), from_mapping(one["parameters"]), _earlier(one)
        except _UNREADABLE:
            continue
        if earlier is not None and len(earlier.place) == 4:
            found.append(EarlierResult(name, parameters, earlier, _is_starred(one)))
    return found


def _entries(data):
    try:
        return [one for one in _read(data) if isinstance(one, dict)]
    except _UNREADABLE:
        return []


def _read(data):
    return json.loads(bytes(data).decode("utf-8").rstrip("\0"))


class LastValues:
    """The dialogue's last values, in GIMP's profile folder."""

    def __init__(self, folder):
        self._file = SavedFile(os.path.join(folder, FILE_NAME))

    def parameters(self):
        """Those of the last run, or None. Without what another image has not: the start layer's number, regions."""
        saved = self._file.read().get("parameters")
        return restored(saved, Parameters()).changed(start_tattoo=0, regions=()) if saved else None

    def remember(self, parameters):
        self._file.write(dict(self._file.read(), version=VERSION, parameters=parameters.as_mapping()))

    def expert_open(self):
        return bool(self._file.read().get("expert"))

    def remember_expert(self, is_open):
        self._file.write(dict(self._file.read(), expert=is_open))

    def preview_shown(self):
        """Until the painter has hidden it."""
        return bool(self._file.read().get("preview", True))

    def remember_preview(self, is_shown):
        self._file.write(dict(self._file.read(), preview=is_shown))
