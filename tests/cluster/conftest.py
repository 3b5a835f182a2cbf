"""One local cluster of two nodes for all tests that need one, and daemons' jobs that are painted there by sleepers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.local import MISSING, LocalCluster
from tests.jobs.conftest import library, write_preset  # noqa: F401
from tests.jobs.fakes import grey
from tests.waiting import wait_for

from neural_style_server.cluster import link
from neural_style_server.cluster.opening import open_cluster
from neural_style_server.jobs.assembly import Jobs
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.presets.library import Library
from neural_style_server.settings import Settings
from neural_style_server.validation import validate

PATIENCE_S = 120.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in a real cluster have a marker of their own: they start many processes, and take a while. They are the
    last, because the cluster ends with the session."""

    def is_in_cluster(item: pytest.Item) -> bool:
        return item.path.parent == Path(__file__).parent and "cluster" in getattr(item, "fixturenames", ())

    items.sort(key=is_in_cluster)
    for item in items:
        if is_in_cluster(item):
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session")
def cluster() -> Iterator[LocalCluster]:
    """Tests that kill a node add another."""
    if MISSING is not None:
        pytest.skip(f"the extra 'cluster' lacks {MISSING}")
    made = LocalCluster(nodes=2)
    yield made
    made.close()


class Studio:
    """All of a daemon's jobs, painted in a cluster by sleepers."""

    def __init__(self, home: Path, presets: Library, address: str, **limits: Any) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.log: list[str] = []
        settings = Settings(cluster=address, **limits)
        self.pool = open_cluster(home, settings, self.log.append)
        self.all = Jobs(home, presets, self.pool, settings)
        self.controller = self.all.controller
        self.contents = [str(self.all.images.put(grey(shade, 40, 30))["id"]) for shade in (10, 90, 170, 250)]

    def submit(self, number: int = 0, client: str = "gimp", iterations: int = 12) -> str:
        body = {"content": self.contents[number % len(self.contents)], "preset": "ink", "client": client}
        method = {"iterations": iterations, "seed": number}
        spec = validate(JobSpec, {**body, "frames": {"every": 5}, "method": method})
        return str(self.controller.submit(spec)["id"])

    def job(self, job: str) -> dict[str, Any]:
        return self.controller.job(job)

    def wait(self, job: str, *states: str) -> dict[str, Any]:
        wait_for(lambda: self.job(job)["state"] in (states or ("done", "failed")), PATIENCE_S, f"the end of {job}")
        return self.job(job)

    def painted(self, job: str) -> bytes:
        """Of one that must be done."""
        found = self.wait(job)
        assert found["state"] == "done", (found["error"], self.log[-20:])
        return (self.controller.folder(job) / "result.raw").read_bytes()

    def begun(self, job: str, iteration: int = 5) -> None:
        wait_for(lambda: self.job(job)["iteration"] >= iteration, PATIENCE_S, "painting")

    def close(self) -> None:
        self.all.close()


@pytest.fixture
def open_studio(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    library: Library,  # noqa: F811
) -> Iterator[Callable[..., Studio]]:
    """Opens studios, each in a home of its own."""
    monkeypatch.setattr(link, "DRIVER", "tests.cluster.sleeping_driver")
    opened: list[Studio] = []

    def make(cluster: LocalCluster | str, **limits: Any) -> Studio:
        if isinstance(cluster, LocalCluster):
            for name, value in cluster.environment.items():
                monkeypatch.setenv(name, value)
            cluster = cluster.address
        opened.append(Studio(tmp_path / f"home-{len(opened)}", library, cluster, **limits))
        return opened[-1]

    yield make
    for studio in opened:
        studio.close()


def quiet_result(number: int, iterations: int = 12) -> bytes:
    """What a sleeper paints that nobody disturbs."""
    value = number
    for iteration in range(1, iterations + 1):
        value = (value * 31 + iteration) % 251
    shade = (10, 90, 170, 250)[number % 4] ^ value
    return bytes([shade, shade, shade, 255]) * (40 * 30)


def processes(home: Path) -> list[int]:
    """The ids of the workers' processes on the nodes."""
    return [int(path.name.partition("-")[0]) for path in (home / "workers").iterdir() if os.path.isdir(path)]
