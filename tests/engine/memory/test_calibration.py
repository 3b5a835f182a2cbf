from __future__ import annotations

import pytest

from neural_style_server.engine.memory import calibration
from neural_style_server.engine.memory.duration import iteration_seconds
from neural_style_server.engine.vgg import Network


def test_a_calibration_is_what_forecasts_read(tiny_vgg: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(calibration.SIDES, "cpu", (32, 48))
    found = calibration.measure(tiny_vgg)
    assert found["pixels"] == [1024, 2304]
    assert all(seconds > 0 for seconds in found["seconds"])
    assert iteration_seconds(10_000, found) > 0
