"""Two workers on this machine's processor, and what a killed daemon leaves of their jobs."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from tests.api.test_real_faults import reaches, submit
from tests.cli.conftest import process
from tests.real import JOB_S, QUICK, WARM_S, RealDaemon, follow, with_two_workers
from tests.waiting import wait_for

from neural_style_server.api.daemon import _hold
from neural_style_server.errors import Conflict

ENDLESS: dict[str, Any] = {**QUICK, "method": {"iterations": 5000}}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, daemon: RealDaemon) -> Iterator[RealDaemon]:
    pair = with_two_workers(tmp_path_factory.mktemp("pair"), daemon)
    yield pair
    pair.end()


@pytest.fixture
def pair(started: RealDaemon) -> Iterator[RealDaemon]:
    """One daemon for all tests that hurt it: the next finds it running, and without jobs."""
    if started.process.poll() is not None:
        started.start()
    yield started
    if started.process.poll() is None:
        for job in started.client.jobs():
            started.client.delete_job(job["id"])


def test_two_workers_paint_two_jobs_at_once_and_survive_each_other(pair: RealDaemon) -> None:
    client = pair.client
    jobs = [submit(client, **ENDLESS, client="one") for _ in range(2)]
    wait_for(
        lambda: (
            [worker["jobs"] for worker in pair.client.workers()] in ([[j] for j in jobs], [[j] for j in jobs[::-1]])
        ),
        WARM_S,
    )
    assert [worker["state"] for worker in pair.client.workers()] == ["busy", "busy"]
    assert len({worker["id"] for worker in pair.client.workers()}) == 2
    code, said, _ = process(pair.home, "workers")
    assert (code, said.count("busy"), said.count("CPU, ")) == (0, 2, 2)
    for job in jobs:
        reaches(client, job, 2)
    killed, other = pair.worker_pids()
    os.kill(killed, signal.SIGKILL)
    notes = wait_for(lambda: [client.job(job)["notes"] for job in jobs if client.job(job)["notes"]], JOB_S)
    assert len(notes) == 1 and "taken up again" in notes[0][0]
    os.kill(other, 0)
    wait_for(lambda: all(client.job(job)["state"] == "running" for job in jobs), WARM_S, "a worker for both jobs")
    for job in jobs:
        client.finish(job)
        assert follow(client, job)["state"] == "done"


def test_every_job_s_checkpoint_is_saved_when_the_daemon_is_killed(pair: RealDaemon) -> None:
    client = pair.client
    jobs = [submit(client, **ENDLESS, client=name) for name in ("a", "b", "c")]
    for job in jobs:
        reaches(client, job, 2)
    before = {job: client.job(job)["iteration"] for job in jobs}
    pids = pair.worker_pids()
    pair.kill()
    paths = [pair.home / "jobs" / job / "checkpoint.pt" for job in jobs]
    wait_for(lambda: all(path.exists() for path in paths), 60, "checkpoints of all jobs")
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 60, "the end of the workers")
    pair.start()
    for job in jobs:
        assert pair.client.job(job)["state"] == "paused"
        pair.client.resume(job)
    for job in jobs:
        stream = pair.client.events(job, 0)
        first = next(event.data["iteration"] for event in stream if event.name == "progress")
        stream.close()
        assert first > 1, (first, before[job])
        assert "worker" not in json.dumps(pair.client.job(job)["notes"])


def test_a_stopped_daemon_waits_for_its_workers_which_are_sent_the_same_signal(pair: RealDaemon) -> None:
    """As by systemd, which signals all processes of a service."""
    job = submit(pair.client, **ENDLESS)
    reaches(pair.client, job, 2)
    for pid in [*pair.worker_pids(), pair.process.pid]:
        os.kill(pid, signal.SIGTERM)
    pair.process.wait(60)
    assert (pair.home / "jobs" / job / "checkpoint.pt").exists()
    assert json.loads((pair.home / "jobs" / job / "job.json").read_text())["state"] == "paused"


def test_a_daemon_waits_for_the_lock_of_its_own_home_whatever_another_home_s_daemon_answers(
    daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    ending = FileLock(tmp_path / "daemon.lock", thread_local=False)
    ending.acquire()
    later = threading.Timer(0.6, ending.release)
    later.start()
    own = FileLock(tmp_path / "daemon.lock")
    _hold(own, tmp_path)
    assert own.is_locked
    own.release()
    later.join()


def test_a_daemon_of_the_same_home_is_left_alone(daemon: RealDaemon) -> None:
    with pytest.raises(Conflict, match="running already"):
        _hold(FileLock(daemon.home / "daemon.lock"), daemon.home)
