"""The jobs of the document in front: remembered as they begin and end, and shown."""

import os
import time
from typing import Any

from ..document import open_documents
from ..neural_style_client.discovery import home_folder
from ..neural_style_client.job_history import Entry, History
from .job_run import JobRun


class DocumentHistory:
    """`show(entries)` is called whenever there is something else to see. Frames of a range are left out: they would
    push everything else out."""

    def __init__(self, show: Any) -> None:
        self._show = show
        self._history = History(os.path.join(home_folder(), "krita-history.json"))
        self._key = ""

    def begun(self, run: JobRun) -> None:
        if run.frame is not None:
            return
        entry = Entry(
            job=str(run.record["id"]),
            title=run.title,
            parameters=run.chosen.as_mapping(),
            area=list(run.area),
            seed=int(run.record.get("seed") or 0),
            at=time.time(),
        )
        self._history.add(run.key, entry)
        self.refresh()

    def ended(self, run: JobRun, state: str) -> None:
        if not run.record or run.frame is not None:
            return
        layer = run.result.layer_id if run.result is not None and state in ("done", "kept") else ""
        changes = {"iteration": run.iteration, "layer": layer, "last_event": run.session.last_event}
        self._history.change(str(run.record["id"]), state=state, **changes)
        self.refresh()

    def refresh(self) -> None:
        document = open_documents.current()
        key = open_documents.key(document) if document is not None else ""
        if self._key.startswith("unsaved") and os.path.isabs(key):
            self._history.moved(open_documents.unsaved_key(document), key)  # it has just been saved
        self._key = key
        self._show(self._history.of(key) if key else [])
