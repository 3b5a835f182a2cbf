"""Jobs over HTTP: submitted, followed, steered and fetched, with everything that can be asked wrongly."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.api.conftest import Desk, problem
from tests.jobs.fakes import grey


@pytest.fixture
def done(desk: Desk) -> str:
    job = desk.job()
    desk.shop.worker.frame(job, 1, 5)
    desk.shop.worker.frame(job, 2, 10)
    desk.shop.worker.done(job)
    return job


def test_a_submitted_job_is_answered_with_its_links_and_forecast(desk: Desk) -> None:
    answer = desk.submit(client="gimp-7", seed=3)
    job = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == job["links"]["self"] == f"/v1/jobs/{job['id']}"
    assert (job["client"], job["seed"], job["state"]) == ("gimp-7", 3, "running")
    assert set(job["forecast"]) >= {"seconds", "bytes"}
    assert "folder" not in job
    assert desk.get("/v1/jobs").get_json()["jobs"][0]["id"] == job["id"]
    assert desk.shop.library.get("ink").last_used is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{",
        b'{"content": NaN}',
        b'{"preset": "ink", "preset": "ink"}',
        b'{"method": {"seed": 1, "seed": 2}}',
        b"[" * 100_000,
        b"\xff\xfe{}",
        b'{"client": "\\ud800"}',
        b'{"seed": ' + b"9" * 5000 + b"}",
        b"null",
    ],
)
def test_what_is_no_json_object_is_refused(desk: Desk, body: bytes) -> None:
    problem(desk.post("/v1/jobs", data=body, content_type="application/json"), 400, "invalid_request")
    assert desk.submit().status_code == 201


def test_a_key_that_is_given_twice_is_named(desk: Desk) -> None:
    body = b'{"preset": "ink", "preset": "oil"}'
    answer = desk.post("/v1/jobs", data=body, content_type="application/json")
    assert "'preset' is given twice" in problem(answer, 400, "invalid_request")["detail"]


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"preset": "inc"}, 404, "not_found"),
        ({"content": "0" * 64}, 404, "not_found"),
        ({"content": None}, 400, "invalid_request"),
        ({"extra": 1}, 400, "invalid_request"),
        ({"client": "\ud800"}, 400, "invalid_request"),
        ({"method": {"style_weight": -3}}, 400, "invalid_method"),
        ({"method": {"style_weight": 1e300}}, 400, "invalid_method"),
        ({"controls": {"strenght": 1}}, 400, "invalid_method"),
        ({"frames": {"every": 0}}, 400, "invalid_request"),
    ],
)
def test_a_wrong_job_is_refused_and_the_next_good_one_runs(
    desk: Desk, more: dict[str, Any], status: int, code: str
) -> None:
    problem(desk.submit(**more), status, code)
    assert desk.get("/v1/jobs").get_json() == {"jobs": []}
    assert desk.submit().status_code == 201


@pytest.mark.parametrize("value", ["1e999", "-1e999", "Infinity", "NaN"])
def test_a_weight_beyond_all_numbers_is_refused(desk: Desk, value: str) -> None:
    body = f'{{"content": "{desk.shop.content}", "preset": "ink", "method": {{"style_weight": {value}}}}}'
    assert desk.post("/v1/jobs", data=body.encode(), content_type="application/json").status_code == 400


def test_a_full_queue_is_429(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(max_jobs_queued=1)
    desk.job()
    problem(desk.submit(), 429, "too_many")


@pytest.mark.parametrize("path", ["", "/events", "/frames/1", "/frames/latest", "/result", "/losses"])
def test_an_unknown_job_is_404_everywhere(desk: Desk, path: str) -> None:
    problem(desk.get(f"/v1/jobs/0123456789abcdef{path}"), 404, "not_found")


@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "finish"])
def test_steering_changes_the_state_or_says_why_not(desk: Desk, action: str) -> None:
    problem(desk.post(f"/v1/jobs/none/{action}"), 404, "not_found")
    job = desk.job()
    if action == "resume":
        desk.post(f"/v1/jobs/{job}/pause")
    state = {"cancel": "cancelled", "pause": "paused", "resume": "running", "finish": "done"}[action]
    assert desk.post(f"/v1/jobs/{job}/{action}").get_json()["state"] == state
    problem(desk.post(f"/v1/jobs/{job}/{action}"), 409, "conflict")


@pytest.mark.parametrize("body", [{}, {"iterations": 0}, {"iterations": 20_001}, {"iterations": True}, {"more": 1}])
def test_a_wrong_extension_is_refused(desk: Desk, done: str, body: dict[str, Any]) -> None:
    problem(desk.post(f"/v1/jobs/{done}/extend", body), 400, "invalid_request")


def test_an_ended_job_can_be_extended_and_deleted(desk: Desk, done: str) -> None:
    assert desk.post(f"/v1/jobs/{done}/extend", {"iterations": 5}).get_json()["state"] == "running"
    assert desk.call("DELETE", f"/v1/jobs/{done}").status_code == 204
    problem(desk.get(f"/v1/jobs/{done}"), 404, "not_found")


def test_frames_come_by_number_and_the_latest(desk: Desk, done: str) -> None:
    for name, number, iteration in (("1", 1, "5"), ("2", 2, "10"), ("latest", 2, "10"), ("002", 2, "10")):
        answer = desk.get(f"/v1/jobs/{done}/frames/{name}")
        assert answer.data == grey(number).pixels.tobytes()
        headers = [answer.headers[f"X-{key}"] for key in ("Image-Width", "Image-Height", "Image-Format", "Iteration")]
        assert headers == ["8", "6", "RGBA8", iteration]


@pytest.mark.parametrize("name", ["3", "0", "-1", "first", "1.0", "²", "9" * 30])
def test_a_frame_that_does_not_exist_is_404(desk: Desk, done: str, name: str) -> None:
    assert "2 frames" in problem(desk.get(f"/v1/jobs/{done}/frames/{name}"), 404, "no_frame")["detail"]


def test_before_the_first_frame_there_is_none_and_no_result(desk: Desk) -> None:
    job = desk.job()
    problem(desk.get(f"/v1/jobs/{job}/frames/latest"), 404, "no_frame")
    problem(desk.get(f"/v1/jobs/{job}/result"), 409, "no_result")


def test_the_result_comes_in_the_form_that_is_accepted(desk: Desk, done: str) -> None:
    raw = grey(200).pixels
    for accept in ("application/octet-stream", "*/*", "", "application/octet-stream, image/png;q=0.5"):
        assert desk.get(f"/v1/jobs/{done}/result", Accept=accept).data == raw.tobytes()
    with Image.open(io.BytesIO(desk.get(f"/v1/jobs/{done}/result", Accept="image/png").data)) as image:
        assert np.array_equal(np.asarray(image), raw)
    problem(desk.get(f"/v1/jobs/{done}/result", Accept="image/jpeg"), 406, "not_acceptable")


def test_a_smaller_picture_can_be_had_for_display(desk: Desk, done: str) -> None:
    answer = desk.get(f"/v1/jobs/{done}/result?max=4")
    assert (answer.headers["X-Image-Width"], answer.headers["X-Image-Height"], len(answer.data)) == ("4", "3", 48)
    problem(desk.get(f"/v1/jobs/{done}/result?max=0"), 400, "invalid_request")
    problem(desk.get(f"/v1/jobs/{done}/result?maximum=4"), 400, "invalid_request")


def test_losses_come_as_json_csv_or_a_plot(desk: Desk, done: str) -> None:
    entry = {"iteration": 1, "scale": 0, "total": 3.0, "content": 1.0, "style": 1.5, "tv": 0.5, "layers": {}}
    (desk.shop.controller.folder(done) / "losses.jsonl").write_text(json.dumps(entry) + "\n")
    path = f"/v1/jobs/{done}/losses"
    assert desk.get(path).get_json() == {"losses": [entry]}
    assert desk.get(path, Accept="text/csv").text.splitlines()[1] == "1,0,3.0,1.0,1.5,0.5"
    assert desk.get(path, Accept="image/png").data.startswith(b"\x89PNG")
    problem(desk.get(path, Accept="audio/ogg"), 406, "not_acceptable")


def test_events_are_numbered_and_continue_after_the_last_one(desk: Desk, done: str) -> None:
    text = desk.get(f"/v1/jobs/{done}/events").text
    blocks = [block.splitlines() for block in text.strip().split("\n\n")]
    assert [block[1] for block in blocks] == [f"event: {n}" for n in ("state", "state", "frame", "frame", "done")]
    assert json.loads(blocks[-1][2].removeprefix("data: ")) == {"state": "done"}
    rest = desk.get(f"/v1/jobs/{done}/events", Last_Event_ID="4").text
    assert rest.startswith("id: 5\nevent: done\n")


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "9" * 13])
def test_a_last_event_that_is_no_number_is_refused(desk: Desk, done: str, number: str) -> None:
    problem(desk.get(f"/v1/jobs/{done}/events", Last_Event_ID=number), 400, "invalid_request")


def test_open_event_streams_are_limited_and_given_back(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(max_event_streams=2)
    job = desk.job()
    path = f"/v1/jobs/{job}/events"
    for _ in range(5):
        desk.call("HEAD", path).close()
    held = [desk.call("GET", path, buffered=False) for _ in range(2)]
    problem(desk.get(path), 429, "too_many")
    held[0].close()
    desk.call("GET", path, buffered=False).close()
    held[1].close()
    assert desk.shop.live(job).log.readers == 0


def test_a_forecast_takes_the_content_or_a_size(desk: Desk) -> None:
    by_size = desk.post("/v1/forecast", {"preset": "ink", "width": 8, "height": 6})
    by_content = desk.post("/v1/forecast", {"preset": "ink", "content": desk.shop.content})
    assert by_size.get_json() == by_content.get_json()
    assert by_size.get_json()["fits"] is True


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({}, 400, "invalid_request"),
        ({"width": 8}, 400, "invalid_request"),
        ({"width": 8, "height": "6"}, 400, "invalid_request"),
        ({"width": 0, "height": 0}, 400, "invalid_image"),
        ({"width": 20_000, "height": 20_000}, 413, "too_large"),
        ({"content": ["x"]}, 400, "invalid_request"),
        ({"content": "f" * 64}, 404, "not_found"),
        ({"width": 8, "height": 6, "deepness": 1}, 400, "invalid_request"),
    ],
)
def test_a_wrong_forecast_is_refused(desk: Desk, more: dict[str, Any], status: int, code: str) -> None:
    problem(desk.post("/v1/forecast", {"preset": "ink", **more}), status, code)


def patch(desk: Desk, job: str, body: Any) -> Any:
    return desk.call("PATCH", f"/v1/jobs/{job}", json=body)


def test_a_live_job_is_changed_and_answers_its_revision(desk: Desk) -> None:
    job = desk.job(live=True)
    answer = patch(desk, job, {"controls": {"strength": 80}, "size": 64})
    assert answer.status_code == 200
    assert (answer.json["live"], answer.json["revision"], answer.json["resting"]) == (True, 1, False)


def test_a_job_that_is_not_live_is_not_changed(desk: Desk) -> None:
    answer = patch(desk, desk.job(), {"size": 64})
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert "live" in answer.json["hint"]


@pytest.mark.parametrize("body", [{}, {"seed": 3}, {"content": None}, {"size": 5}, {"controls": {"volume": 1}}])
def test_a_wrong_change_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    assert patch(desk, desk.job(live=True), body).status_code == 400
