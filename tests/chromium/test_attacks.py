"""What pages of somebody else can do in the same browser, where the painter has a session: nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.chromium.conftest import Painter
from tests.real import QUICK
from tests.waiting import wait_for

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


class Stranger:
    """A web page at another port of this computer, which for cookies is the same site."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!doctype html><title>evil</title>")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    made = Stranger()
    yield made
    made.close()


@pytest.fixture
def evil(painter: Painter, stranger: Stranger) -> Any:
    """A tab with the stranger's page, in the browser that has a session."""
    page = painter.context.new_page()
    page.goto(stranger.url)
    return page


FETCH = """async ([url, options]) => {
    try {
        const answer = await fetch(url, options);
        return [answer.type, answer.status, await answer.text()];
    } catch { return ["refused"]; }
}"""


def test_another_page_reads_nothing(painter: Painter, evil: Any) -> None:
    for path in ("/", "/v1/jobs", "/v1/page/session", "/v1/health", "/assets/app.js"):
        url = painter.daemon.client.url + path
        assert evil.evaluate(FETCH, [url, {"credentials": "include"}]) == ["refused"]
        blind = evil.evaluate(FETCH, [url, {"credentials": "include", "mode": "no-cors"}])
        assert blind in (["refused"], ["opaque", 0, ""])


def test_another_page_changes_nothing(painter: Painter, evil: Any, photo: Path) -> None:
    client = painter.daemon.client
    content = client.upload(bytes([9, 9, 9, 255]) * 48 * 32, 48, 32)["id"]
    job = client.submit({"content": content, **QUICK, "method": {"iterations": 4000}})["id"]
    for path in (f"/v1/jobs/{job}/cancel", "/v1/page/codes", "/v1/shutdown", "/v1/unload"):
        for mode in ("no-cors", "cors"):
            evil.evaluate(FETCH, [client.url + path, {"method": "POST", "credentials": "include", "mode": mode}])
    evil.evaluate(
        """(url) => {
            const form = Object.assign(document.createElement("form"), {method: "POST", action: url});
            document.body.append(form);
            form.submit();
        }""",
        f"{client.url}/v1/jobs/{job}/cancel",
    )
    evil.get_by_text("wrong_origin").wait_for()
    assert client.job(job)["state"] in ("queued", "running")


def test_another_page_cannot_show_the_page_in_a_frame(painter: Painter, evil: Any) -> None:
    evil.evaluate(
        """(url) => document.body.append(Object.assign(document.createElement("iframe"), {src: url}))""",
        painter.daemon.client.url,
    )
    wait_for(lambda: len(evil.frames) == 2)
    evil.wait_for_timeout(300)
    assert evil.frames[1].locator("#view-paint").count() == 0
    assert evil.evaluate("document.querySelector('iframe').contentDocument") is None


def test_a_link_on_another_page_does_not_use_a_code_up(painter: Painter, evil: Any) -> None:
    address = painter.daemon.client.url + painter.daemon.client.make_page_code()["path"]
    evil.evaluate("(url) => { location.href = url; }", address)
    evil.get_by_text("wrong_origin").wait_for()
    page = painter.context.new_page()
    page.goto(address)  # as the command opens it
    page.locator("#view-paint").wait_for()
    # what the first tab was asking for meanwhile belonged to the session before; it goes on with the new one
    painter.wrong[:] = [line for line in painter.wrong if "status of 401" not in line]


def test_a_window_that_another_page_opens_is_not_in_its_hands(painter: Painter, evil: Any) -> None:
    with evil.expect_popup() as found:
        evil.evaluate("(url) => { window.other = window.open(url); }", painter.daemon.client.url)
    found.value.get_by_text("wrong_origin").wait_for()
    assert evil.evaluate("() => { try { return window.other.document.body.innerText } catch { return '' } }") == ""


def test_words_of_strangers_are_text_everywhere(painter: Painter, photo: Path) -> None:
    page, client = painter.page, painter.daemon.client
    page.on("dialog", lambda dialog: painter.wrong.append(dialog.message))
    client.create_preset({"name": "evil", "copy_of": "ink-wash", "title": EVIL})
    client.change_preset("evil", {"description": EVIL})
    try:
        painter.open()
        page.get_by_role("radio", name=EVIL).click()
        page.locator("#chosen").get_by_text(EVIL).first.wait_for()
        painter.choose(photo)
        content = client.upload(bytes([9, 9, 9, 255]) * 48 * 32, 48, 32)["id"]
        client.submit({"content": content, **QUICK, "preset": "evil", "client": EVIL})
        page.get_by_role("link", name="Watch").click()
        page.locator("#jobs").get_by_text(EVIL).first.wait_for()
        page.get_by_role("link", name="Presets").click()
        page.locator("#preset-list").get_by_text(EVIL).first.wait_for()
        assert page.locator("main script, main img[src=x]").count() == 0
    finally:
        client.delete_preset("evil")


def test_a_script_that_got_in_would_not_run(painter: Painter) -> None:
    """The policy, not only the page's own care: inline, in an attribute, and nothing is sent elsewhere."""
    tried = """async () => {
        const found = [];
        const script = document.createElement("script");
        script.append("window.ran = true");
        document.body.append(script);
        const inline = "<img src=x onerror='window.ran = true'>";
        try { document.body.insertAdjacentHTML("beforeend", inline); } catch { found.push("html"); }
        const image = new Image();
        await new Promise((done) => {
            image.onload = done;
            image.onerror = () => { found.push("image"); done(); };
            image.src = "http://127.0.0.1:1/leak";
        });
        await fetch("http://127.0.0.1:1/leak").catch(() => found.push("fetch"));
        return [found, window.ran ?? false];
    }"""
    found, ran = painter.page.evaluate(tried)
    painter.wrong.clear()  # Chromium names each violation
    assert not ran
    assert {"image", "fetch", "html"} <= set(found)
