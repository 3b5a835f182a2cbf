"""The page in the browser's language, or in the one that is chosen on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.chromium.browser import BrowserUnavailable
from tests.chromium.conftest import Painter
from tests.real import RealDaemon
from tests.waiting import wait_for

from neural_style_client.translations import ENGLISH as ENGLISH_ITSELF
from neural_style_client.translations import LANGUAGES, catalogue

ENGLISH = ("Paint", "Watch", "Presets", "Health", "Choose a picture…", "Crayon", "Strength", "All styles", "Search")
SPOKEN = {"de": "de-AT", "ja": "ja-JP"}
VIEWS = ("paint", "watch", "presets", "health")


@pytest.fixture(params=sorted(SPOKEN))
def foreigner(request: pytest.FixtureRequest, browser: Any, daemon: RealDaemon) -> Iterator[tuple[str, Painter]]:
    """(language, the painter in front of a browser in that language)"""
    painter = Painter(browser, daemon.warm(), locale=SPOKEN[request.param]).open()
    yield request.param, painter
    painter.close()
    assert painter.wrong == []


TEXTS = """() => [...document.querySelectorAll("body *")].flatMap((each) => [
    each.getAttribute("aria-label"), each.title, each.placeholder,
    ...[...each.childNodes].filter((one) => one.nodeType === 3).map((one) => one.data.trim())])"""


def shown(page: Any) -> set[str]:
    """Every text, label and hint on the page, seen or read out."""
    return {text for text in page.evaluate(TEXTS) if text}


def visit(painter: Painter, view: str) -> None:
    painter.page.locator(f'nav a[href="#{view}"]').click()
    if view == "presets":
        painter.page.locator("#preset-list li").first.wait_for()
    if view == "health":
        painter.page.locator("#findings li").first.wait_for()


def test_every_view_is_in_the_browsers_language_and_everybody_can_use_it(
    foreigner: tuple[str, Painter], axe: str | BrowserUnavailable
) -> None:
    language, painter = foreigner
    page, words = painter.page, catalogue(language)
    assert page.evaluate("document.documentElement.lang") == language
    found: dict[str, Any] = {}
    for view in VIEWS:
        visit(painter, view)
        texts = shown(page)
        assert {words.plain(text) for text in ("Paint", "Watch", "Health", "Choose a picture…", "Crayon")} <= texts
        assert not texts & set(ENGLISH), texts & set(ENGLISH)
        if isinstance(axe, str):
            found.update({f"{view}: {rule}": nodes for rule, nodes in painter.violations(axe).items()})
        if folder := os.environ.get("NEURAL_STYLE_TEST_SHOTS"):
            page.screenshot(path=Path(folder) / f"{language}-{view}.png")
    assert found == {}
    if not isinstance(axe, str):
        pytest.skip(f"words were checked, but axe-core cannot be had here: {axe}")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != ENGLISH_ITSELF])
def test_no_language_is_wider_than_a_telephone(browser: Any, daemon: RealDaemon, language: str) -> None:
    painter = Painter(browser, daemon.warm(), locale=catalogue(language).tag).open()
    page = painter.page
    page.set_viewport_size({"width": 360, "height": 800})
    widths = {}
    for view in VIEWS:
        visit(painter, view)
        widths[view] = page.evaluate("document.documentElement.scrollWidth")
        if folder := os.environ.get("NEURAL_STYLE_TEST_SHOTS"):
            page.screenshot(path=Path(folder) / f"narrow-{language}-{view}.png")
    painter.close()
    assert {view: width for view, width in widths.items() if width > 360} == {}


def test_a_refusal_is_told_in_the_browsers_language(foreigner: tuple[str, Painter], tmp_path: Path) -> None:
    language, painter = foreigner
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno more")
    painter.page.locator("#file").set_input_files(broken)
    painter.page.locator("#problem").wait_for()
    told = painter.page.locator("#problem").inner_text()
    words = catalogue(language)
    expected = [words.tr(text) for text in ("The picture cannot be used.", "{} is no PNG, JPEG, WebP or TIFF picture.")]
    assert any(text.replace("{}", "broken.png") in told for text in expected), told
    painter.wrong[:] = [line for line in painter.wrong if "status of 400" not in line]  # Chromium names each refusal


def test_a_job_that_was_cancelled_can_be_deleted(foreigner: tuple[str, Painter]) -> None:
    language, painter = foreigner
    client, words = painter.daemon.client, catalogue(language)
    image = client.upload(bytes(range(256)) * 64, 64, 64, "RGBA8")["id"]
    job = client.submit({"content": image, "preset": "crayon", "method": {"iterations": 2000}})["id"]
    client.cancel(job)
    painter.page.evaluate("job => { location.hash = `#watch/${job}`; }", job)
    painter.page.locator("#detail").get_by_role("button", name=words.tr("Delete")).click()
    wait_for(lambda: job not in [one["id"] for one in client.jobs()])


def test_another_language_is_chosen_on_the_page_and_kept(painter: Painter) -> None:
    page = painter.page
    assert page.evaluate("document.documentElement.lang") == "en"
    visit(painter, "health")
    page.locator("#language").select_option("pt_BR")
    page.wait_for_function("document.documentElement.lang === 'pt-BR'")
    page.reload()
    page.locator("#findings li").first.wait_for()
    assert catalogue("pt_BR").tr("Watch") in shown(page)
    visit(painter, "health")
    page.locator("#language").select_option("en")
    page.wait_for_function("document.documentElement.lang === 'en'")
