"""Pictures of any small size and any values, for property-based tests."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neural_style_server.pixels import DTYPES, Picture

FORMATS = list(DTYPES)


@st.composite
def pictures(draw: st.DrawFn, *formats: str) -> Picture:
    format = draw(st.sampled_from(formats or FORMATS))
    shape = (draw(st.integers(1, 9)), draw(st.integers(1, 9)), 4)
    finite = {"elements": st.floats(width=32, allow_nan=False, allow_infinity=False)} if format == "RGBAF32" else {}
    return Picture(draw(hnp.arrays(DTYPES[format], shape, **finite)), format)
