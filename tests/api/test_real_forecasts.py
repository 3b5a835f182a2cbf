"""The real daemon learns from what it paints, with the real network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.real import QUICK, RealDaemon, calibrate_like, paint

from neural_style_client import Pixels

WIDTH, HEIGHT = 160, 120


@pytest.fixture
def own(tmp_path: Path, daemon: RealDaemon) -> Iterator[RealDaemon]:
    """One that has painted nothing yet, calibrated as the others' is."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    calibrate_like(daemon, home)
    made = RealDaemon(home).warm()
    yield made
    made.end()


def forecast(daemon: RealDaemon) -> Any:
    return daemon.client.forecast({**QUICK, "width": WIDTH, "height": HEIGHT})


def test_jobs_correct_the_next_forecast_also_after_a_restart(own: RealDaemon) -> None:
    before = forecast(own)
    assert before["calibrated"] and before["correction"] == 1
    for shade in (60, 120, 180):
        paint(own.client, Pixels(WIDTH, HEIGHT, "RGBA8", bytes([shade] * 3 + [255]) * (WIDTH * HEIGHT)))
    learned = forecast(own)
    assert learned["correction"] != 1
    assert learned["seconds"] / before["seconds"] == pytest.approx(learned["correction"], rel=0.3)
    own.end()
    own.start()
    assert forecast(own)["correction"] == learned["correction"]
