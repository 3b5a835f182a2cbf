"""A home folder in which any one file is damaged in any way: the daemon starts, answers, paints and ends.

Nothing hangs, no answer is a 5xx, nothing else is lost, and the fault is told once. All of a daemon is here but its
sockets and its worker's process: the settings, the library, the jobs, the routes, and the worker's run of a job with a
network of three channels. `make nightly` tries every fault on every file, else a sample is.
"""

from __future__ import annotations

import collections
import contextlib
import faulthandler
import json
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.api.conftest import Desk
from tests.engine.conftest import _one_thread, tiny_vgg  # noqa: F401
from tests.faults import FAULTS, changing, wrong_values
from tests.jobs.conftest import write_preset
from tests.jobs.fakes import Shop

from neural_style_server.engine.targets import TargetCache
from neural_style_server.engine.vgg import Network
from neural_style_server.errors import NeuralStyleError, SettingsError
from neural_style_server.files import UNREADABLE, remove_halves, write_json
from neural_style_server.jobs.corrections import CORRECTIONS_FILE, Corrections, Lesson, mark_of
from neural_style_server.jobs.forecasting import CALIBRATION_FILE
from neural_style_server.jobs.sequence_spec import SequenceSpec
from neural_style_server.pixels import Picture
from neural_style_server.presets.library import Library, standard_sources
from neural_style_server.setting_sources import settings_of_daemon
from neural_style_server.settings import Settings
from neural_style_server.worker.run import Run

WHOLE = "NEURAL_STYLE_NIGHTLY" in os.environ
PATIENCE_S = 60.0
"""A story takes a quarter of a second; what takes so long hangs."""

SHEET = "0123456789abcdef"
FORECASTS = CALIBRATION_FILE, CORRECTIONS_FILE
METHOD = {"iterations": 4, "scales": 1, "average": 0}
CALIBRATION = {
    "place": ["CPU"],
    "pixels": [4096, 102_400],
    "seconds": [0.26, 4.4],
    "device": "cpu",
    "device_bytes": None,
}


@dataclass(frozen=True)
class Home:
    """A folder to be copied, and what is in it. `pictures` has the results of the jobs that are done."""

    folder: Path
    built_in: Path
    content: str
    done: str
    paused: str
    sequence: str
    pictures: dict[str, bytes]

    @property
    def files(self) -> dict[str, Path]:
        """What the daemon or a worker reads, by a name that says what it is."""
        found = {name: Path(name) for name in ("settings.yaml", "library.json", *FORECASTS)}
        found |= {f"image{suffix}": Path("images") / f"{self.content}{suffix}" for suffix in (".raw", ".json")}
        found["sequence"] = Path("sequences") / f"{self.sequence}.json"
        found["cache"] = next((self.folder / "cache").glob("*.pt")).relative_to(self.folder)
        for name, job in (("done", self.done), ("paused", self.paused)):
            for path in sorted((self.folder / "jobs" / job).rglob("*")):
                if path.is_file():
                    inner = path.relative_to(self.folder / "jobs" / job)
                    found[f"{name}/{inner}"] = Path("jobs") / job / inner
        return found


def noise(seed: int) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 255, (32, 40, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return Picture(pixels, "RGBA8")


def paint(home: Path, job: str, network: Network, iterations: int = 100) -> list[str]:
    """What a worker does with a job; answers what it would tell the painter."""
    run = Run("run", home / "jobs" / job, home / "images", network, TargetCache(home / "cache"))
    try:
        list(run.begin())
        for _ in range(iterations):
            if run.finished:
                list(run.finish())
                break
            list(run.advance())
            run.save_checkpoint()
    finally:
        run.close()
    return list(run.notes)


@pytest.fixture(scope="module")
def network(tiny_vgg: Network) -> Network:  # noqa: F811
    return tiny_vgg.to("cpu", torch.float32)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, network: Network) -> Home:
    place = tmp_path_factory.mktemp("faults")
    folder = place / "home"
    folder.mkdir()
    write_preset(place / "built-in" / "ink")
    (folder / "settings.yaml").write_text("log_level: warning\nmax_jobs_kept: 100\nresult_keep_s: 30 days\n")
    write_json(folder / CALIBRATION_FILE, CALIBRATION)
    corrections = Corrections(folder)
    for job, took in (("0" * 16, 1.5), ("1" * 16, 1.4)):
        corrections.learn(job, "neighbours", None, Lesson(mark_of(CALIBRATION), took, 1.0))
    corrections.save()
    sources = [*standard_sources(folder)[1:], *standard_sources(place / "none", {"own": place / "built-in"})[2:]]
    library = Library(sources, home=folder)
    library.set_favourite("ink", True)
    library.mark_used("ink")
    shop = Shop(folder, library)
    shop.warm()
    content = str(shop.images.put(noise(1))["id"])
    pictures = {}
    jobs = []
    for client in ("gimp", f"sheet-{SHEET}", "krita"):
        job = shop.submit(client, content=content, method=METHOD, frames={"at": [2]})
        jobs.append(job)
        shop.worker.frame(job, 1, 2)
        paint(folder, job, network, 100 if client != "krita" else 3)
        if client == "krita":
            shop.controller.pause(job)
        else:
            result = shop.home / "jobs" / job / "result.raw"
            kept = {path: path.read_bytes() for path in result.parent.rglob("*") if path.suffix in (".raw", ".pt")}
            kept |= {path: path.read_bytes() for path in result.parent.rglob("*.json") if path.name != "job.json"}
            shop.worker.done(job)
            shop.settle()
            for path, data in kept.items():
                path.write_bytes(data)
            pictures[job] = result.read_bytes()
    sequence = str(shop.all.sequences.start(SequenceSpec(preset="ink"))["id"])
    shop.close()
    return Home(folder, place / "built-in", content, jobs[0], jobs[2], sequence, pictures)


def within(action: Callable[[], None]) -> None:
    """Run it on a thread, so that one that hangs is seen and left behind."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=run, name="story", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    if thread.is_alive():
        faulthandler.dump_traceback(sys.stderr)
        pytest.fail("it hangs")
    if failures:
        raise failures[0]


class Story:
    """One life of a daemon over a home, with all that clients ask of it. Where the damage is not `steady`, nobody knows
    what can be had just now."""

    def __init__(
        self, home: Home, folder: Path, damaged: Path | None, network: Network, *, steady: bool = True
    ) -> None:
        self.home, self.folder, self.network, self.steady = home, folder, network, steady
        self.damaged = damaged or Path("nothing")

    def tell(self) -> None:
        with self._daemon():
            self._ask()
            self._submit()
            self._go_on()

    def start_again(self) -> None:
        with self._daemon():
            self.get("/v1/health", 200)
            self.get("/v1/jobs", 200)
            self.get("/v1/sequences", 200)
            self.get("/v1/presets", 200)

    @contextlib.contextmanager
    def _daemon(self) -> Iterator[None]:
        try:
            settings = settings_of_daemon(self.folder, {})
        except SettingsError:  # a mistake that can be corrected, with its line
            assert self.damaged.name == "settings.yaml"
            settings = Settings()
        remove_halves(self.folder)
        sources = standard_sources(self.folder, {"own": self.home.built_in})[1:]
        shop = Shop(self.folder, Library(sources, home=self.folder))
        try:
            shop.warm()
            self.desk = Desk(shop, settings)
            yield
        finally:
            shop.close()

    def _ask(self) -> None:
        self.get("/v1/health", 200)
        listed = self.get("/v1/jobs", 200)
        self.jobs = [job["id"] for job in json.loads(listed)["jobs"]]
        of_job = self.damaged.parts[1] if self.damaged.parts[0] == "jobs" else ""
        kept = {*self.home.pictures, self.home.paused}
        assert set(self.jobs) >= (kept - {of_job} if self.damaged.name == "job.json" else kept)
        for job in self.jobs:
            self.get(f"/v1/jobs/{job}", 200)
            for path in ("losses", "frames/latest", "frames/1", "result"):
                self.get(f"/v1/jobs/{job}/{path}")
            for kind in ("text/csv", "image/png") if job == of_job else ():
                self.get(f"/v1/jobs/{job}/losses", 200, Accept=kind)
            if job in self.home.pictures and job != of_job:
                assert self.get(f"/v1/jobs/{job}/result", 200) == self.home.pictures[job]
        self.get("/v1/presets", 200)
        self.get("/v1/presets/ink", 200)
        self.get("/v1/workers", 200)
        self.get(f"/v1/sheets/{SHEET}", 200)
        self.get(f"/v1/sheets/{SHEET}/picture", 200 if of_job != self.damaged.name else None)

    def _submit(self) -> None:
        body = {"preset": "ink", "method": METHOD, "content": self.home.content}
        self.ask("POST", "/v1/forecast", json={**body, "width": 512, "height": 384}, wanted=200)
        self.ask("POST", "/v1/forecast", json=body)
        self.ask("POST", "/v1/jobs", json=body)
        picture = noise(1)
        query = {"width": 40, "height": 32, "format": "RGBA8"}
        sent = {"content_type": "application/octet-stream", "query_string": query}
        self.ask("POST", "/v1/images", data=picture.pixels.tobytes(), wanted=201, **sent)
        if not self.steady:
            return
        assert np.array_equal(self.desk.shop.images.get(self.home.content).pixels, picture.pixels)
        made = json.loads(self.ask("POST", "/v1/jobs", json=body, wanted=201))
        if self.damaged.parts[0] in ("images", "cache", "settings.yaml"):
            assert paint(self.folder, made["id"], self.network) == []
        self.ask("DELETE", f"/v1/jobs/{made['id']}", wanted=204)
        self.ask("PUT", "/v1/presets/ink", json={"favourite": True}, wanted=200)

    def _go_on(self) -> None:
        """What the worker cannot paint it refuses with a sentence, never with an unexpected error."""
        for job, action, body in ((self.home.paused, "resume", None), (self.home.done, "extend", {"iterations": 2})):
            answer = self.ask("POST", f"/v1/jobs/{job}/{action}", **({"json": body} if body else {}))
            if json.loads(answer).get("state") in ("queued", "running") and self.damaged.parts[:2] == ("jobs", job):
                with contextlib.suppress(NeuralStyleError):
                    paint(self.folder, job, self.network)
            self.ask("POST", f"/v1/jobs/{job}/cancel")
            self.get(f"/v1/jobs/{job}")

    def get(self, path: str, wanted: int | None = None, **headers: str) -> bytes:
        return self.ask("GET", path, wanted=wanted, headers=headers)

    def ask(self, method: str, path: str, wanted: int | None = None, **more: Any) -> bytes:
        answer = self.desk.call(method, path, **more)
        assert answer.status_code < 500, (method, path, answer.text)
        assert wanted is None or not self.steady or answer.status_code == wanted, (
            method,
            path,
            answer.status_code,
            answer.text[:300],
        )
        return answer.data


@pytest.fixture
def told() -> Iterator[list[str]]:
    """Every warning and error of the program."""
    found: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("neural_style_server")
    logger.addHandler(handler)
    yield found
    logger.removeHandler(handler)


def cases(home: Home) -> Iterator[tuple[str, str]]:
    """Of a sample every file has some faults and every fault some file."""
    number = 0
    for number_of_file, (file, path) in enumerate(home.files.items()):
        faults = [*FAULTS, *(wrong_values(home.folder / path) if path.suffix == ".json" else ())]
        for place, fault in enumerate(faults):
            number += 1
            if WHOLE or (place < len(FAULTS) and place == number_of_file * 5 % len(FAULTS)) or number % 101 == 0:
                yield file, fault


def test_an_undamaged_home_has_nothing_to_tell(home: Home, tmp_path: Path, told: list[str], network: Network) -> None:
    folder = Path(shutil.copytree(home.folder, tmp_path / "home"))
    within(Story(home, folder, None, network).tell)
    assert told == [] and not list(folder.rglob(UNREADABLE))


def test_whatever_is_damaged_the_rest_goes_on(home: Home, tmp_path: Path, told: list[str], network: Network) -> None:
    tried, failures = collections.Counter[str](), []
    for number, (file, fault) in enumerate(cases(home)):
        folder = Path(shutil.copytree(home.folder, tmp_path / f"home-{number}", symlinks=True))
        path = home.files[file]
        {**FAULTS, **wrong_values(folder / path)}[fault](folder / path)
        told.clear()
        try:
            within(Story(home, folder, path, network).tell)
            assert len(set(told)) == len(told), "it is told twice"
            assert len(told) <= 2, "it is told too often"
            first = list(told)
            within(Story(home, folder, path, network).start_again)
            assert not set(told[len(first) :]) & set(first), "the next start tells it again"
        except BaseException as failure:
            failures.append(f"{file}: {fault}: {type(failure).__name__} {str(failure)[:700]} {told[:3]}")
        tried[fault] += 1
        shutil.rmtree(folder)
    print(f"{tried.total()} cases, {len(tried)} faults, {len(failures)} findings")
    assert len(set(tried) & set(FAULTS)) > len(FAULTS) * 0.6
    assert not failures, "\n".join([f"{len(failures)} of {tried.total()}", *failures])


def test_a_file_that_changes_while_it_is_read_is_read_or_refused(home: Home, tmp_path: Path, network: Network) -> None:
    for number, path in enumerate(home.files.values()):
        if WHOLE or number % 4 == 0:
            folder = Path(shutil.copytree(home.folder, tmp_path / f"home-{number}"))
            with changing(folder / path):
                within(Story(home, folder, path, network, steady=False).tell)
