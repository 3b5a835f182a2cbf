"""The daemon itself with the real network in a cluster: the bytes of a local worker, and live jobs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.clips import HEIGHT, WIDTH, scene
from tests.cluster.local import LocalCluster
from tests.real import QUICK, RealDaemon, calibrate_like, follow, paint
from tests.waiting import wait_for

from neural_style_client import Client, Pixels

PATIENCE_S = 240.0


def picture(seed: int) -> Pixels:
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 56, 4), np.uint8)
    pixels[..., 3] = 255
    return Pixels(56, 48, "RGBA8", pixels.tobytes())


@pytest.fixture(scope="module")
def studio(cluster: LocalCluster, daemon: RealDaemon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDaemon]:
    """A daemon that paints in the cluster."""
    home = tmp_path_factory.mktemp("studio") / "home"
    for place in (home, cluster.node_home):
        place.mkdir(exist_ok=True, parents=True, mode=0o700)
        calibrate_like(daemon, place)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in {**cluster.environment, "NEURAL_STYLE_CLUSTER": cluster.address}.items():
            patched.setenv(name, value)
        real = RealDaemon(home)
    wait_for(lambda: real.client.health()["warm"], PATIENCE_S, "warming up in the cluster")
    yield real
    real.end()


def test_an_actor_paints_the_bytes_of_a_local_worker(daemon: RealDaemon, studio: RealDaemon) -> None:
    here, there = (paint(one.warm().client, picture(1), seed=3) for one in (daemon, studio))
    assert (here["state"], there["state"]) == ("done", "done"), there["error"]
    assert daemon.client.result(here["id"]).data == studio.client.result(there["id"]).data
    assert studio.client.losses(there["id"]) == daemon.client.losses(here["id"])
    assert {"progress", "frame"} <= {event.name for event in there["seen"]}
    [worker, *_] = studio.client.workers()
    assert worker["device"].startswith("CPU") and worker["host"]


def test_frames_follow_each_other_across_nodes_and_scenes_do_not(daemon: RealDaemon, studio: RealDaemon) -> None:
    results = []
    for client in (daemon.client, studio.client):
        sequence = client.sequences.start({**QUICK, "seed": 5})["id"]
        drawn = [np.dstack([scene(seed, 0), np.full((HEIGHT, WIDTH), 255, "u1")]).tobytes() for seed in (4, 4, 5)]
        shown = [client.upload(pixels, WIDTH, HEIGHT)["id"] for pixels in drawn]
        jobs = [client.sequences.add_frame(sequence, {"content": content})["id"] for content in shown]
        assert [follow(client, job)["state"] for job in jobs] == ["done"] * 3
        results.append([client.result(job).data for job in jobs])
    assert results[0] == results[1]
    assert results[1][0] == results[1][1] != results[1][2], "the second frame is held"
    assert [studio.client.job(job)["sequence"]["previous"] for job in jobs] == [None, jobs[0], None]


def test_a_live_job_takes_a_change_in_the_cluster(studio: RealDaemon) -> None:
    client: Client = studio.client
    first, second = (client.upload(one.data, one.width, one.height, one.format)["id"] for one in map(picture, (2, 3)))
    job = client.submit({"content": first, **QUICK, "live": True})["id"]
    wait_for(lambda: client.job(job)["resting"], PATIENCE_S, "rest")
    client.change(job, {"content": second})
    wait_for(lambda: any(frame["revision"] == 1 for frame in client.job(job)["frames"]), PATIENCE_S, "the change")
    wait_for(lambda: client.job(job)["resting"], PATIENCE_S, "rest")
    assert (Path(studio.home) / "jobs" / job / "checkpoint.pt").exists()
    client.cancel(job)
