"""Sheets over HTTP."""

from __future__ import annotations

import io

from PIL import Image
from tests.api.conftest import Desk, problem
from tests.api.test_openapi import check


def test_one_call_starts_a_sheet_that_ends_in_one_page(desk: Desk) -> None:
    answer = desk.post("/v1/sheets", {"content": desk.shop.content})
    sheet = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == sheet["links"]["self"]
    check(sheet, "NewSheet")
    problem(desk.get(sheet["links"]["picture"]), 409, "no_result")
    desk.shop.worker.done(sheet["pictures"][0]["job"])
    ended = desk.get(sheet["links"]["self"]).get_json()
    check(ended, "Sheet")
    assert (ended["state"], ended["done"], ended["total"]) == ("done", 1, 1)
    page = desk.get(sheet["links"]["picture"], Accept="image/png")
    assert page.content_type == "image/png"
    assert Image.open(io.BytesIO(page.data)).width > 64
    wide = desk.get(sheet["links"]["picture"] + "?columns=1")
    assert Image.open(io.BytesIO(wide.data)).size != Image.open(io.BytesIO(page.data)).size
    problem(desk.get(sheet["links"]["picture"] + "?columns=13"), 400, "invalid_request")
    problem(desk.get(sheet["links"]["picture"] + "?rows=1"), 400, "invalid_request")


def test_a_sheet_is_cancelled_and_deleted(desk: Desk) -> None:
    sheet = desk.post("/v1/sheets", {"content": desk.shop.content, "presets": ["ink"]}).get_json()
    assert desk.post(sheet["links"]["cancel"]).get_json()["state"] == "cancelled"
    assert desk.call("DELETE", sheet["links"]["self"]).status_code == 204
    problem(desk.get(sheet["links"]["self"]), 404, "not_found")
    assert desk.get("/v1/jobs").get_json() == {"jobs": []}


def test_a_wrong_sheet_is_refused_and_starts_nothing(desk: Desk) -> None:
    problem(desk.post("/v1/sheets", {"content": desk.shop.content, "presets": ["inc"]}), 404, "not_found")
    problem(desk.post("/v1/sheets", {"content": "0" * 64}), 404, "not_found")
    problem(desk.post("/v1/sheets", {"content": desk.shop.content, "rows": 2}), 400, "invalid_request")
    assert desk.get("/v1/jobs").get_json() == {"jobs": []}
