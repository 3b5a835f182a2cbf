"""Who gets into the page, and what a page of somebody else can do about it: each attack, tried."""

from __future__ import annotations

import gzip
import logging
import re

import pytest
from tests.api.conftest import TOKEN, Desk, problem
from tests.api.page.visitor import ORIGIN, Visitor, token_in
from tests.api.served import Served
from tests.api.test_security import FOREIGN, HOSTS

from neural_style_server.api.http_channel import SMALL
from neural_style_server.api.security import cookie_name
from neural_style_server.users import OWNER, Holder

NAVIGATION = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
CHANGES = [
    ("POST", "/v1/jobs"),
    ("POST", "/v1/forecast"),
    ("POST", "/v1/images"),
    ("POST", "/v1/jobs/x/cancel"),
    ("POST", "/v1/unload"),
    ("PUT", "/v1/presets/ink"),
    ("DELETE", "/v1/presets/ink"),
    ("DELETE", "/v1/page/session"),
]


def test_a_code_lets_in_once_and_leaves_the_address(stranger: Visitor) -> None:
    path = stranger.code()
    answer = stranger.browser.get(path, headers=NAVIGATION)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert stranger.get("/v1/jobs").status_code == 200
    again = Visitor(stranger.desk)
    refused = again.browser.get(path, headers=NAVIGATION)
    assert refused.status_code == 401
    assert "Set-Cookie" not in refused.headers
    problem(again.get("/v1/jobs"), 401, "unauthorised")


def test_the_cookie_is_for_the_browser_and_this_site_alone(stranger: Visitor) -> None:
    cookie = stranger.browser.get(stranger.code()).headers["Set-Cookie"]
    assert re.fullmatch(r"neural-style-\w*=[\w-]{43}; HttpOnly; Path=/; SameSite=Strict", cookie)


@pytest.mark.parametrize("code", ["", "x", "%00", "é", TOKEN, "a" * 5000])
def test_a_guessed_code_lets_nobody_in(stranger: Visitor, code: str) -> None:
    stranger.code()
    answer = stranger.browser.get("/", query_string={"code": code})
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert "neural-style open" in answer.text


def test_only_who_has_the_token_gets_a_code(stranger: Visitor, visitor: Visitor) -> None:
    headers = {"Origin": ORIGIN, "Authorization": f"Bearer {TOKEN}x"}
    problem(stranger.browser.post("/v1/page/codes"), 401, "unauthorised")
    problem(stranger.browser.post("/v1/page/codes", headers=headers), 401, "unauthorised")
    problem(visitor.change("POST", "/v1/page/codes"), 403, "forbidden")


def test_another_page_cannot_log_anybody_in(stranger: Visitor) -> None:
    """Login CSRF: with a code that an attacker might have, a link, a form or a frame elsewhere opens nothing."""
    path = stranger.code()
    for headers in FOREIGN:
        problem(stranger.browser.get(path, headers=headers), 403, "wrong_origin")
    assert stranger.browser.head(path).status_code == 401
    assert stranger.browser.get(path, headers=NAVIGATION).status_code == 303  # the code is still unused


def test_without_a_session_the_page_only_says_how_to_get_in(desk: Desk, stranger: Visitor) -> None:
    desk.job()
    answer = stranger.browser.get("/", headers=NAVIGATION)
    assert answer.status_code == 401
    assert "neural-style open" in answer.text
    assert "csrf" not in answer.text
    assert "ink" not in answer.text.replace("<link", "")
    assert desk.get("/").status_code == 401  # the token is for programs


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/presets", "/v1/presets/ink/thumbnail", "/v1/openapi.json"])
def test_a_session_may_read(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status_code == 200


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/assets/page.css", "/v1/jobs", "/v1/page/session"])
def test_another_site_reads_nothing_with_the_cookie(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    problem(visitor.browser.get(path, headers=headers), 403, "wrong_origin")


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_name_shows_no_page(visitor: Visitor, host: str) -> None:
    for path in ("/", visitor.code(), "/assets/page.css"):
        problem(visitor.browser.get(path, headers={"Host": host}), 403, "wrong_host")


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_a_change_needs_origin_and_csrf_token(visitor: Visitor, method: str, path: str) -> None:
    other = Visitor(visitor.desk).enter()
    for token in ("", "x", other.csrf, TOKEN, visitor.csrf[:-1]):
        problem(visitor.change(method, path, {"X-CSRF-Token": token}), 403, "wrong_csrf_token")
    problem(visitor.change(method, path, {"Origin": ""}), 403, "wrong_origin")
    for headers in FOREIGN:
        sent = {"X-CSRF-Token": visitor.csrf, **headers}
        problem(visitor.browser.open(path, method=method, headers=sent), 403, "wrong_origin")
    assert [entry.name for entry in visitor.desk.shop.library.list()] == ["ink"]
    assert visitor.get("/v1/jobs").status_code == 200


def test_a_change_with_both_is_made(visitor: Visitor) -> None:
    body = {"content": visitor.desk.shop.content, "preset": "ink"}
    assert visitor.change("POST", "/v1/jobs", json=body).status_code == 201


def test_what_a_form_can_send_is_refused(visitor: Visitor) -> None:
    answer = visitor.change("POST", "/v1/jobs", data=b"{}", content_type="text/plain")
    problem(answer, 415, "unsupported_media_type")


def test_the_page_cannot_stop_the_daemon(visitor: Visitor) -> None:
    problem(visitor.change("POST", "/v1/shutdown"), 403, "forbidden")
    assert visitor.desk.stopped == 0


def test_the_cookie_does_not_count_beside_a_wrong_token(visitor: Visitor) -> None:
    problem(visitor.get("/v1/jobs", Authorization=f"Bearer {TOKEN}x"), 401, "unauthorised")


def test_a_cookie_of_another_port_or_name_opens_nothing(visitor: Visitor) -> None:
    (cookie,) = visitor.browser._cookies.values()
    stranger = Visitor(visitor.desk)
    for name in ("neural-style-1", "neural-style", "token", "Authorization"):
        problem(stranger.get("/v1/jobs", Cookie=f"{name}={cookie.value}"), 401, "unauthorised")
    for value in ("", "x", cookie.value[:-1], f'"{cookie.value}x"', "é", visitor.csrf):
        problem(stranger.get("/v1/jobs", Cookie=f"{cookie.key}={value}"), 401, "unauthorised")


def test_two_daemons_cookies_have_two_names() -> None:
    assert cookie_name("127.0.0.1:8001") != cookie_name("127.0.0.1:8002")
    assert cookie_name("[::1]:8001") == "neural-style-8001"


def test_logging_out_ends_this_session_alone(visitor: Visitor) -> None:
    other = Visitor(visitor.desk).enter()
    answer = visitor.change("DELETE", "/v1/page/session")
    assert answer.status_code == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    problem(visitor.get("/v1/jobs"), 401, "unauthorised")
    assert other.get("/v1/jobs").status_code == 200


def test_a_session_that_was_logged_out_does_not_come_back(visitor: Visitor) -> None:
    (cookie,) = visitor.browser._cookies.values()
    visitor.change("DELETE", "/v1/page/session")
    problem(Visitor(visitor.desk).get("/v1/jobs", Cookie=f"{cookie.key}={cookie.value}"), 401, "unauthorised")


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/page/session"), ("POST", "/v1/shutdown")])
def test_the_token_s_holder_ends_all_sessions(visitor: Visitor, method: str, path: str) -> None:
    code = visitor.code()
    assert visitor.desk.call(method, path).status_code < 300
    problem(visitor.get("/v1/jobs"), 401, "unauthorised")
    assert visitor.browser.get(code).status_code == 401


def test_a_new_code_replaces_the_session_of_the_same_browser(visitor: Visitor) -> None:
    (former,) = visitor.browser._cookies.values()
    visitor.browser.get(visitor.code())
    problem(Visitor(visitor.desk).get("/v1/jobs", Cookie=f"{former.key}={former.value}"), 401, "unauthorised")
    assert visitor.get("/v1/page/session").get_json()["csrf_token"] != visitor.csrf


def test_the_session_tells_its_csrf_token_to_its_page_alone(visitor: Visitor, stranger: Visitor) -> None:
    answer = visitor.get("/v1/page/session")
    assert answer.get_json() == {"csrf_token": visitor.csrf}
    assert answer.headers["Cache-Control"] == "no-store"
    problem(stranger.get("/v1/page/session"), 401, "unauthorised")
    problem(visitor.desk.get("/v1/page/session"), 404, "not_found")


def test_the_token_never_reaches_the_page(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    from neural_style_server.api.page.files import names

    caplog.set_level(logging.DEBUG)
    texts = [visitor.get(path).get_data() for path in ("/", *(f"/assets/{name}" for name in names()))]
    (cookie,) = visitor.browser._cookies.values()
    for secret in (TOKEN, cookie.value, str(visitor.desk.shop.home)):
        assert not [text for text in texts if secret.encode() in text]
        assert secret not in caplog.text


def test_the_page_may_hold_nothing_but_its_own(visitor: Visitor) -> None:
    headers = visitor.get("/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", ["/", "/assets/page.css", "/v1/health", "/v1/jobs", "/v1/presets/ink/thumbnail", "/x"])
def test_no_answer_is_taken_for_what_it_is_not(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert not [name for name in dict(headers) if name.lower().startswith("access-control")]


def test_nothing_in_the_page_is_inline(visitor: Visitor) -> None:
    html = visitor.get("/").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", html, re.DOTALL)
    assert not [script for script in scripts if "src=" not in script[0] or script[1].strip()]
    assert set(re.findall(r'(?:src|href)="([^"#]+)"', html)) <= {f"/assets/{name}" for name in _names()}


def _names() -> list[str]:
    from neural_style_server.api.page.files import names

    return names()


@pytest.mark.parametrize("name", ["..", "../page.html", "%2e%2e%2fpage.html", "page.html", "x.js", "a%00b", ""])
def test_no_path_leads_out_of_the_assets(visitor: Visitor, name: str) -> None:
    assert visitor.get(f"/assets/{name}").status_code == 404


def test_assets_are_asked_for_again_only_when_they_have_changed(visitor: Visitor) -> None:
    for name in _names():
        first = visitor.get(f"/assets/{name}")
        assert first.status_code == 200
        assert visitor.get(f"/assets/{name}", **{"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_title_with_markup_is_text(desk: Desk, visitor: Visitor) -> None:
    evil = "<script>alert(1)</script>"
    assert desk.post("/v1/presets", {"name": "evil", "copy_of": "ink", "title": evil}).status_code == 201
    desk.job(preset="evil", client=evil)
    html = visitor.get("/").text
    assert "<script>alert" not in html
    assert token_in(html)


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/html", "application/xhtml+xml"])
def test_no_picture_that_could_run_is_taken(visitor: Visitor, kind: str) -> None:
    evil = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    problem(visitor.change("POST", "/v1/images", data=evil, content_type=kind), 415, "unsupported_media_type")
    problem(visitor.change("POST", "/v1/images", data=evil, content_type="image/png"), 400, "invalid_image")


def test_a_large_body_is_received_from_a_session_only(served: Served, desk: Desk, visitor: Visitor) -> None:
    """The body is refused before it is received, where whoever sends it may not."""
    data = bytes(4 * SMALL)
    path = "/v1/images?width=256&height=256"
    secret = desk.services.keys.sessions.begin(desk.services.keys.sessions.new_code(Holder(OWNER)))
    assert secret is not None
    from neural_style_server.api.page.sessions import csrf_token

    host = f"127.0.0.1:{served.port}"
    page = {"Cookie": f"{cookie_name(host)}={secret}", "Origin": f"http://{host}", "X-CSRF-Token": csrf_token(secret)}
    assert served.send("POST", path, data, page).status == 201
    assert served.send("POST", path, data, {**page, "X-CSRF-Token": "x"}).status == 403
    assert served.send("POST", path, data, {**page, "Cookie": "neural-style-1=x"}).status == 401


def test_the_page_is_small(visitor: Visitor) -> None:
    """All that a browser loads before there is a picture; the styles' pictures are not the page's."""
    from neural_style_server.api.page.files import SAMPLE

    sizes = {name: len(visitor.get(f"/assets/{name}", **{"Accept-Encoding": "gzip"}).data) for name in _names()}
    words = [sizes.pop(name) for name in list(sizes) if name.startswith("words.") and name.endswith(".json")]
    del sizes[SAMPLE]
    html = len(visitor.get("/", **{"Accept-Encoding": "gzip"}).data)
    assert html + sum(sizes.values()) + max(words) < 100_000  # of one language at most


def test_a_browser_that_does_not_unpack_gets_the_same_assets(visitor: Visitor) -> None:
    for name in _names():
        plain = visitor.get(f"/assets/{name}")
        packed = visitor.get(f"/assets/{name}", **{"Accept-Encoding": "br, gzip;q=0.5"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        none = visitor.get(f"/assets/{name}", **{"Accept-Encoding": "gzip;q=0"})
        assert none.data == plain.data


def test_every_control_of_the_plug_ins_is_a_slider(visitor: Visitor) -> None:
    from neural_style_client.controls import CONTROLS

    html = visitor.get("/").text
    for control in CONTROLS:
        assert f'name="{control.name}" min="{control.minimum}" max="{control.maximum}"' in html
        assert f">{control.plain_label}</label>" in html


def test_without_javascript_there_is_a_list_of_jobs(desk: Desk, visitor: Visitor) -> None:
    assert "There are none." in visitor.get("/").text
    job = desk.job()
    desk.shop.worker.progress(job)
    html = visitor.get("/").text
    assert re.search(r"<noscript>.*ink, \d+ × \d+: painting.*neural-style stylize.*</noscript>", html, re.DOTALL)


def test_what_is_said_to_screen_readers_is_heard_in_every_view(visitor: Visitor) -> None:
    """Nothing is heard of a line within a view that is hidden."""
    _, _, after = visitor.get("/").text.partition("</main>")
    assert 'id="announcer"' in after and 'role="status"' in after
