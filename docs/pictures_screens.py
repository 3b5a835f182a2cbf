"""The picture of the daemon's page in docs/, taken in Chromium: the sample painted, the divider, the styles."""

from __future__ import annotations

import os
import sys

from pictures_page import IMAGES, ROOT
from PIL import Image

from neural_style_client import Client

WIDTH, HEIGHT = 1280, 800
PATIENCE_MS = 900_000
"""Until it is painted: the machine may be busy."""


def page(client: Client) -> None:
    """Needs Chromium, and Playwright for Python, as the tests do."""
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(ROOT))
    from tests.chromium.browser import ensure_chromium

    flags = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=ensure_chromium(), args=flags)
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        view.set_default_timeout(PATIENCE_MS)
        view.goto(client.url + client.make_page_code()["path"])
        view.get_by_role("button", name="Use the sample picture").click()
        view.get_by_role("radio", name="Gouache").click()
        view.get_by_label("Quality", exact=True).select_option("draft")
        view.get_by_role("button", name="Paint", exact=True).click()
        view.get_by_text("Finished ·").first.wait_for()
        view.get_by_role("button", name="Compare").click()
        view.screenshot(path=IMAGES / "page.png")
        browser.close()
    with Image.open(IMAGES / "page.png") as shot:
        shot.convert("RGB").quantize(256).save(IMAGES / "page.png", optimize=True)


MAKERS = {"page": page}
