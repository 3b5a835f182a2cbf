"""The fake daemon's answers over HTTP, as many of the real one's as the plug-ins ask for."""

from __future__ import annotations

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.client.exchanges import Exchange
from tests.client.fake_jobs import OVER, Job, forecast, placed, preset, thumbnail
from tests.client.fake_sequences import SEQUENCE_ROUTES, SequenceAnswers

if TYPE_CHECKING:
    from tests.client.fake_daemon import FakeDaemon

ROUTES = (
    ("GET", r"/v1/health", "health"),
    ("GET", r"/v1/workers", "workers"),
    ("GET", r"/v1/presets", "presets"),
    ("POST", r"/v1/presets", "create_preset"),
    ("GET", r"/v1/presets/([^/]+)/(?:thumbnail|style)", "thumbnail"),
    ("GET", r"/v1/presets/([^/]+)", "preset"),
    ("PUT", r"/v1/presets/([^/]+)", "change_preset"),
    ("POST", r"/v1/images", "upload"),
    ("GET", r"/v1/images/([^/]+)", "image"),
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


def answers_of(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
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

        def preset(self, name: str) -> None:
            self.json(daemon.presets[name])

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

        def image(self, identity: str) -> None:
            width, height, format, data = daemon.images[identity]
            self.answer(data, "application/octet-stream", X_Image_Width=width, X_Image_Height=height,
                        X_Image_Format=format)  # fmt: skip

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
