"""kill -9 of the daemon, again and again, while clients write jobs, pictures and presets; nothing may be unreadable.

What a client was told is written down here first (`Ledger`), and compared with what the next daemon knows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from soak_daemon import END_S, Daemon, HealthProbe, Report, wait_until
from soak_jobs import BYTES_PER_PIXEL, ends

from neural_style_client import Client, DaemonError, DaemonGone

SETTINGS = {"threads": 1, "max_images": 10**6}
"""The oldest uploads make room where there are too many; here every one of them must stay."""

WRITERS = 3
PAINTING_EVERY = 10
"""In every so many rounds the worker paints when the daemon is killed; in the others it is still warming up."""


class Ledger:
    """What the daemon has confirmed: what must be there after a kill, and what must be gone."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.jobs: set[str] = set()
        self.images: set[str] = set()
        self.presets: dict[str, set[str]] = {}
        """Each preset's title: what was confirmed, and what was on its way when the daemon was killed."""
        self.gone: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.cut_off = 0
        self.problems: list[str] = []


class Writer(threading.Thread):
    """Writes one thing after another until nobody answers any more."""

    def __init__(self, ledger: Ledger, daemon: Daemon, seed: int) -> None:
        super().__init__()
        self._ledger, self._chance = ledger, random.Random(seed)
        self._client = Client(daemon.url, daemon.token, timeout_s=20)
        self._name = f"writer-{seed}"

    def run(self) -> None:
        deeds = (self._upload, self._submit, self._submit, self._steer, self._forget, self._preset, self._preset)
        while True:
            deed = self._chance.choice(deeds)
            try:
                deed()
                self._ledger.counts[deed.__name__.strip("_")] += 1
            except DaemonGone:
                self._ledger.cut_off += 1
                return
            except DaemonError as error:
                if error.status >= 500 or error.status < 400:
                    self._ledger.problems.append(f"{deed.__name__}: {error.status} {error}")

    def _one(self, of: set[str]) -> str | None:
        with self._ledger.lock:
            return self._chance.choice(sorted(of)) if of else None

    def _upload(self) -> str:
        format = self._chance.choice(["RGBA8", "RGBA16"])
        width, height = self._chance.randint(16, 300), self._chance.randint(16, 300)
        data = self._chance.randbytes(width * height * BYTES_PER_PIXEL[format])
        identity = str(self._client.upload(data, width, height, format)["id"])
        with self._ledger.lock:
            self._ledger.images.add(identity)
        return identity

    def _submit(self) -> None:
        content = self._one(self._ledger.images) or self._upload()
        spec = {"content": content, "preset": "night-swirl", "method": {"iterations": 30}, "size": 32}
        job = self._client.submit({**spec, "client": self._name, "frames": {"every": 1}})["id"]
        with self._ledger.lock:
            self._ledger.jobs.add(job)

    def _steer(self) -> None:
        job = self._one(self._ledger.jobs)
        if job is not None:
            wish = self._chance.choice([self._client.resume, lambda job: self._client.extend(job, 2)])
            wish(job)

    def _forget(self) -> None:
        job = self._one(self._ledger.jobs)
        if job is None or len(self._ledger.jobs) < 20:
            return
        with self._ledger.lock:
            self._ledger.jobs.discard(job)  # from here on it may be there or not
        self._client.delete_job(job)
        with self._ledger.lock:
            self._ledger.gone.add(job)

    def _preset(self) -> None:
        name = f"own-{self._chance.randint(1, 12)}"
        title = f"Title {self._chance.random()}"
        with self._ledger.lock:
            known = self._ledger.presets.get(name)
            if known is not None:
                known.add(title)
        if known is None:
            content = self._one(self._ledger.images) or self._upload()
            self._client.create_preset({"name": name, "title": title, "images": [content]})
        else:
            self._client.change_preset(name, {"title": title, "favourite": True})
        with self._ledger.lock:  # another writer's title may have been set meanwhile: either is right
            self._ledger.presets.setdefault(name, set()).add(title)


def run(home: Path, *, kills: int, seed: int) -> Report:
    report, ledger, chance = Report("kills"), Ledger(), random.Random(seed)
    daemon = Daemon(home, **SETTINGS)
    probe = HealthProbe(home)
    starts, records = [], 0
    try:
        for number in range(kills):
            _write_and_kill(daemon, ledger, chance, 1000 * seed + WRITERS * number, number % PAINTING_EVERY == 0)
            records += _read_the_disk(home, ledger)
            starts.append(daemon.start())
            _compare(daemon.client, ledger)
        report.row("kill -9 of the daemon", kills)
        report.row("  with a client's write cut off in the middle", ledger.cut_off)
        for what, count in sorted(ledger.counts.items()):
            report.row(f"  confirmed meanwhile: {what}", count)
        report.row("records read from the disk after a kill", records)
        starts.sort()
        report.row("time to start again, median / longest", f"{starts[len(starts) // 2]:.2f} / {starts[-1]:.2f} s")
        _finish_some(daemon, ledger, report)
        probe.report(report)
    finally:
        daemon.stop()
    with contextlib.suppress(TimeoutError):
        wait_until(lambda: not daemon.processes(), END_S, "all processes end")
    left = daemon.processes()
    report.row("processes left over", len(left), "0", not left)
    lost = len(ledger.problems)
    report.row("records unreadable, lost or come back", lost, "0", not lost)
    report.problems += ledger.problems[:50]
    return report


def _write_and_kill(daemon: Daemon, ledger: Ledger, chance: random.Random, seed: int, painting: bool) -> None:
    if painting:
        daemon.warm()
        for job in sorted(ledger.jobs)[:4]:
            with contextlib.suppress(DaemonError):
                daemon.client.resume(job)
    writers = [Writer(ledger, daemon, seed + number) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    time.sleep(chance.uniform(0.05, 1.5))
    daemon.kill()
    for writer in writers:
        writer.join()


def _read_the_disk(home: Path, ledger: Ledger) -> int:
    """Read every record as it lies there after the kill; answers how many."""
    count = 0
    for path in [*home.glob("*.json"), *home.glob("jobs/*/*.json"), *home.glob("jobs/*/frames/*.json")]:
        count += 1
        try:
            json.loads(path.read_bytes())
        except FileNotFoundError:  # the worker, which lives a moment longer, replaces some
            continue
        except ValueError as error:
            ledger.problems.append(f"{path.relative_to(home)} is not readable: {error}")
    for path in home.glob("images/*.json"):
        count += 1
        meta = json.loads(path.read_bytes())
        digest = hashlib.sha256(f"{meta['width']}x{meta['height']}:{meta['format']}:".encode())
        digest.update(path.with_suffix(".raw").read_bytes())
        if digest.hexdigest() != path.stem:
            ledger.problems.append(f"the pixels of image {path.stem[:12]} are not what its name says")
    for path in home.glob("presets/*/preset.yaml"):
        count += 1
        if not isinstance(yaml.safe_load(path.read_text()), dict):
            ledger.problems.append(f"{path.relative_to(home)} is not whole")
    return count


def _compare(client: Client, ledger: Ledger) -> None:
    """What the daemon knows after its restart against what the former one had confirmed."""
    known: dict[str, Any] = {job["id"]: job for job in client.jobs()}
    for job in ledger.jobs - set(known):
        ledger.problems.append(f"job {job} was confirmed and is gone")
    for job in ledger.gone & set(known):
        ledger.problems.append(f"job {job} was deleted and is back")
    for job, record in known.items():
        if record["state"] not in ("paused", "done", "cancelled", "failed") or not client.job(job)["recipe"]:
            ledger.problems.append(f"job {job} is {record['state']} after a restart")
    ledger.jobs = set(known) & ledger.jobs
    for identity in ledger.images:
        try:
            client.forecast({"content": identity, "preset": "night-swirl"})
        except DaemonError as error:
            ledger.problems.append(f"image {identity[:12]}: {error}")
    presets = client._http.json("GET", "/v1/presets")
    for problem in presets["problems"]:
        ledger.problems.append(f"preset {problem['name']}: {problem['detail']}")
    titles = {preset["name"]: preset["title"] for preset in presets["presets"]}
    for name, possible in ledger.presets.items():
        if titles.get(name) not in possible:
            ledger.problems.append(f"preset {name} is {titles.get(name)!r}, which nobody wrote")
        ledger.presets[name] = {titles.get(name, "")}
    for name in titles:
        if name.startswith("own-"):  # one whose confirmation was cut off
            ledger.presets.setdefault(name, {titles[name]})


def _finish_some(daemon: Daemon, ledger: Ledger, report: Report) -> None:
    """Jobs that went through it all can still be painted to their end."""
    daemon.warm()
    paused = [job["id"] for job in daemon.client.jobs() if job["state"] == "paused"][-10:]
    for job in paused:
        daemon.client.resume(job)
    states = Counter(ends(daemon.client, job, ("done",)) for job in paused)
    report.row("of the interrupted jobs, resumed and painted to the end", f"{states['done']} of {len(paused)}", "all")
    report.rows[-1] = (*report.rows[-1][:3], states["done"] == len(paused))
