"""Sheets: what is asked for, how far they are, and the page that they become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.jobs.conftest import write_preset
from tests.jobs.fakes import Shop, grey

from neural_style_server.errors import Conflict, InvalidRequest, NotFound, TooMany
from neural_style_server.jobs.sheets import MOST_PRESETS, Sheets
from neural_style_server.jobs.spec import SheetSpec
from neural_style_server.pixels import Picture
from neural_style_server.presets.library import Library, Source
from neural_style_server.validation import validate


@pytest.fixture
def library(tmp_path: Path) -> Library:
    for name, more in (("ink", ""), ("chalk", ""), ("slow", "method: {iterations: 300}\n")):
        write_preset(tmp_path / "built-in" / name, more)
    return Library([Source("built-in", tmp_path / "built-in")])


@pytest.fixture
def sheets(shop: Shop) -> Sheets:
    return Sheets(shop.controller, shop.library, shop.images)


def start(shop: Shop, sheets: Sheets, **more: Any) -> str:
    return str(sheets.start(validate(SheetSpec, {"content": shop.content, **more}))["id"])


def finish(shop: Shop, sheets: Sheets, sheet: str) -> list[str]:
    """Paints all of a sheet's jobs; their presets in the order of painting."""
    order = []
    while shop.worker.painting():
        job = shop.worker.painting()[0]
        order.append(shop.job(job)["preset"])
        shop.worker.done(job)
    return order


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": "x"},
        {"content": None},
        {"size": 63},
        {"size": 1025},
        {"size": 256.5},
        {"size": True},
        {"presets": []},
        {"presets": "ink"},
        {"presets": ["ink", "ink"]},
        {"presets": [""]},
        {"presets": [1]},
        {"presets": [f"p{n}" for n in range(MOST_PRESETS + 1)]},
        {"quality": "best"},
        {"columns": 3},
    ],
)
def test_a_wrong_wish_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(wrong))):
        validate(SheetSpec, {"content": "0" * 64, **wrong})


def test_a_sheet_shows_all_presets_but_slow_ones_which_it_names(shop: Shop, sheets: Sheets) -> None:
    sheet = sheets.start(SheetSpec(content=shop.content))
    assert {picture["preset"] for picture in sheet["pictures"]} == {"ink", "chalk"}
    assert sheet["left_out"] == [{"preset": "slow", "title": "Ink"}]
    assert (sheet["state"], sheet["done"], sheet["total"]) == ("running", 0, 2)


def test_a_slow_preset_that_is_named_is_shown(shop: Shop, sheets: Sheets) -> None:
    assert finish(shop, sheets, start(shop, sheets, presets=["slow", "ink"])) == ["slow", "ink"]


def test_slow_presets_alone_are_shown(shop: Shop, sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_server.jobs.sheets.SLOW_FACTOR", 0)
    sheet = sheets.start(SheetSpec(content=shop.content))
    assert (sheet["total"], sheet["left_out"]) == (3, [])


def test_jobs_are_drafts_of_a_small_copy(shop: Shop, sheets: Sheets) -> None:
    large = np.full((300, 600, 4), 40000, np.uint16)
    content = shop.images.put(Picture(large, "RGBA16"))["id"]
    sheet = sheets.start(SheetSpec(content=str(content), size=100))
    for picture in sheet["pictures"]:
        job = shop.job(picture["job"])
        assert (job["width"], job["height"], job["format"]) == (100, 50, "RGBA8")
        assert job["iterations"] == 11, "fewer than a draft's 16"
        assert job["recipe"]["learning_rate"] == pytest.approx(8 / 0.7)
        assert job["client"] == f"sheet-{sheet['id']}"


def test_a_better_quality_is_the_preset_s_own(shop: Shop, sheets: Sheets) -> None:
    sheet = sheets.start(SheetSpec(content=shop.content, presets=("ink",), quality="standard"))
    job = shop.job(sheet["pictures"][0]["job"])
    assert (job["iterations"], job["recipe"]["learning_rate"]) == (80, 8)


def test_progress_is_counted_over_all_pictures(shop: Shop, sheets: Sheets) -> None:
    sheet = start(shop, sheets)
    first = shop.worker.painting()[0]
    shop.worker.progress(first, 4, 9)
    view = sheets.view(sheet)
    assert (view["done"], view["iteration"]) == (0, 4)
    eta = view["eta"]
    shop.worker.done(first)
    view = sheets.view(sheet)
    assert (view["state"], view["done"]) == ("running", 1)
    assert view["iterations"] > view["iteration"] >= 9
    assert 0 < view["eta"] < eta
    finish(shop, sheets, sheet)
    view = sheets.view(sheet)
    assert (view["state"], view["done"], view["eta"]) == ("done", 2, 0)
    assert view["iteration"] == view["iterations"]


def test_the_page_comes_when_all_is_done(shop: Shop, sheets: Sheets) -> None:
    sheet = start(shop, sheets)
    with pytest.raises(Conflict, match="running"):
        sheets.picture(sheet)
    finish(shop, sheets, sheet)
    page = sheets.picture(sheet, 3)
    colours = {colour for _, colour in page.getcolors(1 << 20) or ()}
    assert {(90, 90, 90), (200, 200, 200)} <= colours, "the content's grey and the results'"
    assert sheets.picture(sheet, 1).height > page.height


def test_the_page_comes_without_a_content_that_is_gone(shop: Shop, sheets: Sheets) -> None:
    sheet = start(shop, sheets)
    finish(shop, sheets, sheet)
    whole = sheets.picture(sheet, 3)
    for path in (shop.home / "images").glob("*.raw"):
        path.unlink()
    assert sheets.picture(sheet, 3).width < whole.width


def test_what_failed_is_told_and_the_others_are_shown(shop: Shop, sheets: Sheets) -> None:
    sheet = start(shop, sheets)
    run = shop.worker.run_of(shop.worker.painting()[0])
    shop.worker.end_run(run, "failed", {"code": "x", "detail": "y", "hint": "z"})
    finish(shop, sheets, sheet)
    assert [picture["state"] for picture in sheets.view(sheet)["pictures"]] == ["failed", "done"]
    assert sheets.view(sheet)["state"] == "done"
    assert sheets.picture(sheet).width > 0


def test_a_cancelled_sheet_shows_what_was_done(shop: Shop, sheets: Sheets) -> None:
    sheet = start(shop, sheets)
    shop.worker.done(shop.worker.painting()[0])
    view = sheets.cancel(sheet)
    assert (view["state"], [picture["state"] for picture in view["pictures"]]) == ("cancelled", ["done", "cancelled"])
    assert sheets.picture(sheet).width > 0
    assert not shop.worker.painting()


def test_a_sheet_without_any_picture_has_no_page(shop: Shop, sheets: Sheets) -> None:
    sheet = start(shop, sheets)
    sheets.cancel(sheet)
    with pytest.raises(Conflict, match="None"):
        sheets.picture(sheet)


def test_a_deleted_sheet_is_gone_with_its_jobs(shop: Shop, sheets: Sheets) -> None:
    other, sheet = shop.submit(), start(shop, sheets)
    sheets.delete(sheet)
    assert [job["id"] for job in shop.controller.jobs()] == [other]
    for call in (sheets.view, sheets.picture, sheets.cancel, sheets.resume, sheets.delete):
        with pytest.raises(NotFound, match=sheet):
            call(sheet)


@pytest.mark.parametrize("presets", [["ink", "nothing"], ["nothing"]])
def test_an_unknown_preset_leaves_nothing_behind(shop: Shop, sheets: Sheets, presets: list[str]) -> None:
    with pytest.raises(NotFound, match="nothing"):
        start(shop, sheets, presets=presets)
    assert shop.controller.jobs() == []


def test_a_queue_without_room_for_all_takes_none(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(max_jobs_queued=1)
    sheets = Sheets(shop.controller, shop.library, shop.images)
    with pytest.raises(TooMany):
        start(shop, sheets)
    assert shop.controller.jobs() == []


def test_too_many_presets_must_be_named(shop: Shop, sheets: Sheets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neural_style_server.jobs.sheets.MOST_PRESETS", 1)
    with pytest.raises(InvalidRequest, match="2 presets"):
        start(shop, sheets)


def test_a_sheet_outlives_the_daemon_and_can_be_resumed(open_shop: Callable[..., Shop]) -> None:
    first = open_shop()
    first.warm()
    sheet = start(first, Sheets(first.controller, first.library, first.images))
    first.worker.done(first.worker.painting()[0])
    first.close()
    second = open_shop()
    second.warm()
    sheets = Sheets(second.controller, second.library, second.images)
    assert (sheets.view(sheet)["state"], sheets.view(sheet)["done"]) == ("paused", 1)
    assert sheets.resume(sheet)["state"] == "running"
    finish(second, sheets, sheet)
    assert sheets.picture(sheet).width > 0


def test_another_client_s_jobs_are_no_sheet(shop: Shop, sheets: Sheets) -> None:
    shop.submit("sheet-mine")
    with pytest.raises(NotFound):
        sheets.view("mine")


def test_a_tiny_content_has_a_page(shop: Shop, sheets: Sheets) -> None:
    content = str(shop.images.put(grey(10, 2, 1))["id"])
    sheet = start(shop, sheets, content=content)
    finish(shop, sheets, sheet)
    assert sheets.picture(sheet).width > 64
