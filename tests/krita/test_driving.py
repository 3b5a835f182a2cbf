"""A Krita that dies on the way is started again for what it had not got to, and not without end."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.krita.conftest import DRIVERS, MOST_STARTS, Driving, checks_of


@pytest.mark.parametrize(("dies", "starts"), [(0, 1), (1, 2), (99, MOST_STARTS)])
def test_a_driver_runs_once_more_where_krita_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies: int, starts: int
) -> None:
    begun: list[str] = []

    def krita(self: Driving, folder: str, home: Path, **_: str) -> Any:
        begun.append(folder)
        names = checks_of("looks")[: 1 if len(begun) <= dies else None]
        return SimpleNamespace(
            environment={},
            profile=tmp_path / folder,
            resources=tmp_path / folder / "resources",
            log="",
            result=lambda: {"checks": dict.fromkeys(names, "ok")},
            start=lambda *_: SimpleNamespace(wait=lambda timeout: 0),
            close=lambda: None,
        )

    monkeypatch.setattr(Driving, "krita", krita)
    driving, last = Driving(tmp_path), checks_of("looks")[-1]
    for _ in range(MOST_STARTS + 2):
        found = driving.run("looks", tmp_path)
    assert len(set(begun)) == len(begun) == starts
    assert (last in found.result["checks"]) == (dies < MOST_STARTS)


def test_a_check_is_found_however_it_is_decorated_or_made(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "from functools import wraps\nimport driving\nfrom driving import check as checked\nfrom krita import Krita\n"
        "def patient(function):\n    @wraps(function)\n    def again(): yield from function()\n    return again\n"
        "@driving.check\n@patient\ndef one(): yield\n"
        "@checked\n\n\ndef two(): yield Krita.instance()\n"
        "def _make():\n    def three(): yield\n    driving.check(three)\n_make()\n"
        "# @check\n# def four(): yield\n"
    )
    assert checks_of("odd", tmp_path) == ["one", "two", "three"]


def test_every_colour_model_is_a_check() -> None:
    found = checks_of("colours")
    assert len(found) == len(set(found)) == 16
    assert {"rgba_u8_srgb_trc", "laba_f32", "a_linear_gradient_is_neither_darkened_nor_banded"} < set(found)


def test_drivers_take_qt_from_where_either_krita_has_it() -> None:
    found = [path.name for path in DRIVERS.glob("*.py") if "PyQt" in path.read_text(encoding="utf-8")]
    assert found == [], "Krita 6 never starts a driver that imports Krita 5's Qt: take it from rig_driver"
