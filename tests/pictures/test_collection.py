"""Two hundred files: right colours by value and upright, or one plain sentence. `make nightly` reads all of them."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
from tests.pictures.collection import collection
from tests.pictures.samples import Sample

from neural_style_server.errors import ImageError, TooLarge
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.pixels import eight_bits

SAMPLED = 6
"""One of so many is read every time."""

ALL = list(collection())
NIGHTLY = bool(os.environ.get("NEURAL_STYLE_NIGHTLY"))
CHOSEN = ALL if NIGHTLY else ALL[::SAMPLED]
DAMAGES = 25 if NIGHTLY else 3


def test_they_are_two_hundred() -> None:
    assert len(ALL) >= 200


@pytest.mark.parametrize("name", CHOSEN)
def test_a_file_shows_its_colours_or_says_why_not(name: str) -> None:
    sample = collection()[name]
    if sample.shown is None:
        with pytest.raises(ImageError) as refused:
            read_picture_file(sample.data, 10**6)
        assert sample.said in refused.value.detail and "0x" not in refused.value.detail
        assert refused.value.detail.endswith(".") and "\n" not in refused.value.detail
        return
    found = read_picture_file(sample.data, 10**6)
    _compare(sample, eight_bits(found.picture).pixels)
    assert any(sample.said in note for note in found.notes) if sample.said else not found.notes


@pytest.mark.parametrize("name", CHOSEN)
def test_what_is_left_of_a_damaged_file_is_read_or_refused_in_a_sentence(name: str) -> None:
    chance = random.Random(name)
    for _ in range(DAMAGES):
        damaged = bytearray(collection()[name].data)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(min(len(damaged), chance.choice((300, 10**9))))] = chance.choice((0, 255, 1, 127))
        try:
            found = read_picture_file(bytes(damaged), 10**6).picture
        except (ImageError, TooLarge) as error:
            assert "0x" not in error.detail and "\n" not in error.detail
        else:
            assert found.pixels.shape == (found.height, found.width, 4)


def _compare(sample: Sample, found: np.ndarray) -> None:
    assert sample.shown is not None
    shown = np.asarray(sample.shown, float)
    if shown.shape[-1] == 3:
        shown = np.dstack([shown, np.full(shown.shape[:2], 255.0)])
    assert found.shape == shown.shape
    difference = np.abs(found - shown)
    seen = shown[..., 3] > 60  # the colours of what hardly shows are packed roughly
    assert difference[..., 3].max() <= sample.tolerance
    assert not seen.any() or difference[seen].max() <= sample.tolerance
