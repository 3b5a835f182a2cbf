"""Prometheus reads what the daemon counts, from this computer, and nothing in it tells of anybody's pictures."""

from __future__ import annotations

import subprocess
import sys

from prometheus_client.parser import text_string_to_metric_families
from tests.api.conftest import TOKEN, Desk, problem
from tests.api.people import Person

from neural_style_server.jobs.messages import Ended

Numbers = dict[tuple[str, str], float]


def read(desk: Desk) -> Numbers:
    answer = desk.bare.get("/metrics")
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain")
    return {
        (sample.name.removeprefix("neural_style_"), "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_parser_reads_what_was_done(desk: Desk) -> None:
    done, failed = desk.job(client="a"), desk.job(client="b")
    queued = desk.job(client="c")
    worker = desk.shop.worker
    assert read(desk)["jobs", "queued"] == 1
    worker.progress(done, iteration=10)
    worker.progress(done, iteration=25)
    desk.call("POST", f"/v1/jobs/{queued}/cancel")
    worker.done(done)
    worker.end_run(worker.run_of(failed), "failed", error={"code": "diverged", "detail": "x", "hint": "y"})
    desk.get("/v1/jobs/none")
    found = read(desk)
    assert found["jobs", "done"] == found["jobs", "failed"] == found["jobs", "cancelled"] == 1
    assert found["jobs", "queued"] == found["jobs", "paused"] == 0
    assert found["workers", "ready"] == 1
    assert found["iterations_total", "fake"] == 25
    ended = {label: number for (name, label), number in found.items() if name == "jobs_ended_total"}
    assert ended == {"done": 1, "failed": 1, "cancelled": 1}
    assert found["job_errors_total", "diverged"] == 1
    assert found["problems_total", "not_found"] == 1
    for stage in ("waiting", "preparing", "painting", "saving"):
        assert found["stage_seconds_total", stage] >= 0
    assert found["memory_bytes", "daemon"] > 1 << 20


def test_iterations_of_a_live_picture_that_begins_anew_are_counted(desk: Desk) -> None:
    job = desk.job(live=True)
    for iteration in (10, 20, 5):
        desk.shop.worker.progress(job, iteration=iteration)
    assert read(desk)["iterations_total", "fake"] == 25


def test_style_targets_that_were_in_the_cache_are_counted(desk: Desk) -> None:
    first, second = desk.job(client="a"), desk.job(client="b")
    worker = desk.shop.worker
    for job, hits, misses in ((first, 0, 3), (second, 2, 1)):
        run = worker.run_of(job)
        worker.say(Ended(id=run, state="done", cache_hits=hits, cache_misses=misses))
    found = read(desk)
    assert (found["targets_total", "hit"], found["targets_total", "miss"]) == (2, 4)


def test_pictures_that_are_known_already_are_counted_and_another_s_is_not_known(desk: Desk) -> None:
    before = read(desk)
    for number in range(3):
        Person(desk, f"user-{number}").upload(77)
    desk.upload(bytes(32), 4, 2)
    desk.upload(bytes(32), 4, 2)
    after = read(desk)
    assert after["uploads_total", "new"] - before["uploads_total", "new"] == 4
    assert after["uploads_total", "known"] - before.get(("uploads_total", "known"), 0) == 1


def test_only_this_computer_and_the_owner_read_it(desk: Desk) -> None:
    anna = Person(desk, "anna")
    away = {"REMOTE_ADDR": "192.0.2.7"}
    problem(desk.bare.get("/metrics", environ_base=away), 401, "unauthorised")
    assert desk.bare.get("/metrics", environ_base=away, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    problem(anna.get("/metrics"), 403, "owner_only")
    problem(desk.bare.get("/metrics", headers={"Host": "evil.example"}), 403, "wrong_host")
    problem(desk.bare.get("/metrics", headers={"Origin": "https://evil.example"}), 403, "wrong_origin")


def test_it_names_nobody(desk: Desk) -> None:
    anna = Person(desk, "anna")
    job = anna.job()
    text = desk.bare.get("/metrics").text
    assert "anna" not in text and job not in text and "gimp" not in text


def test_a_daemon_that_nobody_asks_does_not_load_the_package() -> None:
    script = "import sys, neural_style_server.api.daemon; assert 'prometheus_client' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
