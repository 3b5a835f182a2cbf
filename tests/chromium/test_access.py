"""Everybody can use the page: axe-core's rules, in both themes, and what it loads."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tests.chromium.browser import BrowserUnavailable
from tests.chromium.conftest import Painter

UNNAMED = """() => [...document.querySelectorAll("button, a[href], input, select, [role=slider], [role=radio]")]
    .filter((each) => each.checkVisibility() && !(each.getAttribute("aria-label") || each.labels?.length
        || each.textContent.trim() || each.title))
    .map((each) => each.outerHTML)"""


def show_all(painter: Painter, photo: Path, look: Any) -> None:
    """`look(view)` at every view with something in it."""
    page = painter.page
    look("empty")
    painter.choose(photo)
    for summary in page.locator("#order summary").all():
        if summary.evaluate("summary => !summary.parentElement.open"):
            summary.click()
    page.get_by_label("Iterations", exact=True).fill("3")
    painter.button("Add a region").click()
    look("regions")
    painter.paint()
    painter.see("Finished ·")
    page.get_by_role("button", name="Compare before and after").click()
    look("paint")
    page.get_by_role("link", name="Losses").click()
    page.locator("polyline.curve").nth(3).wait_for()
    look("watch")
    page.get_by_role("link", name="Presets").click()
    page.locator("#preset-list li").first.wait_for()
    look("presets")
    page.locator("#painting-file").set_input_files(photo)
    page.get_by_role("slider", name="Left edge").press("PageDown")
    look("crop")
    painter.button("Copy and edit Crayon").click()
    page.locator(".setting").first.wait_for()
    look("editor")
    page.get_by_role("link", name="Health").click()
    page.locator("#findings li").first.wait_for()
    look("health")
    painter.daemon.client.delete_preset("my-crayon")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_every_view(
    painter: Painter, photo: Path, axe: str | BrowserUnavailable, scheme: str
) -> None:
    page = painter.page
    page.emulate_media(color_scheme=scheme)
    found: dict[str, Any] = {}

    def look(view: str) -> None:
        assert page.evaluate(UNNAMED) == []
        if isinstance(axe, str):
            found.update({f"{view}: {rule}": nodes for rule, nodes in painter.violations(axe).items()})
        if folder := os.environ.get("NEURAL_STYLE_TEST_SHOTS"):
            page.screenshot(path=Path(folder) / f"{scheme}-{view}.png")

    show_all(painter, photo, look)
    assert found == {}
    if not isinstance(axe, str):
        pytest.skip(f"names were checked, but axe-core cannot be had here: {axe}")


def test_what_happens_is_told_to_screen_readers(painter: Painter, photo: Path) -> None:
    said = """() => {
        const line = document.getElementById("announcer");
        window.said = [];
        new MutationObserver(() => window.said.push(line.textContent))
            .observe(line, {childList: true, characterData: true, subtree: true});
    }"""
    painter.page.evaluate(said)
    painter.choose(photo)
    painter.set_iterations(2)
    painter.paint()
    painter.see("Finished ·")
    told = painter.page.evaluate("window.said")
    assert told[:2] == ["The picture has 96 × 64 pixels.", "Painting has begun."]
    assert told[-1] == "Finished"


def test_nothing_moves_while_the_page_loads(painter: Painter) -> None:
    painter.page.reload()
    painter.page.locator("[role=radio]").first.wait_for()
    shift = """() => new Promise((done) => new PerformanceObserver((list) =>
        done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
        .observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""
    assert painter.page.evaluate(shift) < 0.02


def test_javascript_off_lists_the_jobs(browser: Any, painter: Painter, photo: Path) -> None:
    painter.choose(photo)
    painter.set_iterations(2)
    painter.paint()
    painter.see("Finished ·")
    plain = Painter(browser, painter.daemon, java_script_enabled=False)
    plain.page.goto(painter.daemon.client.url + painter.daemon.client.make_page_code()["path"])
    line = plain.page.locator("noscript li")
    assert "96 × 64: finished, iteration 2 of 2" in (line.text_content() or "")
    assert line.bounding_box()
    plain.close()
