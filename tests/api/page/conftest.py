from __future__ import annotations

import pytest
from tests.api.conftest import Desk, desk, open_desk, served  # noqa: F401
from tests.api.page.visitor import Visitor


@pytest.fixture
def visitor(desk: Desk) -> Visitor:  # noqa: F811
    """With a session."""
    return Visitor(desk).enter()


@pytest.fixture
def stranger(desk: Desk) -> Visitor:  # noqa: F811
    """Without one."""
    return Visitor(desk)
