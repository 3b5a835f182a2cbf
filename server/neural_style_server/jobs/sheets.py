"""Contact sheets: one small draft for each preset, and the page that they make together.

A sheet is the jobs of one client, `sheet-ID`. It has no record of its own: it survives a restart as its jobs do, shares
the workers as one client, and is gone when its jobs are.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from ..engine.method import Method
from ..errors import Conflict, InvalidRequest, NotFound
from ..pixels import Picture, reduced
from ..presets.contact_sheet import contact_sheet
from ..presets.entries import Entry
from ..presets.library import Library
from .controller import JobController
from .group import group_state, seconds_left
from .image_store import ImageStore
from .picture_files import read_picture
from .record import ENDED
from .spec import MOST_PRESETS, SMALLEST_DRAFT, FrameSpec, JobSpec, SheetSpec

DRAFT_SHARE = 0.7
"""The share of a draft's iterations that a sheet takes, with longer steps: enough to choose by."""

SLOW_FACTOR = 3
"""A preset that takes so many times the usual iterations is left out of a sheet unless it is named."""

Record = dict[str, Any]


class Sheets:
    """Starts sheets, reports their progress, and draws them."""

    def __init__(self, controller: JobController, library: Library, images: ImageStore) -> None:
        self._controller, self._library, self._images = controller, library, images

    def start(self, spec: SheetSpec) -> Record:
        """Queues a job for each preset, all or none; answers `view` and, in `left_out`, the presets that are slow.

        Raises NotFound for an unknown preset or content, and what submitting raises.
        """
        chosen, left_out = self._choose(spec)
        content = self._images.put(_eight_bits(reduced(self._images.get(spec.content), spec.size)))["id"]
        identity = secrets.token_hex(8)
        try:
            for entry in chosen:
                self._controller.submit(_job(content, entry, spec.quality, identity))
        except BaseException:
            with contextlib.suppress(NotFound):
                self.delete(identity)
            raise
        return {**self.view(identity), "left_out": left_out}

    def view(self, identity: str) -> Record:
        """What `GET /v1/sheets/ID` answers. `eta` is in seconds."""
        jobs = self._jobs(identity)
        base = f"/v1/sheets/{identity}"
        return {
            "id": identity,
            "state": group_state([job["state"] for job in jobs]),
            "done": sum(job["state"] in ENDED for job in jobs),
            "total": len(jobs),
            "iteration": sum(job["iterations"] if job["state"] in ENDED else job["iteration"] for job in jobs),
            "iterations": sum(job["iterations"] for job in jobs),
            "eta": round(sum(seconds_left(job) for job in jobs), 1),
            "pictures": [
                {"preset": job["preset"], "title": self._title(job), "job": job["id"], "state": job["state"]}
                for job in jobs
            ],
            "links": {"self": base, "picture": f"{base}/picture", "cancel": f"{base}/cancel"},
        }

    def picture(self, identity: str, columns: int = 4) -> Image.Image:
        """The page, RGB: the content, if it is still there, then each preset that could be painted. Conflict until all
        have ended."""
        jobs = self._jobs(identity)
        state = group_state([job["state"] for job in jobs])
        if state not in ENDED:
            raise Conflict(f"The sheet is {state}.", code="no_result", hint="Wait until its state is 'done'.")
        found = [(self._title(job), read_picture(self._controller.folder(job["id"]) / "result")) for job in jobs]
        items = [(title, _image(result[0])) for title, result in found if result is not None]
        if not items:
            raise Conflict("None of the sheet's pictures was painted.", code="no_result", hint="Ask for a new sheet.")
        content = None
        with contextlib.suppress(NotFound):
            content = _image(self._images.get(jobs[0]["request"]["content"]))
        return contact_sheet(items, columns, content=content, tile=max(SMALLEST_DRAFT, *items[0][1].size))

    def cancel(self, identity: str) -> Record:
        """Cancel what is unfinished; the rest can still be drawn."""
        self._each_unfinished(identity, partial(self._controller.cancel, wait=False))
        return self.view(identity)

    def resume(self, identity: str) -> Record:
        """Continue a sheet that the end of the daemon has paused."""
        self._each_unfinished(identity, self._controller.resume)
        return self.view(identity)

    def delete(self, identity: str) -> None:
        """Delete all its jobs, unfinished ones too."""
        for job in reversed(self._jobs(identity)):
            with contextlib.suppress(NotFound):
                self._controller.delete(job["id"], wait=False)

    def _each_unfinished(self, identity: str, action: Callable[[str], Record]) -> None:
        """From the last to the first, so that no job starts only to be cancelled."""
        for job in reversed(self._jobs(identity)):
            with contextlib.suppress(Conflict, NotFound):
                action(job["id"])

    def _jobs(self, identity: str) -> list[Record]:
        """In the order of the page."""
        jobs = [job for job in reversed(self._controller.jobs()) if job["client"] == _client(identity)]
        if not jobs or not re.fullmatch("[0-9a-f]{16}", identity):
            raise NotFound(f"There is no sheet {identity[:40]!r}.")
        return jobs

    def _choose(self, spec: SheetSpec) -> tuple[list[Entry], list[Record]]:
        if spec.presets is not None:
            return [self._library.get(name) for name in spec.presets], []
        entries = self._library.list()
        chosen = [entry for entry in entries if not _is_slow(entry)] or entries
        if len(chosen) > MOST_PRESETS:
            raise InvalidRequest(
                f"There are {len(chosen)} presets, and a sheet shows {MOST_PRESETS} at most.",
                hint="Name those that it should show.",
            )
        left_out = [entry for entry in entries if entry not in chosen]
        return list(chosen), [{"preset": entry.name, "title": entry.preset.title} for entry in left_out]

    def _title(self, job: Record) -> str:
        """The preset's title, or its name if it is gone."""
        with contextlib.suppress(NotFound):
            return self._library.get(job["preset"]).preset.title
        return str(job["preset"])


def _client(identity: str) -> str:
    return f"sheet-{identity}"


def _job(content: str, entry: Entry, quality: str, identity: str) -> JobSpec:
    """Without frames: nobody looks at them."""
    method: Record = {"quality": quality}
    if quality == "draft":
        own = entry.preset.method
        method["iterations"] = max(1, round(own.iterations * DRAFT_SHARE))
        method["learning_rate"] = min(255.0, own.learning_rate / DRAFT_SHARE)
    frames = FrameSpec(every=1_000_000)
    return JobSpec(content=content, preset=entry.name, method=method, client=_client(identity), frames=frames)


def _is_slow(entry: Entry) -> bool:
    return entry.preset.method.iterations > SLOW_FACTOR * Method().iterations


def _eight_bits(picture: Picture) -> Picture:
    return picture if picture.format == "RGBA8" else Picture(np.asarray(_image(picture)), "RGBA8")


def _image(picture: Picture) -> Image.Image:
    values = np.dstack([picture.rgb().clip(0, 255), 255 * picture.alpha()])
    return Image.fromarray(np.rint(values).astype(np.uint8), "RGBA")
