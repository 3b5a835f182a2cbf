"""What is wrong is said with what to do; the log is shown without secrets."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import TOKEN, Desk
from tests.api.page.visitor import Visitor
from tests.api.test_openapi import check

from neural_style_client.translations import catalogue
from neural_style_server.api.page.diagnosis import GIB, LOG_LINES, _memory


def test_the_page_is_told_how_the_machine_is(visitor: Visitor) -> None:
    found = visitor.get("/v1/diagnosis").get_json()
    check(found, "Diagnosis")
    assert {"Worker", "Memory", "Disk", "Presets"} <= {finding["name"] for finding in found["findings"]}
    assert all(finding["ok"] for finding in found["findings"])


def test_the_log_s_end_is_shown_without_secrets(desk: Desk) -> None:
    lines = [f"line {n}" for n in range(LOG_LINES)]
    log = "\n".join([*lines, f"token {TOKEN} in {desk.shop.home}/jobs"])
    (desk.shop.home / "daemon.log").write_text(log)
    assert desk.get("/v1/diagnosis").get_json()["log"] == [*lines[1:], "token (token) in (home)/jobs"]


def test_settings_are_shown_that_are_not_the_defaults(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(max_images=7, preset_folders={"shared": "/srv/presets"})
    found = desk.get("/v1/diagnosis").get_json()["settings"]
    assert found == {"max_images": 7, "preset_folders": {"shared": "/srv/presets"}}


def test_an_unreadable_preset_is_named(desk: Desk) -> None:
    broken = desk.shop.home / "presets" / "broken"
    broken.mkdir(parents=True)
    (broken / "preset.yaml").write_text("schema: 99")
    desk.shop.library.refresh()
    found = {finding["name"]: finding for finding in desk.get("/v1/diagnosis").get_json()["findings"]}
    assert not found["Presets"]["ok"]
    assert "broken" in found["Presets"]["detail"]


def test_scarce_memory_says_what_to_do() -> None:
    words = catalogue("en")
    assert _memory(4 * GIB, words) == ("Memory", True, "4.0 GiB free", "")
    assert _memory(GIB // 10, words).next_step
    assert _memory(None, words).ok
