"""One real daemon for all tests that need one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.real import RealDaemon

# No deadline: a shared machine may take its time over an example. In CI the same examples every time, so that a red
# run speaks of the change before it; at a desk new ones each time, which is how new faults are found.
settings.register_profile("busy", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("busy")


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDaemon]:
    """Answering, though perhaps not warm yet."""
    real = RealDaemon(tmp_path_factory.mktemp("real") / "home")
    yield real
    real.end()
