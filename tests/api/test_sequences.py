"""Sequences over HTTP."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Desk, problem
from tests.api.test_openapi import check
from tests.jobs.fakes import grey


def frame(desk: Desk, sequence: dict[str, Any], value: int, **more: Any) -> Any:
    content = desk.upload(grey(value).pixels.tobytes(), 8, 6).get_json()["id"]
    return desk.post(sequence["links"]["frames"], {"content": content, **more})


def test_frames_come_one_by_one_and_are_painted_in_order(desk: Desk) -> None:
    answer = desk.post("/v1/sequences", {"preset": "ink", "seed": 3})
    sequence = answer.get_json()
    assert (answer.status_code, answer.headers["Location"]) == (201, sequence["links"]["self"])
    check(sequence, "Sequence")
    assert (sequence["state"], sequence["frames"], sequence["width"]) == ("queued", 0, None)
    first, second = (frame(desk, sequence, value) for value in (1, 2))
    assert (first.status_code, first.headers["Location"]) == (201, first.get_json()["links"]["self"])
    check(second.get_json(), "JobView")
    assert [job.get_json()["state"] for job in (first, second)] == ["running", "queued"]
    assert second.get_json()["sequence"]["previous"] == first.get_json()["id"]
    desk.shop.worker.done(first.get_json()["id"])
    view = desk.get(sequence["links"]["self"]).get_json()
    check(view, "Sequence")
    assert [job["state"] for job in view["jobs"]] == ["done", "running"]
    listed = desk.get("/v1/sequences").get_json()
    check(listed, "Sequences")
    assert [item["id"] for item in listed["sequences"]] == [sequence["id"]]
    problem(desk.call("DELETE", first.get_json()["links"]["self"]), 409, "needed")


def test_a_sequence_is_steered_and_deleted(desk: Desk) -> None:
    sequence = desk.post("/v1/sequences", {"preset": "ink"}).get_json()
    frame(desk, sequence, 1)
    for action, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled"), ("resume", "running")):
        assert desk.post(sequence["links"][action]).get_json()["state"] == state, action
    assert desk.post(sequence["links"]["again"], {"frame": 1}).get_json()["state"] == "running"
    problem(desk.post(sequence["links"]["again"], {"frame": 2}), 400, "invalid_request")
    assert desk.call("DELETE", sequence["links"]["self"]).status_code == 204
    problem(desk.get(sequence["links"]["self"]), 404, "not_found")
    assert desk.get("/v1/jobs").get_json() == {"jobs": []}


def test_a_sequence_gets_other_keys(desk: Desk) -> None:
    sequence = desk.post("/v1/sequences", {"preset": "ink"}).get_json()
    for value in (1, 2, 3):
        frame(desk, sequence, value)
    image = desk.upload(grey(70).pixels.tobytes(), 8, 6).get_json()["id"]
    answer = desk.call("PATCH", sequence["links"]["self"], json={"keys": [{"frame": 2, "image": image}]})
    check(answer.get_json(), "Sequence")
    assert [(job["state"], job["key"]) for job in answer.get_json()["jobs"]] == [
        ("running", False), ("done", True), ("queued", False)
    ]  # fmt: skip
    problem(desk.call("PATCH", sequence["links"]["self"], json={"seed": 3}), 400, "invalid_request")
    problem(desk.call("PATCH", f"/v1/sequences/{'f' * 16}", json={"keys": []}), 404, "not_found")
    odd = desk.upload(bytes(4 * 9 * 6), 9, 6).get_json()["id"]
    wrong = {"keys": [{"frame": 1, "image": odd}]}
    refused = problem(desk.call("PATCH", sequence["links"]["self"], json=wrong), 400, "invalid_image")
    assert "Frame 1" in refused["detail"]


def test_what_cannot_be_is_refused(desk: Desk) -> None:
    problem(desk.post("/v1/sequences", {"preset": "inc"}), 404, "not_found")
    problem(desk.post("/v1/sequences", {"preset": "ink", "mask": "0" * 64}), 400, "invalid_request")
    sequence = desk.post("/v1/sequences", {"preset": "ink"}).get_json()
    problem(desk.post(sequence["links"]["frames"], {"content": "0" * 64}), 404, "not_found")
    problem(desk.post(sequence["links"]["frames"], {}), 400, "invalid_request")
    frame(desk, sequence, 1)
    other = desk.upload(bytes(4 * 9 * 6), 9, 6).get_json()["id"]
    problem(desk.post(sequence["links"]["frames"], {"content": other}), 400, "other_size")
    assert desk.get(sequence["links"]["self"]).get_json()["frames"] == 1
