"""The calibration is believed only where it can be one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neural_style_server.files import UNREADABLE
from neural_style_server.jobs.forecasting import CALIBRATION_FILE, read_calibration

GOOD = {"place": ["CPU"], "pixels": [4096, 102_400], "seconds": [0.26, 4.4], "device": "cpu", "device_bytes": None}


def test_one_of_today_and_of_version_0_1_0_is_read(tmp_path: Path) -> None:
    for known in (GOOD, {key: value for key, value in GOOD.items() if key != "device"}):
        (tmp_path / CALIBRATION_FILE).write_text(json.dumps(known))
        assert read_calibration(tmp_path) == known


def test_none_is_none(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is None and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *({"pixels": 1}, {"pixels": [5, 5]}, {"pixels": [1]}, {"pixels": [0, 10**400]}, {"pixels": None}),
        *({"seconds": [0, 1]}, {"seconds": [1, float("nan")]}, {"seconds": ["x", 1]}, {"seconds": [1, 1e308]}),
        *({"device": 5}, {"device_bytes": -1}, {"device_bytes": 10**400}, {"device_bytes": "x"}),
    ],
)
def test_one_that_cannot_be_is_set_aside_and_told_once(
    tmp_path: Path, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / CALIBRATION_FILE).write_text(json.dumps({**GOOD, **wrong}))
    for _ in range(3):
        assert read_calibration(tmp_path) is None
    assert len(caplog.records) == 1 and (tmp_path / UNREADABLE / CALIBRATION_FILE).is_file()
