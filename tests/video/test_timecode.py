"""Timecodes: which one a later frame has."""

from __future__ import annotations

from fractions import Fraction

import pytest

from neural_style_server.video.timecode import later

NTSC = Fraction(30_000, 1001)


@pytest.mark.parametrize(
    ("code", "frames", "rate", "wanted"),
    [
        ("01:00:00:00", 0, Fraction(25), "01:00:00:00"),
        ("00:59:59:23", 1, Fraction(24), "01:00:00:00"),
        ("23:59:59:24", 1, Fraction(25), "00:00:00:00"),
        ("00:00:59:29", 1, NTSC, "00:01:00:00"),
        ("00:00:59;29", 1, NTSC, "00:01:00;02"),
        ("00:09:59;29", 1, NTSC, "00:10:00;00"),
        ("00:00:00;00", 17_982, NTSC, "00:10:00;00"),
        ("00:00:00;00", 107_892, NTSC, "01:00:00;00"),
        ("00:00:59;59", 1, 2 * NTSC, "00:01:00;04"),
        ("23:59:59;29", 1, NTSC, "00:00:00;00"),
        ("00:00:00;00", 1, Fraction(25), None),
        ("00:00:00:25", 1, Fraction(25), None),
        ("00:61:00:00", 1, Fraction(25), None),
        ("yesterday", 1, Fraction(25), None),
    ],
)
def test_a_later_frame_has_a_later_code(code: str, frames: int, rate: Fraction, wanted: str | None) -> None:
    assert later(code, frames, rate) == wanted


def test_no_code_of_an_hour_is_there_twice() -> None:
    codes = [later("00:00:00;00", frames, NTSC) for frames in range(20_000)]
    assert len(set(codes)) == len(codes) and "00:01:00;00" not in codes and "00:10:00;01" in codes
