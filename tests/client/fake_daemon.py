"""A daemon that paints nothing, for the tests of both plug-ins: it gives back the content with its colours inverted.

    with FakeDaemon(home) as fake: ...              # writes home/daemon.json
    fake.behave(frames=5, step_s=0.05)               # how the next jobs go
    fake.jobs["job0"].state                          # what became of a job

Events are numbered through a job's whole life, so that a reader goes on where it left off; a reader that goes away
cancels the job if it was asked to. Its jobs are in `fake_jobs`, its answers in `fake_answers` and `fake_sequences`;
`exchanges` holds all that was said against the daemon's own OpenAPI document.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.client.exchanges import Exchange, check_exchanges
from tests.client.fake_answers import answers_of
from tests.client.fake_jobs import OVER, PRESETS, Job, inverted, masked, preset

PAINTED_S = 1.0


class FakeDaemon:
    def __init__(self, home: Path, api: int = 1, **behaviour: Any) -> None:
        self.home = home
        self.api = api
        self.behaviour: dict[str, Any] = {
            "frames": 3, "step_s": 0.0, "fail": None, "queued": False, "warm": True, "worker": "ready", "paints": True,
            "queued_s": 0.0,
            "full": 0, "device": "paper", "workers": 1,
            **behaviour,
        }  # fmt: skip
        self.images: dict[str, tuple[int, int, str, bytes]] = {}
        self.uploads: list[tuple[int, int]] = []
        self.presets = {name: preset(name) for name in PRESETS}
        self.jobs: dict[str, Job] = {}
        self.sequences: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []
        self.exchanges: list[Exchange] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), answers_of(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), name="fake-daemon")

    def behave(self, **behaviour: Any) -> None:
        self.behaviour.update(behaviour)

    def __enter__(self) -> FakeDaemon:
        self.thread.start()
        self.home.mkdir(parents=True, exist_ok=True)
        found = {"url": f"http://127.0.0.1:{self.server.server_port}", "token": "secret", "pid": 0, "api": self.api}
        (self.home / "daemon.json").write_text(json.dumps(found))
        return self

    def __exit__(self, *_: object) -> None:
        (self.home / "daemon.json").unlink(missing_ok=True)
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def submit(self, body: dict[str, Any]) -> Job:
        width, height, format, _ = self.images[body["content"]]
        iterations = body.get("method", {}).get("iterations", 10 * self.behaviour["frames"])
        job = Job(f"job{len(self.jobs)}", body, width, height, format, self._painted(body), iterations)
        self.jobs[job.id] = job
        self.run(job)
        return job

    def _painted(self, body: dict[str, Any]) -> bytes:
        _, _, format, content = self.images[body["content"]]
        if body.get("key"):
            return self.images[body["key"]][3]
        painted = inverted(content, format) if self.behaviour["paints"] else content
        if body.get("mask"):
            painted = masked(painted, content, self.images[body["mask"]][3], format)
        return painted

    def run(self, job: Job) -> None:
        paint = self._paint_live if job.body.get("live") else self._paint
        threading.Thread(target=paint, args=(job,), daemon=True, name=job.id).start()

    def change(self, job: Job, changes: dict[str, Any]) -> None:
        painted = self._painted({**job.body, **changes})
        with job.changed:
            job.body.update(changes)
            job.pixels, job.revision = painted, job.revision + 1
            job.changed.notify_all()

    def _paint_live(self, job: Job) -> None:
        """For each change so many frames, then a rest."""
        shown, number = -1, 0
        while job.state not in OVER:
            if job.finish:
                job.become("done")
                return
            if job.revision == shown:
                with job.changed:
                    job.changed.wait(0.02)
                continue
            revision, job.resting = job.revision, False
            if self.behaviour["queued"]:
                job.become("queued")
                time.sleep(self.behaviour["queued_s"])
            job.become("running")
            for _ in range(self.behaviour["frames"]):
                time.sleep(self.behaviour["step_s"])
                if job.state in OVER:
                    return
                number += 1
                job.say("frame", {"number": number, "iteration": number, "revision": revision})
            if self.behaviour["fail"] and revision:
                job.fail(self.behaviour["fail"])
                return
            shown, job.resting = revision, job.revision == revision
            if job.resting:
                job.become("running")

    def extend(self, job: Job, iterations: int) -> None:
        job.iterations += iterations
        job.state = "queued"
        self.run(job)

    def _paint(self, job: Job) -> None:
        behaviour = self.behaviour
        if behaviour["queued"]:
            job.become("queued")
        job.become("running")
        wish = job.body.get("frames", {})
        kept = wish.get("at", [])
        step = 1 if kept else max(1, job.iterations // behaviour["frames"])
        number = 0
        while job.iteration < job.iterations and job.state not in OVER and not job.finish:
            time.sleep(behaviour["step_s"])
            if job.state == "paused":
                continue
            number += 1
            if job.state not in OVER and behaviour["fail"] and number == 2:
                job.fail(behaviour["fail"])
                return
            job.iteration = min(job.iterations, job.iteration + step)
            at = {"iteration": job.iteration, "iterations": job.iterations, "width": job.width, "height": job.height}
            loss = {"total": 1e6 / job.iteration, "content": 1e5, "style": 1e5, "tv": 10.0}
            if job.state not in OVER:
                left = float(job.iterations - job.iteration)
                job.say("progress", {**at, "scale": 0, "loss": loss, "seconds": PAINTED_S, "eta": left})
                if not kept or job.iteration in kept or "seconds" in wish:
                    job.say("frame", {**at, "number": job.iteration, "kept": job.iteration in kept})
        if job.state not in OVER:
            job.become("done")


@pytest.fixture
def fake_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDaemon]:
    """The daemon of NEURAL_STYLE_HOME; in the end everything that was said must be as the document says."""
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "home"))
    with FakeDaemon(tmp_path / "home") as fake:
        yield fake
        for thread in threading.enumerate():  # none may look for a daemon when this one is gone
            if thread.name.startswith("neural-style"):
                thread.join(10)
    check_exchanges(fake.exchanges)
