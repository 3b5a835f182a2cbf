"""How long `/v1/health` takes while three times as many requests as the server has threads wait, for each route.

    python benchmarks/starvation.py
    python benchmarks/starvation.py --seconds 3 --route finish --json

The server is the daemon's own, in a process of its own, with jobs whose worker never answers; so pause and finish wait
as long as they ever do. The health check is asked by a third process, every 20 ms. All share this machine, so the times
contain what the clients themselves need.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "server"), str(ROOT / "benchmarks")]

from soak_daemon import HealthProbe, wait_until  # noqa: E402

from neural_style_server.api.server import REQUEST_THREADS, SWITCH_S, open_server  # noqa: E402
from neural_style_server.settings import Settings  # noqa: E402
from neural_style_server.tokens import Tokens  # noqa: E402

PROMISED_MS = 100.0
CROWD = 3 * (REQUEST_THREADS + Settings().max_event_streams)
PAUSED = 30
PAUSE_S = 0.25
"""Requests that are answered at once would otherwise only show how many the machine can take."""

SIDE = 512
Ask = tuple[str, str, Any]
"""Method, path, and a JSON body, bytes or None."""


def serve(home: Path) -> None:
    """The daemon's server over jobs with a worker that never answers, until standard input ends."""
    from tests.jobs.fakes import Shop

    from neural_style_server.api.app import create_app
    from neural_style_server.api.security import Keys, check_caller, host_names
    from neural_style_server.api.services import Services
    from neural_style_server.presets.library import Library, standard_sources

    logging.getLogger("waitress").setLevel("ERROR")
    sys.setswitchinterval(SWITCH_S)
    settings, token = Settings(), secrets.token_urlsafe(16)
    home.mkdir(exist_ok=True)
    shop = Shop(home, Library(standard_sources(home), home=home))
    worker = shop.warm()
    jobs = [shop.submit(preset="ink-wash") for _ in range(PAUSED + 2)]
    for job in jobs[:PAUSED]:
        shop.controller.pause(job)
    worker.frame(jobs[-2], 1, 1)
    worker.done(jobs[-2])
    worker.obedient = False
    listener = socket.create_server(("127.0.0.1", 0))
    keys = Keys(token, host_names("127.0.0.1", listener.getsockname()[1]), Tokens(home))
    app = create_app(
        Services(settings, home, shop.all.workspaces, shop.all.status, shop.all.counters, keys, lambda: None)
    )
    server = open_server(app, listener, settings, lambda caller: check_caller(caller, keys))
    found = {"url": f"http://127.0.0.1:{listener.getsockname()[1]}", "token": token, "content": shop.content}
    found |= {"paused": jobs[:PAUSED], "done": jobs[-2], "running": jobs[-1]}
    (home / "daemon.json.new").write_text(json.dumps(found))
    (home / "daemon.json.new").rename(home / "daemon.json")
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


def routes(found: dict[str, Any]) -> dict[str, Callable[[int], Ask]]:
    """For each load, the request of the client with this number."""
    running, done = (f"/v1/jobs/{found[key]}" for key in ("running", "done"))
    job = {"content": found["content"], "preset": "night-swirl"}
    upload = f"/v1/images?width={SIDE}&height={SIDE}"

    def one_paused(number: int) -> str:
        return f"/v1/jobs/{found['paused'][number % PAUSED]}"

    return {
        "GET jobs": lambda number: ("GET", "/v1/jobs", None),
        "GET events": lambda number: ("GET", f"{running}/events", None),
        "POST finish, paused jobs of one client": lambda number: ("POST", f"{one_paused(number)}/finish", None),
        "POST pause, a running job": lambda number: ("POST", f"{running}/pause", None),
        "POST finish, a running job": lambda number: ("POST", f"{running}/finish", None),
        "POST extend": lambda number: ("POST", f"{running}/extend", {"iterations": 1}),
        "POST cancel": lambda number: ("POST", f"{one_paused(number)}/cancel", None),
        "POST jobs": lambda number: ("POST", "/v1/jobs", job),
        "DELETE jobs": lambda number: ("DELETE", one_paused(number), None),
        "POST forecast": lambda number: ("POST", "/v1/forecast", {**job, "size": 2048}),
        "POST images": lambda number: ("POST", upload, os.urandom(4 * SIDE * SIDE)),
        "GET result as PNG": lambda number: ("GET", f"{done}/result", None),
        "GET frame, reduced": lambda number: ("GET", f"{done}/frames/1?max=4", None),
        "GET presets": lambda number: ("GET", "/v1/presets", None),
        "GET bundle": lambda number: ("GET", "/v1/presets/night-swirl/bundle", None),
        "PUT preset": lambda number: ("PUT", "/v1/presets/night-swirl", {"favourite": bool(number % 2)}),
        "POST presets, copies": lambda number: (
            "POST", "/v1/presets", {"name": f"copy-{secrets.token_hex(4)}", "copy_of": "night-swirl"},
        ),
        "POST sheets": lambda number: ("POST", "/v1/sheets", {"content": found["content"]}),
        "POST unload": lambda number: ("POST", "/v1/unload", None),
    }  # fmt: skip


class Crowd:
    """CROWD clients, each of which asks again PAUSE_S after it has been answered, until the end."""

    def __init__(self, found: dict[str, Any], ask: Callable[[int], Ask]) -> None:
        self.answers: Counter[str] = Counter()
        self._address, self._token = urlsplit(found["url"]), found["token"]
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._live, args=(number, ask)) for number in range(CROWD)]
        for thread in self._threads:
            thread.start()

    def _live(self, number: int, ask: Callable[[int], Ask]) -> None:
        while not self._over.is_set():
            method, path, body = ask(number)
            data = body if body is None or isinstance(body, bytes) else json.dumps(body)
            kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind, "Accept": "image/png, */*;q=0.5"}
            connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=60)
            try:
                connection.request(method, path, data, headers)
                answer = connection.getresponse()
                while answer.read1(1 << 16) and not self._over.is_set():  # an event stream has no end
                    continue
                self.answers[str(answer.status)] += 1
            except (OSError, http.client.HTTPException):
                self.answers["no answer"] += 1
            finally:
                connection.close()
            self._over.wait(PAUSE_S)

    def end(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def measure(name: str, seconds: float) -> dict[str, Any]:
    """One load on a fresh server."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        command = [sys.executable, __file__, "--serve", str(home)]
        server = subprocess.Popen(command, stdin=subprocess.PIPE)
        try:
            wait_until((home / "daemon.json").exists, 60, "the server is there")
            found = json.loads((home / "daemon.json").read_text())
            crowd = Crowd(found, routes(found)[name])
            probe = HealthProbe(home)
            time.sleep(seconds)
            health = probe.end()
            crowd.end()
        finally:
            server.communicate()
    return {"route": name, "health": health, "answers": dict(sorted(crowd.answers.items()))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="for each route")
    parser.add_argument("--route", default="", help="only routes with this text")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
    names = routes({"running": "", "done": "", "paused": [""], "content": ""})
    found = []
    for name in (name for name in names if given.route in name):
        found.append(measure(name, given.seconds))
        if not given.json:
            health, answers = found[-1]["health"], found[-1]["answers"]
            told = ", ".join(f"{status}: {count}" for status, count in answers.items())
            figures = f"{health['asked']:5.0f}  {health['p50']:7.1f}  {health['p99']:7.1f}  {health['max']:7.1f}"
            print(f"{name:42} {figures}   {told}", flush=True)
    if given.json:
        print(json.dumps(found))
    sys.exit(0 if all(one["health"]["p99"] < PROMISED_MS for one in found) else 1)


if __name__ == "__main__":
    main()
