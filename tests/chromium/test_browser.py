"""Who cannot have Chromium is told why."""

from __future__ import annotations

import os
import shutil

import pytest
from tests.chromium.browser import BrowserUnavailable, ensure_chromium, find_chromium
from tests.hosts import debian


@pytest.mark.parametrize(("user", "apt"), [(1000, "/usr/bin/apt-get"), (0, None)])
def test_nobody_installs_what_he_may_not(monkeypatch: pytest.MonkeyPatch, user: int, apt: str | None) -> None:
    monkeypatch.delenv("NEURAL_STYLE_TEST_CHROMIUM", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda name: apt if name == "apt-get" else None)
    monkeypatch.setattr(debian.subprocess, "run", lambda *_, **__: pytest.fail("nothing may be run"))
    with pytest.raises(BrowserUnavailable, match="only root"):
        ensure_chromium()


def test_another_one_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_STYLE_TEST_CHROMIUM", "/opt/chrome")
    assert find_chromium() == "/opt/chrome"
