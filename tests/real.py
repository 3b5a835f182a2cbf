"""The real daemon with the real network, in a process of its own and a home of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.waiting import wait_for

from neural_style_client import Client, Pixels

REPOSITORY = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "neural_style_server"]
START_S, WARM_S, JOB_S = 30.0, 120.0, 120.0
QUICK: dict[str, Any] = {"preset": "night-swirl", "method": {"iterations": 4}}


def environment(home: Path) -> dict[str, str]:
    """One thread: the machine may be shared, and pictures are small. A daemon stays warm, however late a test is."""
    added = {"NEURAL_STYLE_HOME": str(home), "NEURAL_STYLE_THREADS": "1", "PYTHONPATH": str(REPOSITORY / "server")}
    return {"NEURAL_STYLE_IDLE_UNLOAD_S": "86400", **os.environ, **added}


class RealDaemon:
    """Started at once; `end` and `kill` end it by its process id."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home, self._options = home, options
        home.mkdir(exist_ok=True, mode=0o700)
        self.start()

    def start(self) -> None:
        with (self.home / "serve.out").open("ab") as out:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", *self._options], env=environment(self.home), stdout=out, stderr=out
            )
        wait_for(self._is_mine, START_S, "the start of the daemon")
        self.client = Client(self.discovery["url"], self.discovery["token"], timeout_s=60)

    @property
    def discovery(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "daemon.json").read_text())
        return found

    def _is_mine(self) -> bool:
        assert self.process.poll() is None, (self.home / "serve.out").read_text()
        return (self.home / "daemon.json").exists() and self.discovery["pid"] == self.process.pid

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def worker_pid(self) -> int:
        return self.worker_pids()[0]

    def worker_pids(self) -> list[int]:
        """The child processes, read from the system."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return sorted(int(pid) for path in tasks for pid in path.read_text().split())

    def warm(self) -> RealDaemon:
        wait_for(lambda: self.client.health()["warm"], WARM_S, "warming up")
        return self


def calibrate_like(daemon: RealDaemon, home: Path) -> None:
    """Spare the workers of another home the seconds that measuring the machine takes."""
    home.joinpath("calibration.json").write_bytes(daemon.warm().home.joinpath("calibration.json").read_bytes())


def with_two_workers(folder: Path, like: RealDaemon) -> RealDaemon:
    """Another daemon, which has not started them yet."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "settings.yaml").write_text("devices: [cpu, cpu]\n")
    calibrate_like(like, home)
    return RealDaemon(home)


def paint(client: Client, picture: Pixels, **spec: Any) -> dict[str, Any]:
    """A job for a picture, followed to its end; its record, with the events that were seen."""
    content = client.upload(picture.data, picture.width, picture.height, picture.format)["id"]
    job = client.submit({"content": content, **QUICK, **spec})
    return follow(client, job["id"])


def follow(client: Client, job: str) -> dict[str, Any]:
    seen = list(client.events(job))
    assert seen[-1].name in ("done", "error")
    return {**client.job(job), "seen": seen}
