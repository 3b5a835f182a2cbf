"""What of a film's frame is sent, and what need not be."""

from __future__ import annotations

import pytest
from tests.client.fake_daemon import FakeDaemon

from neural_style_client import Pixels, connect
from neural_style_client.drawing import Drawing, DrawnTo, frame_body, is_empty


def grey(level: int) -> Pixels:
    return Pixels(2, 1, "RGBA8", bytes([level, level, level, 255] * 2))


PLAIN = Drawing(grey(10))
MASK, STYLE = grey(1), {"preset": "mosaic"}


@pytest.mark.parametrize(("drawing", "before", "holds"), [
    (PLAIN, None, False),
    (PLAIN, PLAIN, True),
    (PLAIN, Drawing(grey(11)), False),
    (PLAIN, Drawing(grey(10), MASK), False),
    (Drawing(grey(10), MASK), Drawing(grey(10), MASK), True),
    (PLAIN, Drawing(grey(10), options=STYLE), False),
    (Drawing(grey(10), options=STYLE), Drawing(grey(10), options=STYLE), True),
    (PLAIN, Drawing(grey(10), key=grey(99)), True),
    (Drawing(grey(10), key=grey(99)), PLAIN, False),
    (Drawing(grey(10), drawn_to=DrawnTo(grey(99), grey(20), 2)), PLAIN, False),
])  # fmt: skip
def test_a_drawing_is_held_where_nothing_changes(drawing: Drawing, before: Drawing | None, holds: bool) -> None:
    assert drawing.holds(before) is holds


def test_a_key_is_uploaded_without_a_mask(fake_daemon: FakeDaemon) -> None:
    """It is the whole result; and a mask that selects nothing would be refused."""
    body = frame_body(connect(), Drawing(grey(10), MASK, grey(30)))
    assert [fake_daemon.images[body.pop(name)][3] for name in ("content", "key")] == [grey(10).data, grey(30).data]
    assert not body


@pytest.mark.parametrize(("format", "clear", "faint"), [
    ("RGBA8", b"\xff\xff\xff\0", b"\0\0\0\1"),
    ("RGBA16", b"\xff" * 6 + b"\0\0", b"\0" * 6 + b"\0\1"),
    ("RGBAF32", b"\xff" * 12 + b"\0" * 4, b"\0" * 12 + b"\0\0\1\0"),
])  # fmt: skip
def test_what_has_no_alpha_anywhere_is_empty(format: str, clear: bytes, faint: bytes) -> None:
    assert is_empty(Pixels(2, 1, format, clear * 2))
    assert not is_empty(Pixels(2, 1, format, clear + faint))


def test_all_its_pictures_are_uploaded(fake_daemon: FakeDaemon) -> None:
    drawn_to = DrawnTo(grey(99), grey(20), 7)
    drawing = Drawing(grey(10), MASK, None, drawn_to, {"preset": "mosaic", "blend": []}, time=3)
    body = frame_body(connect(), drawing, before=1)
    other = body.pop("drawn_to")
    assert [fake_daemon.images[body.pop(name)][3] for name in ("content", "mask")] == [grey(10).data, MASK.data]
    assert [fake_daemon.images[other.pop(name)][3] for name in ("image", "content")] == [grey(99).data, grey(20).data]
    assert (other, body) == ({"frames": 2}, {"preset": "mosaic", "blend": []})


@pytest.mark.parametrize(("before", "time", "key", "frames"), [(0, 1, 3, 2), (0, 10, 24, 1.4), (10, 12, 24, 6)])
def test_how_far_a_key_is_goes_by_time(
    fake_daemon: FakeDaemon, before: float, time: float, key: float, frames: float
) -> None:
    """In steps as long as the one from the frame before, however long its drawing is held."""
    drawing = Drawing(grey(10), drawn_to=DrawnTo(grey(99), grey(20), key), time=time)
    assert frame_body(connect(), drawing, before)["drawn_to"]["frames"] == pytest.approx(frames)


def test_what_it_does_not_have_is_not_named(fake_daemon: FakeDaemon) -> None:
    assert list(frame_body(connect(), PLAIN)) == ["content"]
