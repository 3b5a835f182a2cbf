"""One real daemon for all tests that need one; and no search for garbage among what the tests have imported."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.real import RealDaemon

# No deadline: a shared machine may take its time over an example. In CI the same examples every time, so that a red run
# speaks of the change before it; at a desk new ones each time; at night (`make nightly`) many more, from everywhere.
NIGHTLY = "NEURAL_STYLE_NIGHTLY" in os.environ
settings.register_profile("busy", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("nightly", deadline=None, derandomize=False, max_examples=1000)
settings.load_profile("nightly" if NIGHTLY else "busy")


def pytest_collection_finish() -> None:
    """All that has been imported and collected stays to the end: half a million objects, a sixth of a second each time.

    Tests and the engine collect garbage often, to see or give back memory.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDaemon]:
    """Answering, though perhaps not warm yet."""
    real = RealDaemon(tmp_path_factory.mktemp("real") / "home")
    yield real
    real.end()
