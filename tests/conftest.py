"""One real daemon for all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from tests.real import RealDaemon

settings.register_profile("busy", deadline=None)  # a shared machine may take its time over an example
settings.load_profile("busy")


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealDaemon]:
    """Answering, though perhaps not warm yet."""
    real = RealDaemon(tmp_path_factory.mktemp("real") / "home")
    yield real
    real.end()
