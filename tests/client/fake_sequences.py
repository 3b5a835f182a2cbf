"""The fake daemon's sequences: each frame is a job of its own, and deleted ones are gone."""

from __future__ import annotations

import json
from typing import Any

from tests.client.fake_jobs import OVER

SEQUENCE_ROUTES = (
    ("POST", r"/v1/sequences", "start_sequence"),
    ("POST", r"/v1/sequences/([^/]+)/frames", "add_frame"),
    ("DELETE", r"/v1/sequences/([^/]+)", "delete_sequence"),
    ("DELETE", r"/v1/jobs/([^/]+)", "delete_job"),
)


class SequenceAnswers:
    """For the fake daemon's handler, which has `daemon`, `data`, `json` and `answer`."""

    daemon: Any
    data: bytes

    def json(self, record: Any, status: int = 200) -> None:
        raise NotImplementedError

    def answer(self, body: bytes, kind: str, status: int = 200, **headers: object) -> None:
        raise NotImplementedError

    def start_sequence(self) -> None:
        body = json.loads(self.data)
        identity = f"sequence{len(self.daemon.sequences)}"
        self.daemon.sequences[identity] = {"body": body, "frames": [], "deleted": False}
        record = {
            "id": identity, "state": "queued", "detail": "", "preset": body["preset"], "width": None, "height": None,
            "frames": 0, "done": 0, "eta": 0.0, "jobs": [], "links": {"self": f"/v1/sequences/{identity}"},
        }  # fmt: skip
        self.json(record, 201)

    def add_frame(self, identity: str) -> None:
        sequence = self.daemon.sequences[identity]
        if sequence["deleted"]:
            raise KeyError(identity)
        if self.daemon.behaviour["full"] > 0:
            self.daemon.behaviour["full"] -= 1
            self.json({"code": "too_many", "detail": "Too many jobs wait.", "hint": "", "status": 429}, 429)
            return
        job = self.daemon.submit({**sequence["body"], **json.loads(self.data)})
        sequence["frames"].append(job.id)
        self.json(job.record(), 201)

    def delete_sequence(self, identity: str) -> None:
        sequence = self.daemon.sequences[identity]
        if sequence["deleted"]:
            raise KeyError(identity)
        sequence["deleted"] = True
        for job in sequence["frames"]:
            self._cancel(job)
        self.answer(b"", "application/json", 204)

    def delete_job(self, identity: str) -> None:
        self._cancel(identity)
        self.daemon.deleted.append(identity)
        self.answer(b"", "application/json", 204)

    def _cancel(self, identity: str) -> None:
        job = self.daemon.jobs[identity]
        if job.state not in OVER:
            job.become("cancelled")
