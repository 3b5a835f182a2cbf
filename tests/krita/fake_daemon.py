"""A daemon that paints nothing: it speaks the HTTP API and gives back the content with its colours inverted.

    with FakeDaemon(home, frames=5, step_s=0.05) as fake: ...     # writes home/daemon.json
    fake.jobs["job0"].state                                        # what became of a job

Events are numbered through a job's whole life, so that a reader goes on where it left off; a reader that
goes away cancels the job if it was asked to.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image

PRESETS = {"night-swirl": (30, 50, 160), "mosaic": (180, 90, 40), "ink-wash": (40, 60, 90)}
OVER = ("done", "cancelled", "failed")


def preset(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": name.replace("-", " ").title(),
        "description": f"Made for tests: {name}.",
        "tags": ["test", name.split("-")[0]],
        "library": "built-in",
        "read_only": True,
        "favourite": False,
        "last_used": None,
        "controls": {"strength": 60, "brush_size": 100, "colour": 0, "detail": 50},
        "method": {"iterations": 40},
        "images": [],
    }


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
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def say(self, name: str, data: dict[str, Any]) -> None:
        with self.changed:
            self.events.append((name, data))
            self.changed.notify_all()

    def become(self, state: str) -> None:
        self.state = state
        self.say("done" if state in OVER else "state", {"state": state})

    def record(self) -> dict[str, Any]:
        known = ("id", "state", "width", "height", "format", "iteration", "iterations")
        return {
            **{name: getattr(self, name) for name in known},
            "seed": self.body.get("seed", 7),
            "client": self.body.get("client", ""),
            "links": {},
        }


class FakeDaemon:
    def __init__(self, home: Path, frames: int = 3, step_s: float = 0.02, paints: bool = True) -> None:
        self.home, self.frames, self.step_s = home, frames, step_s
        self.paints = paints
        self.worker = "ready"
        self.images: dict[str, tuple[int, int, str, bytes]] = {}
        self.presets = {name: preset(name) for name in PRESETS}
        self.jobs: dict[str, Job] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), name="fake-daemon")

    def __enter__(self) -> FakeDaemon:
        self.thread.start()
        self.home.mkdir(parents=True, exist_ok=True)
        found = {"url": f"http://127.0.0.1:{self.server.server_port}", "token": "secret", "pid": 0, "api": 1}
        (self.home / "daemon.json").write_text(json.dumps(found))
        return self

    def __exit__(self, *_: object) -> None:
        (self.home / "daemon.json").unlink(missing_ok=True)
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def submit(self, body: dict[str, Any]) -> Job:
        width, height, format, content = self.images[body["content"]]
        painted = inverted(content, format) if self.paints else content
        if "mask" in body:
            painted = masked(painted, content, self.images[body["mask"]][3], format)
        iterations = body.get("method", {}).get("iterations", 10 * self.frames)
        job = Job(f"job{len(self.jobs)}", body, width, height, format, painted, iterations)
        self.jobs[job.id] = job
        self.run(job)
        return job

    def run(self, job: Job) -> None:
        threading.Thread(target=self._paint, args=(job,), daemon=True, name=job.id).start()

    def extend(self, job: Job, iterations: int) -> None:
        job.iterations += iterations
        job.state = "queued"
        self.run(job)

    def _paint(self, job: Job) -> None:
        job.become("running")
        wish = job.body.get("frames", {})
        kept = wish.get("at", [])
        step = max(1, job.iterations // self.frames)
        while job.iteration < job.iterations and job.state not in OVER:
            time.sleep(self.step_s)
            if job.state == "paused":
                continue
            job.iteration = min(job.iterations, job.iteration + (1 if kept else step))
            at = {"iteration": job.iteration, "iterations": job.iterations}
            loss = {"total": 1e6 / job.iteration, "content": 1e5, "style": 1e5, "tv": 10.0}
            job.say("progress", {**at, "loss": loss, "seconds": 1.0, "eta": 2.0})
            if not kept or job.iteration in kept or "seconds" in wish:
                job.say("frame", {**at, "number": job.iteration})
        if job.state not in OVER:
            job.become("done")


def inverted(data: bytes, format: str) -> bytes:
    """Colours inverted, alpha and transparent pixels as they are."""
    pixels = np.frombuffer(data, "u1" if format == "RGBA8" else "u2").reshape(-1, 4).copy()
    visible = pixels[:, 3] > 0
    pixels[visible, :3] = np.iinfo(pixels.dtype).max - pixels[visible, :3]
    return pixels.tobytes()


def masked(painted: bytes, content: bytes, mask: bytes, format: str) -> bytes:
    kind = "u1" if format == "RGBA8" else "u2"
    weight = np.frombuffer(mask, "u1").reshape(-1, 4)[:, :1] / 255
    new, old = (np.frombuffer(data, kind).reshape(-1, 4) for data in (painted, content))
    return np.round(new * weight + old * (1 - weight)).astype(kind).tobytes()


def thumbnail(name: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (96, 96), PRESETS.get(name, (90, 90, 90))).save(file, "PNG")
    return file.getvalue()


ROUTES = (
    ("GET", r"/v1/health", "health"),
    ("GET", r"/v1/presets", "presets"),
    ("GET", r"/v1/presets/([^/]+)/thumbnail", "thumbnail"),
    ("PUT", r"/v1/presets/([^/]+)", "change_preset"),
    ("POST", r"/v1/images", "upload"),
    ("POST", r"/v1/forecast", "forecast"),
    ("POST", r"/v1/jobs", "submit"),
    ("GET", r"/v1/jobs", "all_jobs"),
    ("GET", r"/v1/jobs/([^/]+)", "job"),
    ("GET", r"/v1/jobs/([^/]+)/events", "events"),
    ("GET", r"/v1/jobs/([^/]+)/(?:result|frames/[^/]+)", "pixels"),
    ("POST", r"/v1/jobs/([^/]+)/(cancel|pause|resume|finish|extend)", "order"),
)


def _handler(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _route(self) -> None:
            self.url = urlsplit(self.path)
            self.data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            for method, pattern, name in ROUTES:
                found = re.fullmatch(pattern, self.url.path)
                if found and method == self.command:
                    getattr(self, name)(*found.groups())
                    return
            self.json({"code": "not_found", "detail": "Nothing is here.", "hint": ""}, 404)

        do_GET = do_POST = do_PUT = _route

        def answer(self, body: bytes, kind: str, status: int = 200, **headers: object) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), str(value))
            self.end_headers()
            self.wfile.write(body)

        def json(self, record: Any, status: int = 200) -> None:
            self.answer(json.dumps(record).encode(), "application/json", status)

        def health(self) -> None:
            active = [job for job in daemon.jobs.values() if job.state not in OVER]
            self.json({"status": "ok", "api": 1, "device": "paper", "network": "none", "warm": True,
                       "jobs": {"queued": 0, "running": len(active)}, "worker": daemon.worker})  # fmt: skip

        def presets(self) -> None:
            self.json({"presets": list(daemon.presets.values())})

        def thumbnail(self, name: str) -> None:
            self.answer(thumbnail(name), "image/png")

        def change_preset(self, name: str) -> None:
            daemon.presets[name].update(json.loads(self.data))
            self.json(daemon.presets[name])

        def upload(self) -> None:
            query = {name: values[0] for name, values in parse_qs(self.url.query).items()}
            identity = hashlib.sha256(self.data).hexdigest() + self.url.query.replace("&", "-")
            size = int(query["width"]), int(query["height"])
            daemon.images[identity] = (*size, query["format"], self.data)
            self.json({**query, "id": identity})

        def forecast(self) -> None:
            self.json({"seconds": 42, "bytes": 1.5e9, "iterations": 40, "fits": True, "detail": ""})

        def submit(self) -> None:
            self.json(daemon.submit(json.loads(self.data)).record(), 201)

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
            job = daemon.jobs[identity]
            if verb == "extend":
                daemon.extend(job, json.loads(self.data)["iterations"])
            elif job.state not in OVER:
                states = {"cancel": "cancelled", "pause": "paused", "resume": "running", "finish": "done"}
                job.become(states[verb])
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

    return Handler
