"""The guide as a site, in the real Chromium: on a screen and on a telephone nothing is cut off and no picture lacks."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
WIDTHS = (1280, 390)
BEYOND = "document.documentElement.scrollWidth - innerWidth"
LACKING = "[...document.images].filter((image) => !image.naturalWidth).map((image) => image.src)"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    """Its address, and its pages."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q", "--site-dir", folder], cwd=ROOT, check=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        pages = sorted(path.relative_to(folder).parent.as_posix() for path in folder.rglob("index.html"))
        yield f"http://127.0.0.1:{server.server_port}", pages
        server.shutdown()


def test_every_page_fits_and_has_its_pictures(browser: Any, site: tuple[str, list[str]]) -> None:
    address, pages = site
    assert len(pages) > 25
    view = browser.new_page()
    for page in pages:
        view.goto(f"{address}/{page}/")
        for width in WIDTHS:
            view.set_viewport_size({"width": width, "height": 900})
            wait_for(lambda: view.evaluate(BEYOND) <= 0, 20, f"{page} within {width} px")
        assert not view.evaluate(LACKING), page
    view.close()
