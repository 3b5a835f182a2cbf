"""Jobs of a shop teach how long the next ones take: the way from a worker's progress to the next forecast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.jobs.conftest import write_preset
from tests.jobs.fakes import FakeWorker, Shop

from neural_style_server.files import write_json
from neural_style_server.jobs.corrections import CORRECTIONS_FILE, mark_of
from neural_style_server.jobs.forecasting import CALIBRATION_FILE
from neural_style_server.jobs.run_reports import LEAST_SHARE
from neural_style_server.jobs.sequence_spec import SequenceFrameSpec, SequenceSpec
from neural_style_server.jobs.sheets import Sheets
from neural_style_server.jobs.spec import JobSpec, SheetSpec
from neural_style_server.presets.library import Library, Source
from neural_style_server.validation import validate

CALIBRATION = {"place": ["CPU"], "pixels": [4096, 102_400], "seconds": [0.07, 1.1], "device": "cpu"}
BODY = {"content": "0" * 64, "preset": "ink"}
Open = Callable[..., Shop]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name in ("ink", "chalk", "pen"):
        write_preset(tmp_path / "built-in" / name)
    return Library([Source("built-in", tmp_path / "built-in")])


@pytest.fixture
def open_measured(open_shop: Open, tmp_path: Path) -> Open:
    """Shops whose machine is measured; the first worker's device is that one."""

    def make(workers: int = 1, **options: Any) -> Shop:
        shop = open_shop(**options)
        write_json(tmp_path / "home" / CALIBRATION_FILE, CALIBRATION)
        shop.all.status._pool.ensure(workers)
        for number, worker in enumerate(shop.workers):
            worker.ready(calibration=None if number else mark_of(CALIBRATION))
        return shop

    return make


def forecast(shop: Shop, **more: Any) -> dict[str, Any]:
    return shop.controller.forecast(validate(JobSpec, {**BODY, **more}), 512, 384)


def paint(shop: Shop, ratio: float, worker: FakeWorker | None = None, *, share: float = 1.0) -> str:
    """A job that ends after this share of it, and takes so many times what the calibration foretells."""
    job, worker = shop.submit(), worker or shop.worker
    tell(shop, job, ratio, worker, share=share)
    worker.done(job)
    shop.settle()
    return job


def tell(shop: Shop, job: str, ratio: float, worker: FakeWorker, *, share: float = 1.0, **more: Any) -> None:
    known = shop.job(job)["forecast"]
    expected = share * known["seconds"] / known["correction"]
    worker.progress(job, took=ratio * expected, expected=expected, **more)


def test_jobs_correct_the_next_forecast_and_all_that_is_said_of_it(open_measured: Open) -> None:
    shop = open_measured()
    before = forecast(shop)
    assert before["calibrated"] and before["correction"] == 1.0
    for _ in range(3):
        paint(shop, 1.5)
    after = forecast(shop)
    assert after["correction"] == 1.5
    assert after["seconds"] == pytest.approx(1.5 * before["seconds"], rel=0.1)
    assert after["bytes"] == before["bytes"]
    job = shop.submit()
    assert shop.job(job)["forecast"]["correction"] == 1.5


def test_what_was_learned_outlives_the_daemon(open_measured: Open, tmp_path: Path) -> None:
    shop = open_measured()
    paint(shop, 1.44)
    shop.close()
    assert (tmp_path / "home" / CORRECTIONS_FILE).is_file()
    assert forecast(open_measured())["correction"] == 1.2


def test_clients_do_not_hear_how_it_is_learned(open_measured: Open) -> None:
    shop = open_measured()
    job = shop.submit()
    shop.worker.progress(job, took=1.0, expected=1.0)
    (told,) = (data for name, data in shop.told(job) if name == "progress")
    assert not {"took", "expected"} & set(told)


def test_a_completed_scale_teaches_before_the_job_ends(open_measured: Open) -> None:
    shop = open_measured()
    job = shop.submit()
    tell(shop, job, 1.44, shop.worker, share=0.9 * LEAST_SHARE, scale=0)
    tell(shop, job, 1.44, shop.worker, share=LEAST_SHARE, scale=1)
    assert forecast(shop)["correction"] == 1.0  # the first scale alone is unlike the rest
    tell(shop, job, 1.44, shop.worker, share=0.1, scale=2)
    assert forecast(shop)["correction"] == 1.2
    tell(shop, job, 1.96, shop.worker, share=100.0, scale=2)
    shop.worker.done(job)
    shop.settle()
    assert forecast(shop)["correction"] == pytest.approx(1.4, rel=0.01)


@pytest.mark.parametrize("end", ["cancelled", "failed", "paused"])
def test_a_job_that_is_stopped_teaches_by_what_it_painted(open_measured: Open, end: str) -> None:
    shop = open_measured()
    for share in (0.5 * LEAST_SHARE, 2 * LEAST_SHARE):
        job = shop.submit()
        tell(shop, job, 1.44, shop.worker, share=share)
        shop.worker.end_run(shop.worker.run_of(job), end, error={"code": "x"} if end == "failed" else None)
        shop.settle()
        assert forecast(shop)["correction"] == (1.0 if share < LEAST_SHARE else 1.2)


def test_what_another_run_was_beside_is_left_out(open_measured: Open) -> None:
    """Two clients share a worker: while both have a run, neither's iterations count; nor does the one in which the
    other came or went."""
    shop = open_measured()
    first = shop.submit("first")
    tell(shop, first, 1.0, shop.worker, share=0.5)
    second = shop.submit("second")
    tell(shop, first, 9.0, shop.worker)
    tell(shop, second, 9.0, shop.worker)
    tell(shop, first, 9.0, shop.worker)
    shop.worker.done(second)
    shop.settle()
    tell(shop, first, 9.0, shop.worker)
    assert forecast(shop)["correction"] == 1.0
    tell(shop, first, 1.88, shop.worker, share=0.5)
    shop.worker.done(first)
    shop.settle()
    assert forecast(shop)["correction"] == 1.2  # the root of (1 + 1.88) / 2


def test_the_order_in_which_two_jobs_end_does_not_matter(open_shop: Open, open_measured: Open) -> None:
    found = []
    for order in ((0, 1), (1, 0)):
        shop = open_measured()
        jobs = []
        for client, ratio in (("one", 1.2), ("two", 1.6)):
            jobs.append(shop.submit(client))
            tell(shop, jobs[-1], ratio, shop.worker)
            shop.live(jobs[-1]).lesson.shared = False
            tell(shop, jobs[-1], ratio, shop.worker)
        for place in order:
            shop.worker.done(jobs[place])
        shop.settle()
        found.append(forecast(shop)["correction"])
        shop.close()
        (shop.home / CORRECTIONS_FILE).unlink()
    assert found[0] == found[1] == 1.2


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_times_that_cannot_be_teach_nothing(open_measured: Open, wrong: float) -> None:
    shop = open_measured()
    job = shop.submit()
    shop.worker.progress(job, took=wrong, expected=1e6)
    shop.worker.progress(job, took=1e6, expected=wrong)
    shop.worker.done(job)
    shop.settle()
    assert forecast(shop)["correction"] == 1.0


def test_only_the_device_that_was_measured_teaches(open_measured: Open) -> None:
    shop = open_measured(workers=2, devices=2)
    shop.submit("one"), shop.submit("two")
    measured, other = shop.workers
    (own,), (job,) = measured.painting(), other.painting()
    measured.done(own)
    shop.settle()
    for _ in range(3):
        tell(shop, job, 3.0, other)
    other.done(job)
    shop.settle()
    assert forecast(shop)["correction"] == 1.0


def test_a_machine_that_is_measured_anew_forgets(open_measured: Open, tmp_path: Path) -> None:
    shop = open_measured()
    paint(shop, 1.44)
    write_json(tmp_path / "home" / CALIBRATION_FILE, {**CALIBRATION, "place": ["CPU, 4 threads"]})
    assert forecast(shop)["correction"] == 1.0


def test_tiles_are_another_path(open_measured: Open) -> None:
    shop = open_measured()
    for ratio, tile in ((1.5, None), (0.8, 512)):
        for _ in range(3):
            job = shop.submit()
            shop.worker.progress(job, tile=tile)
            tell(shop, job, ratio, shop.worker, tile=tile)
            shop.worker.done(job)
            shop.settle()
    assert forecast(shop)["correction"] == 1.5
    assert shop.all.corrections.factor(mark_of(CALIBRATION), "neighbours", 512) == 0.8


def test_a_live_picture_teaches_nothing(open_measured: Open) -> None:
    shop = open_measured()
    job = shop.submit(live=True)
    tell(shop, job, 3.0, shop.worker)
    shop.worker.rest(job, 0)
    shop.settle()
    assert forecast(shop)["correction"] == 1.0


def test_jobs_that_wait_follow(open_measured: Open) -> None:
    shop = open_measured()
    first, *waiting = [shop.submit() for _ in range(3)]
    before = shop.job(first)["forecast"]
    tell(shop, first, 1.44, shop.worker)
    shop.worker.done(first)
    shop.settle()
    assert shop.job(first)["forecast"] == before
    for job in waiting:
        after = shop.job(job)["forecast"]
        assert after["correction"] == 1.2
        assert after["seconds"] == pytest.approx(1.2 * before["seconds"], abs=0.01)


@pytest.mark.parametrize("of", ["sheet", "film"])
def test_what_is_left_of_a_sheet_and_of_a_film_follows(open_measured: Open, of: str) -> None:
    """Each of three pictures; when the first is done, two are left, and take 1.2 times what was foretold."""
    shop = open_measured()
    sheets, sequences = Sheets(shop.controller, shop.library, shop.images), shop.all.sequences
    if of == "sheet":
        made = sheets.start(validate(SheetSpec, {"content": shop.content, "presets": ["ink", "chalk", "pen"]}))
    else:
        made = sequences.start(SequenceSpec(preset="ink"))
        for _ in range(3):
            sequences.add_frame(made["id"], SequenceFrameSpec(content=shop.content))
    view = sheets.view if of == "sheet" else sequences.view
    foretold = [job["forecast"]["seconds"] for job in reversed(shop.controller.jobs())]
    assert view(made["id"])["eta"] == pytest.approx(sum(foretold), abs=0.1)
    (job,) = shop.worker.painting()
    tell(shop, job, 1.44, shop.worker)
    shop.worker.done(job)
    shop.settle()
    left = view(made["id"])["eta"]
    (painted,) = shop.worker.painting()
    assert shop.job(painted)["forecast"]["correction"] == 1.2
    assert left == pytest.approx(1.2 * sum(foretold[1:]), abs=0.1)
