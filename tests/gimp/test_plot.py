"""The loss curve as a picture, without GTK."""

from __future__ import annotations

import pytest

from ui import plot


def test_a_falling_loss_is_a_falling_curve() -> None:
    curve = plot.heights([(0, 1000.0), (10, 10.0), (20, 1.0)], 21, 100)
    assert len(curve) == 21
    assert curve == sorted(curve)
    assert (curve[0], curve[20]) == (0, 99)
    assert curve[10] == pytest.approx(99 * 2 / 3)


def test_no_curve_from_a_single_loss() -> None:
    assert plot.heights([(0, 5.0)], 20, 10) == []
    assert len(plot.picture([(0, 5.0)], 20, 10, (1, 2, 3))) == 800


def test_a_steady_loss_is_a_curve_too() -> None:
    picture = plot.picture([(0, 5.0), (9, 5.0)], 20, 30, (200, 100, 0))
    assert max(picture[3::4]) > 150
    assert set(zip(picture[0::4], picture[1::4], picture[2::4], strict=True)) == {(200, 100, 0)}
