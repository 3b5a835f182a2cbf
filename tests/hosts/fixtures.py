"""Fixtures for tests in the real editors; import them in a `conftest.py`.

Where the editors cannot be had a test is skipped with the reason; where CI=true is set it fails, but not for the newest
editors (NEURAL_STYLE_TEST_EDITORS=newest), whose suites are at times in transition.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.hosts.rig import EditorsUnavailable, Gimp, Krita, ensure_editors


@pytest.fixture(scope="session")
def editors() -> Path:
    """The folder that holds both editors."""
    return editors_or_stop()


def editors_or_stop() -> Path:
    """The folder that holds both editors; without one, end the test as the module's docstring says."""
    try:
        return ensure_editors()
    except EditorsUnavailable as reason:
        must = os.environ.get("CI") == "true" and os.environ.get("NEURAL_STYLE_TEST_EDITORS") != "newest"
        stop = pytest.fail if must else pytest.skip
        stop(f"GIMP and Krita cannot be had here: {reason}")


@pytest.fixture
def gimp(editors: Path, tmp_path: Path) -> Iterator[Gimp]:
    """GIMP with a fresh profile, in which `tmp_path` can be seen."""
    gimp = Gimp(tmp_path / "gimp-profile", shared=[tmp_path])
    yield gimp
    gimp.close()


@pytest.fixture
def krita(editors: Path, tmp_path: Path) -> Iterator[Krita]:
    """Krita with a fresh profile, in which `tmp_path` can be seen."""
    krita = Krita(tmp_path / "krita-profile", shared=[tmp_path])
    yield krita
    krita.close()
    shutil.rmtree(krita.resources, ignore_errors=True)  # 80 MB
