"""A home folder that version 0.1.0 has made: everything in it is there, and goes on."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.real import RealDaemon, follow

HOME = Path(__file__).parents[1] / "data" / "home-0.1.0.zip"
"""Made by its own program: jobs that are done, cancelled and paused, a sheet, a preset, settings. Its task files name
pictures by absolute paths that exist nowhere else, and its records have no version."""

Former = tuple[RealDaemon, dict[str, Any]]


@pytest.fixture(scope="module")
def former(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Former]:
    place = tmp_path_factory.mktemp("former")
    with zipfile.ZipFile(HOME) as archive:
        archive.extractall(place)
    daemon = RealDaemon(place / "home")
    yield daemon, json.loads((place / "expected.json").read_text())
    daemon.end()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_all_jobs_are_listed_as_they_were(former: Former) -> None:
    daemon, expected = former
    states = {job["id"]: job["state"] for job in daemon.client.jobs()}
    wanted = {"done": "done", "regions": "done", "own": "done", "cancelled": "cancelled", "whole": "done"}
    assert {name: states[expected["jobs"][name]] for name in wanted} == wanted
    assert len(states) == 7
    assert daemon.client.health()["detail"] == ""
    view = json.loads((daemon.home.parent / "job_view.json").read_text())
    job = daemon.client.job(view["id"])
    forecast = view.pop("forecast")  # it says more by now
    assert {key: job[key] for key in view} == view
    assert {key: job["forecast"][key] for key in forecast} == forecast


def test_results_and_frames_are_served_to_the_bit(former: Former) -> None:
    daemon, expected = former
    for name, digest in expected["sha256"].items():
        assert sha256(daemon.client.result(expected["jobs"][name]).data) == digest
    assert daemon.client.frame(expected["jobs"]["done"], 1).width == 48
    assert b"iteration" in daemon.client.losses(expected["jobs"]["done"])


def test_the_sheet_the_preset_and_the_settings_are_there(former: Former) -> None:
    daemon, expected = former
    assert daemon.client.sheets.get(expected["sheet"])["state"] == "done"
    assert daemon.client.sheets.png(expected["sheet"]).startswith(b"\x89PNG")
    own = daemon.client.preset("my-own")
    assert (own["title"], own["tags"], own["method"]["iterations"]) == ("My own", ["mine"], 6)
    assert daemon.client.preset("night-swirl")["favourite"]
    assert (daemon.home / "settings.yaml").read_text().startswith("# made by hand")


def test_the_paused_job_goes_on_to_the_picture_of_an_undisturbed_one(former: Former) -> None:
    daemon, expected = former
    paused, whole = expected["jobs"]["paused"], expected["jobs"]["whole"]
    assert daemon.client.job(paused)["state"] == "paused"
    before = daemon.client.job(paused)["iteration"]
    daemon.client.resume(paused)
    record = follow(daemon.client, paused)
    assert (record["state"], record["iteration"]) == ("done", 60)
    first = next(event.data["iteration"] for event in record["seen"] if event.name == "progress")
    assert first > before, "it went on from its checkpoint"
    found, wanted = (np.frombuffer(daemon.client.result(job).data, "u1").astype(int) for job in (paused, whole))
    if sha256(daemon.client.result(paused).data) != expected["sha256"]["whole"]:  # another processor rounds otherwise
        assert np.abs(found - wanted).mean() < 2


def test_a_done_job_can_be_extended(former: Former) -> None:
    daemon, expected = former
    done = expected["jobs"]["done"]
    daemon.client.extend(done, 2)
    record = follow(daemon.client, done)
    assert (record["state"], record["iterations"]) == ("done", 6)
    task = json.loads((daemon.home / "jobs" / done / "task.json").read_text())
    assert task["extensions"] == [2] and task["content"] == expected["content"]
