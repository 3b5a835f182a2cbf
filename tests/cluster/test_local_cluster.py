"""Jobs in a cluster of two nodes on this machine: as on one machine, and when actors, nodes and the head die."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import numpy as np
from tests.clips import HEIGHT, WIDTH, scene
from tests.cluster.conftest import PATIENCE_S, Studio, processes, quiet_result
from tests.cluster.local import LocalCluster
from tests.waiting import wait_for

from neural_style_server.jobs.sequence_spec import SequenceFrameSpec, SequenceSpec
from neural_style_server.jobs.task import LOSSES
from neural_style_server.pixels import Picture
from neural_style_server.users import OWNER
from neural_style_server.validation import validate

Open = Callable[..., Studio]
LONG = 300


def test_jobs_are_painted_on_both_nodes_at_once_and_come_back_whole(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster)
    jobs = [studio.submit(number, iterations=60) for number in range(6)]
    wait_for(lambda: sum(worker["state"] == "busy" for worker in studio.controller.workers()) == 2, PATIENCE_S)
    assert [studio.painted(job) for job in jobs] == [quiet_result(number, 60) for number in range(6)]
    views = studio.controller.workers()
    assert all(view["device"] == "sleeper" and view["host"] for view in views)
    folder = studio.controller.folder(jobs[0])
    assert len((folder / LOSSES).read_text().splitlines()) == 60
    assert [frame["iteration"] for frame in studio.job(jobs[0])["frames"]] == [*range(5, 60, 5), 60]
    assert all((folder / "frames" / f"{frame['number']}.raw").exists() for frame in studio.job(jobs[0])["frames"])
    assert not list(cluster.node_home.glob("workers/*/runs/*"))


def test_cancel_pause_resume_and_extend_work_as_on_one_machine(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster)
    paused, cancelled = studio.submit(1, iterations=LONG), studio.submit(2, iterations=LONG)
    studio.begun(paused)
    studio.controller.pause(paused)
    assert studio.wait(paused, "paused")["iteration"] < LONG
    studio.begun(cancelled)
    studio.controller.cancel(cancelled)
    studio.controller.resume(paused)
    assert studio.painted(paused) == quiet_result(1, LONG)
    studio.controller.extend(paused, 7)
    assert studio.painted(paused) == quiet_result(1, LONG + 7)


def test_a_job_survives_its_actor(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster)
    job = studio.submit(3, iterations=LONG)
    studio.begun(job, 20)
    for process in processes(cluster.node_home):
        os.kill(process, signal.SIGKILL)
    assert studio.painted(job) == quiet_result(3, LONG)
    assert "taken up again" in " ".join(studio.job(job)["notes"])
    wait_for(lambda: not studio.all.table.find(job, OWNER).held, PATIENCE_S)


def test_jobs_survive_a_node_and_go_on_on_the_others(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster)
    jobs = [studio.submit(number, iterations=LONG) for number in range(2)]
    for job in jobs:
        studio.begun(job, 10)
    cluster.kill_node(cluster.nodes[0])
    cluster.add_node()
    assert [studio.painted(job) for job in jobs] == [quiet_result(number, LONG) for number in range(2)]


def test_the_daemon_waits_for_a_head_that_is_restarted_and_says_so(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster)
    job = studio.submit(5, iterations=LONG)
    studio.begun(job, 10)
    cluster.kill_all()
    try:
        wait_for(lambda: "Jobs wait until it does" in studio.controller.status.worker().detail, PATIENCE_S)
        assert studio.job(job)["state"] in ("queued", "running")
    finally:
        cluster.start_head()
        for _ in range(2):
            cluster.add_node()
    assert studio.painted(job) == quiet_result(5, LONG)


def test_two_scenes_of_a_film_are_painted_on_both_nodes_at_once(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster)
    studio.painted(studio.submit(0))
    wait_for(lambda: len(studio.controller.workers()) == 2, PATIENCE_S, "what the cluster has room for")
    asked = {"preset": "ink", "client": "krita", "method": {"iterations": 150}}
    sequence = str(studio.all.sequences.start(validate(SequenceSpec, asked))["id"])
    jobs = []
    for seed, place in ((1, 0), (1, 1), (2, 0), (2, 1)):
        pixels = np.dstack([scene(seed, place), np.full((HEIGHT, WIDTH), 255, "u1")])
        frame = SequenceFrameSpec(content=str(studio.all.images.put(Picture(pixels, "RGBA8"))["id"]))
        jobs.append(str(studio.all.sequences.add_frame(sequence, frame)["id"]))
    for at_once, waiting in ((jobs[0], jobs[1]), (jobs[2], jobs[3])):
        assert studio.job(waiting)["sequence"]["previous"] == at_once

    def painting() -> set[str]:
        return {job for job in jobs if studio.job(job)["state"] == "running"}

    wait_for(lambda: painting() == {jobs[0], jobs[2]}, PATIENCE_S, "both scenes")
    assert all(studio.wait(job)["state"] == "done" for job in jobs)


def test_actors_are_released_when_there_is_no_work(cluster: LocalCluster, open_studio: Open) -> None:
    studio = open_studio(cluster, idle_unload_s=1)
    studio.painted(studio.submit(0))
    wait_for(lambda: studio.controller.status.worker().state == "stopped", PATIENCE_S, "the end of the workers")
    wait_for(lambda: not processes(cluster.node_home), PATIENCE_S, "the end of their folders")
    assert studio.painted(studio.submit(1)) == quiet_result(1)
