"""A daemon that paints nothing, for the tests of both plug-ins: it gives back the content with its colours inverted.

    with FakeDaemon(home) as fake: ...              # writes home/daemon.json
    fake.behave(frames=5, step_s=0.05)               # how the next jobs go
    fake.jobs["job0"].state                          # what became of a job

Events are numbered through a job's whole life, so that a reader goes on where it left off; a reader that goes away
cancels the job if it was asked to. `check_exchanges` holds all that was sent and answered against the daemon's own
OpenAPI document.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import jsonschema
import numpy as np
import pytest
from PIL import Image
from tests.client.fake_sequences import SEQUENCE_ROUTES, SequenceAnswers

from neural_style_server.api.openapi import document

PRESETS = {"ink-wash": (40, 60, 90), "night-swirl": (30, 50, 160), "mosaic": (180, 90, 40)}
CONTROLS = {
    "strength": 50, "brush_size": 100, "colour": 0, "detail": 50, "smoothness": 30, "boldness": 50, "less_white": 0,
}  # fmt: skip
OVER = ("done", "cancelled", "failed")
KINDS = {"RGBA8": "u1", "RGBA16": "u2", "RGBAF32": "f4"}
PAINTED_S = 1.0


def preset(name: str) -> dict[str, Any]:
    return {
        **dict.fromkeys(("author", "licence", "source"), ""),
        "name": name,
        "title": name.replace("-", " ").title(),
        "description": f"Made for tests: {name}.",
        "tags": ["test", name.split("-")[0]],
        "library": "built-in",
        "read_only": True,
        "favourite": name == "mosaic",
        "last_used": None,
        "images": [{"file": "style.jpg", "weight": 1.0}],
        "controls": dict(CONTROLS),
        "method": {"iterations": 40, "seed": 7},
        "thumbnail": f"/v1/presets/{name}/thumbnail",
    }


def forecast() -> dict[str, Any]:
    return {
        "seconds": 42, "bytes": 1.5e9, "disk_bytes": 0, "iterations": 40, "width": 64, "height": 64, "fits": True,
        "full_detail": True, "calibrated": True, "tile": None, "detail": "", "quick": None,
    }  # fmt: skip


@dataclass
class Job:
    id: str
    body: dict[str, Any]
    width: int
    height: int
    format: str
    pixels: bytes
    iterations: int
    state: str = "queued"
    iteration: int = 0
    finish: bool = False
    revision: int = 0
    resting: bool = False
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def say(self, name: str, data: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((name, data))
            self.changed.notify_all()

    def become(self, state: str) -> None:
        self.state = state
        live = {"resting": self.resting, "revision": self.revision} if self.body.get("live") else {}
        self.say("done" if state in OVER else "state", {"state": state, **live})

    def fail(self, problem: dict[str, Any]) -> None:
        self.state = "failed"
        self.say("error", problem)

    def record(self) -> dict[str, Any]:
        known = ("id", "state", "width", "height", "format", "iteration", "iterations", "revision", "resting")
        return {
            **{name: getattr(self, name) for name in known},
            **{name: {} for name in ("links", "request", "preset_source", "recipe", "versions")},
            **dict.fromkeys(("eta", "started", "finished", "tile", "loss", "error")),
            "client": self.body.get("client", "somebody"),
            "preset": self.body["preset"],
            "on_disconnect": self.body.get("on_disconnect", "continue"),
            "seed": self.body.get("seed", 7),
            "forecast": forecast(),
            "seconds": 1.0,
            "created": 1.0,
            "notes": [],
            "frames": [],
            "live": bool(self.body.get("live")),
        }


class Exchange(NamedTuple):
    """A request and its answer; `sent` and `answered` are JSON, or None where something else went over the wire."""

    method: str
    path: str
    status: int
    sent: Any
    answered: Any


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
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
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


def inverted(data: bytes, format: str) -> bytes:
    """Colours inverted, alpha and transparent pixels as they are."""
    pixels = np.frombuffer(data, KINDS[format]).reshape(-1, 4).copy()
    most = 1 if format == "RGBAF32" else np.iinfo(pixels.dtype).max
    visible = pixels[:, 3] > 0
    pixels[visible, :3] = most - pixels[visible, :3]
    return pixels.tobytes()


def placed(base: bytes, width: int, part: tuple[int, int, bytes], x: int, y: int) -> bytes:
    """A part laid onto an RGBA8 picture of that width."""
    whole, (part_width, part_height, data) = bytearray(base), part
    for row in range(part_height):
        start, length = 4 * ((y + row) * width + x), 4 * part_width
        whole[start : start + length] = data[row * length : (row + 1) * length]
    return bytes(whole)


def masked(painted: bytes, content: bytes, mask: bytes, format: str) -> bytes:
    weight = np.frombuffer(mask, "u1").reshape(-1, 4)[:, :1] / np.float64(255)
    new, old = (np.frombuffer(data, KINDS[format]).reshape(-1, 4) for data in (painted, content))
    mixed = new * weight + old * (1 - weight)
    return (mixed if format == "RGBAF32" else np.round(mixed)).astype(KINDS[format]).tobytes()


def thumbnail(name: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (96, 96), PRESETS.get(name, (90, 90, 90))).save(file, "PNG")
    return file.getvalue()


@functools.cache
def _document() -> dict[str, Any]:
    return document()


@functools.cache
def _validator(*place: str) -> jsonschema.Draft202012Validator:
    pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)
    return jsonschema.Draft202012Validator({**_document(), "$ref": f"#/{pointer}"})


def check_exchanges(exchanges: list[Exchange]) -> None:
    """Fails where the fake, or the plug-in that spoke with it, does not keep to the daemon's OpenAPI document."""
    for one in exchanges:
        path = _template(one.path)
        operation = _document()["paths"][path][one.method.lower()]
        assert str(one.status) in operation["responses"], (one.method, path, one.status)
        if one.sent is not None:
            body = ("requestBody", "content", "application/json", "schema")
            _validator("paths", path, one.method.lower(), *body).validate(one.sent)
        if one.answered is not None:
            kind = "application/json" if one.status < 400 else "application/problem+json"
            answer = ("responses", str(one.status), "content", kind, "schema")
            _validator("paths", path, one.method.lower(), *answer).validate(one.answered)


def _template(path: str) -> str:
    """The document's path for a real one; a path without parameters goes before one with."""
    templates = sorted(_document()["paths"], key=lambda one: one.count("{"))
    return next(one for one in templates if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path))


ROUTES = (
    ("GET", r"/v1/health", "health"),
    ("GET", r"/v1/workers", "workers"),
    ("GET", r"/v1/presets", "presets"),
    ("POST", r"/v1/presets", "create_preset"),
    ("GET", r"/v1/presets/([^/]+)/(?:thumbnail|style)", "thumbnail"),
    ("PUT", r"/v1/presets/([^/]+)", "change_preset"),
    ("POST", r"/v1/images", "upload"),
    ("POST", r"/v1/forecast", "forecast"),
    ("POST", r"/v1/jobs", "submit"),
    ("GET", r"/v1/jobs", "all_jobs"),
    ("GET", r"/v1/jobs/([^/]+)", "job"),
    ("PATCH", r"/v1/jobs/([^/]+)", "change"),
    ("GET", r"/v1/jobs/([^/]+)/events", "events"),
    ("GET", r"/v1/jobs/([^/]+)/(?:result|frames/[^/]+)", "pixels"),
    ("POST", r"/v1/jobs/([^/]+)/(cancel|pause|resume|finish|extend)", "order"),
    *SEQUENCE_ROUTES,
)


def _handler(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
    class Handler(SequenceAnswers, BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _route(self) -> None:
            self.url = urlsplit(self.path)
            self.data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            for method, pattern, name in ROUTES:
                found = re.fullmatch(pattern, self.url.path)
                if found and method == self.command:
                    try:
                        getattr(self, name)(*found.groups())
                    except KeyError:
                        break
                    return
            self.json({"code": "not_found", "detail": "Nothing is here.", "hint": "", "status": 404}, 404)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _route

        def answer(self, body: bytes, kind: str, status: int = 200, **headers: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), str(value))
            self.end_headers()
            self.wfile.write(body)

        def json(self, record: Any, status: int = 200) -> None:
            is_json = self.data and self.headers.get("Content-Type") == "application/json"
            sent = json.loads(self.data) if is_json else None
            if daemon.api == 1:
                daemon.exchanges.append(Exchange(self.command, self.url.path, status, sent, record))
            self.answer(json.dumps(record).encode(), "application/json", status)

        def health(self) -> None:
            active = [job for job in list(daemon.jobs.values()) if job.state not in OVER]
            self.json({"status": "ok", "version": "0", "api": daemon.api, "device": daemon.behaviour["device"],
                       "network": "none",
                       "warm": daemon.behaviour["warm"], "jobs": {"queued": 0, "running": len(active)},
                       "detail": "", "worker": daemon.behaviour["worker"]})  # fmt: skip

        def workers(self) -> None:
            numbers = range(1, 1 + daemon.behaviour["workers"])
            self.json({"workers": [
                {"id": f"worker-{number}", "device": "paper", "host": "here", "state": "ready", "jobs": []}
                for number in numbers
            ]})  # fmt: skip

        def presets(self) -> None:
            self.json({"presets": list(daemon.presets.values()), "problems": []})

        def create_preset(self) -> None:
            made = json.loads(self.data)
            made["images"] = [{"file": f"{identity}.png", "weight": 1.0} for identity in made["images"]]
            daemon.presets[made["name"]] = {**preset(made["name"]), **made, "read_only": False}
            self.json(daemon.presets[made["name"]], 201)

        def thumbnail(self, name: str) -> None:
            self.answer(thumbnail(name), "image/png")

        def change_preset(self, name: str) -> None:
            daemon.presets[name].update(json.loads(self.data))
            self.json(daemon.presets[name])

        def upload(self) -> None:
            query = {name: values[0] for name, values in parse_qs(self.url.query).items()}
            identity = hashlib.sha256(self.url.query.encode() + self.data).hexdigest()
            width, height, data = int(query["width"]), int(query["height"]), self.data
            daemon.uploads.append((width, height))
            if "base" in query:
                part, (width, height, _, base) = (width, height, data), daemon.images[query["base"]]
                data = placed(base, width, part, int(query["x"]), int(query["y"]))
            daemon.images[identity] = (width, height, query["format"], data)
            self.json({"id": identity, "width": width, "height": height, "format": query["format"]}, 201)

        def forecast(self) -> None:
            self.json(forecast())

        def submit(self) -> None:
            self.json(daemon.submit(json.loads(self.data)).record(), 201)

        def change(self, identity: str) -> None:
            job, changes = daemon.jobs[identity], json.loads(self.data)
            if changes.get("preset", "mosaic") not in daemon.presets:
                problem = {"code": "not_found", "detail": "There is no such preset", "hint": "Choose another."}
                self.json({**problem, "status": 404}, 404)
                return
            daemon.change(job, changes)
            self.json(job.record())

        def all_jobs(self) -> None:
            self.json({"jobs": [job.record() for job in daemon.jobs.values()]})

        def job(self, identity: str) -> None:
            self.json(daemon.jobs[identity].record())

        def pixels(self, identity: str) -> None:
            job = daemon.jobs[identity]
            number = self.path.rsplit("/", 1)[-1]
            iteration = int(number) if number.isdigit() else job.iteration
            self.answer(job.pixels, "application/octet-stream", X_Image_Width=job.width,
                        X_Image_Height=job.height, X_Image_Format=job.format, X_Iteration=iteration)  # fmt: skip

        def order(self, identity: str, verb: str) -> None:
            """`finish` is answered at once; the job ends after its iteration, as the daemon's do."""
            job = daemon.jobs[identity]
            if verb == "extend":
                daemon.extend(job, json.loads(self.data)["iterations"])
            elif verb == "finish":
                job.finish = True
            elif job.state not in OVER:
                job.become({"cancel": "cancelled", "pause": "paused", "resume": "running"}[verb])
            self.json(job.record())

        def events(self, identity: str) -> None:
            job = daemon.jobs[identity]
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            try:
                self._stream(job, int(self.headers.get("Last-Event-ID") or 0))
            except OSError:
                if job.body.get("on_disconnect") == "cancel" and job.state not in OVER:
                    job.become("cancelled")

        def _stream(self, job: Job, last: int) -> None:
            while True:
                with job.changed:
                    job.changed.wait_for(lambda last=last: len(job.events) > last, 0.2)
                    fresh = job.events[last:]
                for name, data in fresh:
                    last += 1
                    self.wfile.write(f"id: {last}\nevent: {name}\ndata: {json.dumps(data)}\n\n".encode())
                self.wfile.write(b": here\n\n")
                self.wfile.flush()
                if fresh and job.state in OVER and last == len(job.events):
                    return

    Handler.daemon = daemon
    return Handler


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
