"""What jobs teach about forecasts: by hand where it can be counted, and for all numbers where it must hold."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_style_server.files import UNREADABLE
from neural_style_server.jobs import corrections as corrections_module
from neural_style_server.jobs.corrections import (
    CORRECTIONS_FILE,
    HIGHEST,
    KEPT,
    LOWEST,
    Corrections,
    Lesson,
    mark_of,
)

CALIBRATION = {"place": ["CPU, 2 threads (float32)"], "pixels": [4096, 102_400], "seconds": [0.07, 1.1]}
MARK = mark_of(CALIBRATION)
LOSS = "neighbours"


def taught(home: Path, *ratios: float, loss: str = LOSS, tile: int | None = None) -> Corrections:
    """By one job after the other, each of which took so many times what was foretold."""
    found = Corrections(home)
    for number, ratio in enumerate(ratios):
        found.learn(f"{number:016x}", loss, tile, Lesson(MARK, took=10 * ratio, expected=10.0))
    return found


def factor(home: Path, *ratios: float) -> float:
    return taught(home, *ratios).factor(MARK, LOSS, None)


@pytest.mark.parametrize(
    ("ratios", "wanted"),
    [
        ([], 1.0),
        ([1.44], 1.2),  # between the calibration's 1 and the job's
        ([1.44, 1.5], 1.44),  # of 1, 1.44 and 1.5
        ([1.5, 1.44, 1.3], 1.44),
        ([1.2, 1.5, 1.3, 1.4], math.sqrt(1.3 * 1.4)),
        ([9.0, 9.0, 9.0, 1.0, 1.1, 1.2, 1.3, 1.4], 1.2),  # of the latest five
        ([0.5, 0.6, 0.7], 0.6),
        ([100.0, 100.0, 100.0], HIGHEST),
        ([1e-9, 1e-9, 1e-9], LOWEST),
    ],
)
def test_the_median_of_the_latest_jobs_counts(tmp_path: Path, ratios: list[float], wanted: float) -> None:
    assert factor(tmp_path, *ratios) == pytest.approx(wanted)


@pytest.mark.parametrize("place", range(6))
def test_one_job_that_was_disturbed_changes_little(tmp_path: Path, place: int) -> None:
    """A computer that slept meanwhile: whenever it was, two jobs later forecasts are right to a tenth."""
    usual = [1.3, 1.28, 1.33, 1.31, 1.29]
    ratios = [*usual[:place], 500.0, *usual[place:]][: max(3, place + 1)]
    assert factor(tmp_path, *ratios) == pytest.approx(1.3, rel=0.1)


def test_a_slower_machine_is_known_after_three_jobs(tmp_path: Path) -> None:
    before = [1.0] * KEPT
    assert factor(tmp_path, *before, 1.5, 1.5) == 1.0
    assert factor(tmp_path, *before, 1.5, 1.5, 1.5) == 1.5


def test_a_job_teaches_once_however_often_it_is_told(tmp_path: Path) -> None:
    """After each scale, and at its end: the later lesson takes the place of the former."""
    found = taught(tmp_path, 1.1, 1.1, 1.1)
    for ratio in (3.0, 2.0, 1.2):
        found.learn("f" * 16, LOSS, None, Lesson(MARK, ratio, 1.0))
    assert found.factor(MARK, LOSS, None) == pytest.approx(1.1)
    found.save()
    kept = json.loads((tmp_path / CORRECTIONS_FILE).read_text())["ratios"][f"{LOSS} whole"]
    assert list(kept.values()) == [1.1, 1.1, 1.1, 1.2]


def test_each_path_has_its_own_and_a_new_one_that_of_the_others(tmp_path: Path) -> None:
    found = taught(tmp_path, 1.5, 1.5, 1.5)
    assert found.factor(MARK, LOSS, 512) == found.factor(MARK, "gram", None) == 1.5
    for job in "abc":
        found.learn(job * 16, LOSS, 512, Lesson(MARK, 0.8, 1.0))
    assert (found.factor(MARK, LOSS, None), found.factor(MARK, LOSS, 768)) == (1.5, 0.8)
    assert found.factor(MARK, "gram", None) == pytest.approx(math.sqrt(1.5 * 0.8))


@pytest.mark.parametrize(
    "change",
    [
        {"place": ["CPU, 4 threads (float32)"]},
        {"place": ["H200 (bfloat16)"]},
        {"seconds": [0.07, 1.2]},
        {"device": "cuda"},
    ],
)
def test_another_calibration_begins_anew(tmp_path: Path, change: dict[str, Any]) -> None:
    found, other = taught(tmp_path, 1.5, 1.5, 1.5), mark_of({**CALIBRATION, **change})
    assert found.factor(other, LOSS, None) == found.factor(None, LOSS, None) == 1.0
    found.learn("a" * 16, LOSS, None, Lesson(other, 1.21, 1.0))
    assert found.factor(other, LOSS, None) == pytest.approx(1.1)
    assert found.factor(MARK, LOSS, None) == 1.0


def test_another_version_of_the_program_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = taught(tmp_path, 1.5, 1.5, 1.5)
    monkeypatch.setattr(corrections_module, "__version__", "99.0.0")
    assert found.factor(mark_of(CALIBRATION), LOSS, None) == 1.0


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf, -math.inf])
def test_times_that_cannot_be_teach_nothing(tmp_path: Path, wrong: float) -> None:
    found = taught(tmp_path, 1.2, 1.2, 1.2)
    for lesson in (Lesson(MARK, wrong, 1.0), Lesson(MARK, 1.0, wrong), Lesson(None, 2.0, 1.0)):
        found.learn("a" * 16, LOSS, None, lesson)
    lesson = Lesson(MARK, 3.0, 2.0)
    lesson.add(wrong, 1.0)
    lesson.add(1.0, wrong)
    assert lesson == Lesson(MARK, 3.0, 2.0)
    found.learn("a" * 16, "unheard of", None, lesson)
    found.save()
    assert Corrections(tmp_path).factor(MARK, LOSS, None) == 1.2


TIMES = st.floats(allow_nan=True, allow_infinity=True)
RATIOS = st.floats(1e-6, 1e6)


@given(st.lists(st.tuples(TIMES, TIMES, st.sampled_from(["neighbours", "gram"]), st.sampled_from([None, 512]))))
@settings(max_examples=200, deadline=None)
def test_the_factor_is_bounded_whatever_is_told(tmp_path_factory: pytest.TempPathFactory, told: Any) -> None:
    home = tmp_path_factory.mktemp("home")
    found = Corrections(home)
    for number, (took, expected, loss, tile) in enumerate(told):
        found.learn(f"{number:016x}", loss, tile, Lesson(MARK, took, expected))
        assert LOWEST <= found.factor(MARK, LOSS, None) <= HIGHEST
    found.save()
    again = Corrections(home)
    for loss, tile in itertools.product(("neighbours", "gram"), (None, 512)):
        assert again.factor(MARK, loss, tile) == found.factor(MARK, loss, tile)
    assert not (home / UNREADABLE).exists()


@given(st.lists(RATIOS, max_size=8), st.permutations([0.7, 1.1, 1.6]))
@settings(max_examples=100, deadline=None)
def test_the_order_in_which_jobs_end_does_not_matter(before: list[float], ending: list[float]) -> None:
    home = Path("never-written")
    assert factor(home, *before, *ending) == factor(home, *before, 0.7, 1.1, 1.6)


@given(st.lists(RATIOS, min_size=3, max_size=9))
@settings(max_examples=100, deadline=None)
def test_the_factor_is_among_what_the_latest_jobs_took(ratios: list[float]) -> None:
    latest = [min(HIGHEST, max(LOWEST, ratio)) for ratio in ratios[-KEPT:]]
    found = factor(Path("never-written"), *ratios)
    assert min(latest) * (1 - 1e-9) <= found <= max(latest) * (1 + 1e-9)


# What is kept


def test_what_was_learned_outlives_the_daemon(tmp_path: Path) -> None:
    taught(tmp_path, 1.2, 1.3, 1.4).save()
    found = Corrections(tmp_path)
    assert found.factor(MARK, LOSS, None) == 1.3
    found.learn("a" * 16, LOSS, None, Lesson(MARK, 1.3, 1.0))
    assert found.factor(MARK, LOSS, None) == pytest.approx(1.3)


def test_nothing_learned_writes_nothing(tmp_path: Path) -> None:
    Corrections(tmp_path).save()
    assert list(tmp_path.iterdir()) == []
    taught(tmp_path, 1.2).save()
    (tmp_path / CORRECTIONS_FILE).unlink()
    found = Corrections(tmp_path)
    found.save()
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_is_tried_again(tmp_path: Path) -> None:
    home = tmp_path / "gone"
    found = taught(home, 1.2, 1.2, 1.2)
    found.save()
    assert found.factor(MARK, LOSS, None) == 1.2
    home.mkdir()
    found.save()
    assert Corrections(home).factor(MARK, LOSS, None) == 1.2


GOOD = {"calibration": MARK, "ratios": {"neighbours whole": {"0" * 16: 1.5, "1" * 16: 1.5, "2" * 16: 1.5}}}


def ratios_of(found: Any) -> dict[str, Any]:
    return {"ratios": {"neighbours whole": found}}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"calibration": None}, {"calibration": "x"}, {"ratios": None}, {"ratios": {"sung whole": {"0" * 16: 1.0}}}),
        *(ratios_of(value) for value in ([], {}, {"x": 1.0}, {"0" * 16: "1.5"}, {"0" * 16: True})),
        *(ratios_of({"0" * 16: value}) for value in (0, -1, HIGHEST + 0.1, LOWEST - 0.01, math.nan, math.inf, 10**400)),
        ratios_of({f"{number:016x}": 1.0 for number in range(KEPT + 1)}),
        {"more": 1},
    ],
)
def test_a_file_that_cannot_be_is_set_aside_and_told_once(
    tmp_path: Path, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / CORRECTIONS_FILE
    path.write_text(json.dumps(GOOD))
    assert Corrections(tmp_path).factor(MARK, LOSS, None) == 1.5
    path.write_text(json.dumps({**GOOD, **wrong}))
    for _ in range(3):
        assert Corrections(tmp_path).factor(MARK, LOSS, None) == 1.0
    assert len([each for each in caplog.records if each.levelname == "ERROR"]) == 1
    assert (tmp_path / UNREADABLE / CORRECTIONS_FILE).is_file()
