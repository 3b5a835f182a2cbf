"""A daemon that paints nothing: it speaks the HTTP API and turns the content's colours round.

with FakeDaemon(home) as fake: ...        # writes home/daemon.json
fake.behave(frames=5, step_s=0.05)        # how the next jobs go
fake.jobs                                  # what was asked for: [{"id", "state", "spec"}]
"""

from __future__ import annotations

import hashlib
import json
import struct
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

BYTES = {"RGBA8": 4, "RGBA16": 8, "RGBAF32": 16}
COLOURS = {"ink-wash": (40, 60, 90), "night-swirl": (30, 50, 160), "mosaic": (180, 90, 40)}


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    rows = (b"\0" + bytes(colour) * width) * height

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def preset(name: str) -> dict[str, Any]:
    controls = {
        "strength": 60, "brush_size": 100, "colour": 0, "detail": 50, "smoothness": 30, "boldness": 50,
        "less_white": 0,
    }  # fmt: skip
    return {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "description": f"Made for tests: {name}.",
        "tags": ["test", name.split("-")[0]],
        "library": "built-in",
        "read_only": True,
        "favourite": name == "mosaic",
        "last_used": None,
        "controls": controls,
        "method": {"iterations": 40, "seed": 7},
        "thumbnail": f"/v1/presets/{name}/thumbnail",
    }


def turned_round(data: bytes, format: str) -> bytes:
    """Colours inverted, alpha and transparent pixels as they are."""
    if format == "RGBA8" and len(data) > 1 << 20 and 0 not in data[3::4]:
        turned = bytearray(data.translate(bytes(range(255, -1, -1))))
        turned[3::4] = data[3::4]
        return bytes(turned)
    kind = {"RGBA8": "B", "RGBA16": "H", "RGBAF32": "f"}[format]
    most = {"B": 255, "H": 65535, "f": 1.0}[kind]
    painted = memoryview(bytearray(data)).cast(kind)
    for at in range(0, len(painted), 4):
        if painted[at + 3]:
            for channel in range(3):
                painted[at + channel] = most - painted[at + channel]
    return painted.tobytes()


def masked(painted: bytes, content: bytes, mask: bytes | None, size: int) -> bytes:
    if mask is None:
        return painted
    pieces = (
        painted[at * size : (at + 1) * size] if mask[at * 4] else content[at * size : (at + 1) * size]
        for at in range(len(mask) // 4)
    )
    return b"".join(pieces)


class FakeDaemon:
    def __init__(self, home: Path, api: int = 1) -> None:
        self.home = home
        self.api = api
        self.images: dict[str, tuple[int, int, str, bytes]] = {}
        self.presets = {name: preset(name) for name in COLOURS}
        self.jobs: list[dict[str, Any]] = []
        self.behaviour: dict[str, Any] = {"frames": 3, "step_s": 0.0, "fail": None, "queued": False, "warm": True}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), name="fake-daemon")

    def behave(self, **behaviour: Any) -> None:
        self.behaviour.update(behaviour)

    def __enter__(self) -> FakeDaemon:
        self.thread.start()
        self.home.mkdir(parents=True, exist_ok=True)
        url = f"http://127.0.0.1:{self.server.server_port}"
        found = {"url": url, "token": "secret", "pid": 0, "version": "0", "api": self.api}
        (self.home / "daemon.json").write_text(json.dumps(found))
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        (self.home / "daemon.json").unlink(missing_ok=True)

    def submit(self, spec: dict[str, Any]) -> dict[str, Any]:
        width, height, format, content = self.images[spec["content"]]
        mask = self.images[spec["mask"]][3] if "mask" in spec else None
        result = masked(turned_round(content, format), content, mask, BYTES[format])
        job = {"id": f"job{len(self.jobs)}", "state": "running", "spec": spec, "seed": spec.get("seed", 7)}
        job.update(width=width, height=height, format=format, pixels=result, content=content, frame=0)
        self.jobs.append(job)
        return job

    def events(self, job: dict[str, Any]) -> Any:
        frames, behaviour = self.behaviour["frames"], self.behaviour
        if behaviour["queued"]:
            yield "state", {"state": "queued"}
        yield "state", {"state": "running"}
        for number in range(1, frames + 1):
            time.sleep(behaviour["step_s"])
            if job["state"] != "running":
                break
            if behaviour["fail"] and number == 2:
                yield "error", behaviour["fail"]
                return
            at = {
                "iteration": number * 10,
                "iterations": frames * 10,
                "width": job["width"],
                "height": job["height"],
            }
            loss = {"total": 1e6 / number**2, "content": 1, "style": 1, "tv": 1}
            yield "progress", dict(at, scale=0, loss=loss, seconds=1.0, eta=float(frames - number))
            job["frame"] = number
            yield "frame", dict(at, number=number)
        if job["state"] == "running":
            job["state"] = "done"
        yield "done", {"state": job["state"]}


def _handler(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def json(self, record: Any, status: int = 200) -> None:
            self.answer(json.dumps(record).encode(), "application/json", status)

        def body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def do_GET(self) -> None:
            parts = urlsplit(self.path).path.strip("/").split("/")[1:]
            if parts == ["health"]:
                self.json({"status": "ok", "version": "0", "api": daemon.api, "device": "paper", "network": "none",
                           "warm": daemon.behaviour["warm"], "jobs": {"queued": 0, "running": 0},
                           "worker": "ready"})  # fmt: skip
            elif parts == ["presets"]:
                self.json({"presets": list(daemon.presets.values())})
            elif parts[0] == "presets" and parts[-1] == "thumbnail":
                self.answer(png(64, 64, COLOURS.get(parts[1], (90, 90, 90))), "image/png")
            elif parts[0] == "jobs" and parts[-1] == "events":
                self.stream(daemon.jobs[int(parts[1][3:])])
            elif parts[0] == "jobs" and len(parts) > 2:
                self.pixels(daemon.jobs[int(parts[1][3:])], parts[-1])
            elif parts == ["jobs"]:
                self.json({"jobs": [{"id": job["id"], "state": job["state"]} for job in daemon.jobs]})
            else:
                self.json({"code": "not_found", "detail": "Nothing is here.", "hint": ""}, 404)

        def pixels(self, job: dict[str, Any], which: str) -> None:
            number = int(which) if which.isdigit() else job["frame"]
            self.answer(job["pixels"], "application/octet-stream", X_Image_Width=str(job["width"]),
                        X_Image_Height=str(job["height"]), X_Image_Format=job["format"],
                        X_Iteration=str(number * 10))  # fmt: skip

        def stream(self, job: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            for number, (name, record) in enumerate(daemon.events(job), 1):
                try:
                    self.wfile.write(f"id: {number}\nevent: {name}\ndata: {json.dumps(record)}\n\n".encode())
                    self.wfile.flush()
                except OSError:
                    job["state"] = "cancelled"
                    break
            self.close_connection = True

        def do_POST(self) -> None:
            url, body = urlsplit(self.path), self.body()
            parts = url.path.strip("/").split("/")[1:]
            if parts == ["images"]:
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                identity = hashlib.sha256(body).hexdigest()
                daemon.images[identity] = (int(query["width"]), int(query["height"]), query["format"], body)
                self.json(dict(query, id=identity))
            elif parts == ["forecast"]:
                self.json({"seconds": 42, "bytes": 1.5e9, "iterations": 40, "fits": True, "detail": ""})
            elif parts == ["presets"]:
                made = json.loads(body)
                daemon.presets[made["name"]] = dict(preset(made["name"]), **made)
                self.json(daemon.presets[made["name"]], 201)
            elif parts == ["jobs"]:
                job = daemon.submit(json.loads(body))
                self.json({"id": job["id"], "state": "queued", "seed": job["seed"], "links": {}}, 201)
            else:
                job = daemon.jobs[int(parts[1][3:])]
                job["state"] = {"cancel": "cancelled", "finish": "done"}[parts[2]]
                self.json({"id": job["id"], "state": job["state"]})

    return Handler
