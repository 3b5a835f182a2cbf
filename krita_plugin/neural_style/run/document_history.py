"""The jobs of the document in front: remembered as they begin and end, and shown."""

import os
import time
from typing import Any, Mapping, Sequence

from ..document import open_documents
from ..neural_style_client.discovery import home_folder
from ..neural_style_client.job_history import Entry, History, from_text, to_text
from .job_run import JobRun

NOTE, NOTE_SAYS = "neural-style", "How the results of Neural Style were made"


class DocumentHistory:
    """`show(entries)` is called whenever there is something else to see. Frames of a range are left out: they would
    push everything else out. What has a result is also noted in the document, and saved with it."""

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
            canvas=open_documents.size_of(run.document),
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
        if layer and open_documents.is_open(run.document):
            self._note(run.document)
        self.refresh()

    def settle(self, jobs: Sequence[Mapping[str, Any]]) -> None:
        """What became of those that ran when Krita was killed; `jobs` are the daemon's."""
        self._history.settle({str(job["id"]): str(job["state"]) for job in jobs})
        self.refresh()

    def star(self, entry: Entry, wanted: bool) -> None:
        """One with a star stays, however many follow."""
        self._history.change(entry.job, starred=wanted)
        document = open_documents.current()
        if entry.has_result and document is not None:
            self._note(document)
        self.refresh()

    def _note(self, document: Any) -> None:
        kept = [entry for entry in self._history.of(open_documents.key(document)) if entry.has_result]
        open_documents.write_note(document, NOTE, NOTE_SAYS, to_text(kept))

    def refresh(self) -> None:
        document = open_documents.current()
        key = open_documents.key(document) if document is not None else ""
        if self._key.startswith("unsaved") and os.path.isabs(key):
            self._history.moved(open_documents.unsaved_key(document), key)  # it has just been saved
        if document is not None and key != self._key:
            self._history.learn(key, from_text(open_documents.read_note(document, NOTE)))
        self._key = key
        self._show(self._history.of(key) if key else [])
