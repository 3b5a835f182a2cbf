"""The daemon's page in the real Chromium, driven by Playwright.

Where Chromium cannot be had a test is skipped with the reason; where CI=true is set it fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.chromium.browser import BrowserUnavailable, ensure_axe, ensure_chromium
from tests.real import RealDaemon

PATIENCE_MS = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.chromium)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # late: the fast tests are collected here, too

    try:
        path = ensure_chromium()
    except BrowserUnavailable as reason:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"Chromium cannot be had here: {reason}")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*flags, "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str | BrowserUnavailable:
    """axe-core's source, or why there is none."""
    try:
        return ensure_axe()
    except BrowserUnavailable as reason:
        return reason


class Painter:
    """Somebody in front of the page. `page` is Playwright's; nothing may go wrong in it unseen."""

    def __init__(self, browser: Any, daemon: RealDaemon, **context: Any) -> None:
        self.daemon = daemon
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, **context)
        self.context.set_default_timeout(PATIENCE_MS)
        self.wrong: list[str] = []
        self.page = self.new_tab()

    def new_tab(self) -> Any:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)
        return page

    def open(self) -> Painter:
        """As `neural-style open` does."""
        self.page.goto(self.daemon.client.url + self.daemon.client.make_page_code()["path"])
        self.page.locator("[role=radio]").first.wait_for()
        return self

    def choose(self, picture: Path) -> None:
        self.page.locator("#file").set_input_files(picture)
        self.page.locator("ns-viewer.filled").wait_for()

    def set_iterations(self, count: int) -> None:
        self.page.get_by_text("More", exact=True).click()
        self.page.get_by_label("Iterations", exact=True).fill(str(count))

    def paint(self) -> str:
        """The new job's id."""
        former = self.page.url
        self.page.get_by_role("button", name="Paint", exact=True).click()
        self.page.wait_for_url(lambda url: "#paint/" in url and url != former)
        return str(self.page.url.rpartition("/")[2])

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name)

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def violations(self, axe: str) -> dict[str, list[str]]:
        """What axe-core finds in the view that is shown: each rule, and the first elements that break it."""
        self.page.evaluate(axe)
        result = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return {it["id"]: [node["html"][:200] for node in it["nodes"]][:3] for it in result["violations"]}

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def painter(browser: Any, daemon: RealDaemon) -> Iterator[Painter]:
    painter = Painter(browser, daemon.warm()).open()
    yield painter
    painter.close()
    for job in daemon.client.jobs():
        daemon.client.delete_job(job["id"])
    assert painter.wrong == []


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.png"
    Image.effect_mandelbrot((96, 64), (-2, -1, 1, 1), 40).convert("RGB").save(path)
    return path
