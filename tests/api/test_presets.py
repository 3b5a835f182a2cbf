"""Presets over HTTP: browsed, made, changed and shared."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from tests.api.conftest import Desk, problem


def style(desk: Desk, value: int = 9) -> str:
    return str(desk.upload(bytes([value, 9, 9, 255] * 1600), 40, 40).get_json()["id"])


@pytest.fixture
def own(desk: Desk) -> str:
    body = {"name": "mine", "title": "Mine", "images": [style(desk)], "tags": ["ink"]}
    answer = desk.post("/v1/presets", body)
    assert answer.status_code == 201, answer.text
    return "mine"


def test_presets_are_listed_with_thumbnail_and_marks(desk: Desk) -> None:
    (preset,) = desk.get("/v1/presets").get_json()["presets"]
    assert (preset["name"], preset["thumbnail"]) == ("ink", "/v1/presets/ink/thumbnail")
    assert (preset["library"], preset["read_only"], preset["favourite"]) == ("built-in", True, False)
    assert {"strength", "brush_size", "colour", "detail", "smoothness", "boldness", "less_white"} == set(
        preset["controls"]
    )
    assert desk.get(preset["thumbnail"]).data.startswith(b"\x89PNG")


def test_a_preset_s_first_style_image_is_shown_whole(desk: Desk) -> None:
    with Image.open(io.BytesIO(desk.get("/v1/presets/ink/style").data)) as picture:
        assert picture.format == "PNG"
        own = desk.services.library.snapshot("ink").images[0].data
        with Image.open(io.BytesIO(own)) as image:
            assert picture.width / picture.height == pytest.approx(image.width / image.height, rel=0.02)


def test_presets_are_found_by_word_and_tag(desk: Desk, own: str) -> None:
    def names(query: str) -> list[str]:
        return [preset["name"] for preset in desk.get(f"/v1/presets?{query}").get_json()["presets"]]

    assert names("search=MINE") == ["mine"]
    assert names("tag=ink") == ["mine"]
    assert names("search=nothing") == []
    problem(desk.get("/v1/presets?sort=name"), 400, "invalid_request")


def test_a_preset_is_made_of_uploaded_images_with_weights(desk: Desk, own: str) -> None:
    images = [{"id": style(desk, 5), "weight": 2}, style(desk, 6)]
    answer = desk.post("/v1/presets", {"name": "both", "images": images})
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/v1/presets/both"
    assert [image["weight"] for image in answer.get_json()["images"]] == [2, 1]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": 5}, 400),
        ({"name": "new"}, 400),
        ({"name": "new", "images": []}, 400),
        ({"name": "new", "images": ["0" * 64]}, 404),
        ({"name": "new", "images": [5]}, 400),
        ({"name": "new", "images": [{"id": 1}]}, 400),
        ({"name": "new", "images": "x"}, 400),
        ({"name": "new", "copy_of": "nothing"}, 404),
        ({"name": "new", "copy_of": 5}, 400),
        ({"name": "new", "copy_of": "ink", "tags": []}, 400),
        ({"name": "ink", "copy_of": "ink"}, 409),
        ({"name": "Bad Name", "copy_of": "ink"}, 400),
    ],
)
def test_a_wrong_preset_is_refused_and_leaves_nothing(desk: Desk, body: dict[str, Any], status: int) -> None:
    answer = desk.post("/v1/presets", body)
    problem(answer, status, answer.get_json(force=True)["code"])
    assert [entry.name for entry in desk.shop.library.list()] == ["ink"]
    assert list((desk.shop.home / "presets").iterdir()) == []


@pytest.mark.parametrize("weight", ["2", -1, True, None, 1e9])
def test_a_wrong_weight_of_an_image_is_refused(desk: Desk, weight: Any) -> None:
    images = [{"id": desk.shop.content, "weight": weight}]
    problem(desk.post("/v1/presets", {"name": "new", "images": images}), 400, "invalid_request")


def test_one_s_own_preset_can_be_changed_and_deleted(desk: Desk, own: str) -> None:
    changed = desk.call("PUT", "/v1/presets/mine", json={"title": "Ours", "controls": {"strength": 70}}).get_json()
    assert (changed["title"], changed["controls"]["strength"]) == ("Ours", 70)
    assert desk.call("DELETE", "/v1/presets/mine").status_code == 204
    problem(desk.get("/v1/presets/mine"), 404, "not_found")


def test_a_built_in_preset_takes_only_the_mark_of_a_favourite(desk: Desk) -> None:
    problem(desk.call("PUT", "/v1/presets/ink", json={"title": "x"}), 403, "read_only")
    problem(desk.call("DELETE", "/v1/presets/ink"), 403, "read_only")
    assert desk.call("PUT", "/v1/presets/ink", json={"favourite": True}).get_json()["favourite"] is True
    problem(desk.call("PUT", "/v1/presets/ink", json={"favourite": "yes"}), 400, "invalid_request")


@pytest.mark.parametrize("path", ["", "/thumbnail", "/style", "/bundle"])
def test_an_unknown_preset_is_404(desk: Desk, path: str) -> None:
    assert "ink" in problem(desk.get(f"/v1/presets/inc{path}"), 404, "not_found")["hint"]


def test_a_bundle_goes_out_and_comes_in_again(desk: Desk, own: str) -> None:
    bundle = desk.get("/v1/presets/mine/bundle")
    assert bundle.content_type == "application/zip"
    desk.call("DELETE", "/v1/presets/mine")
    answer = desk.post("/v1/presets/import", data=bundle.data, content_type="application/zip")
    assert (answer.status_code, answer.get_json()["name"]) == (201, "mine")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 half", bytes(1000)])
def test_what_is_no_bundle_is_refused(desk: Desk, data: bytes) -> None:
    answer = desk.post("/v1/presets/import", data=data, content_type="application/zip")
    assert answer.status_code in (400, 415)
    problem(desk.post("/v1/presets/import", data=b"x", content_type="image/png"), 415, "unsupported_media_type")


def test_a_bundle_whose_name_is_taken_is_imported_under_another(desk: Desk) -> None:
    data = desk.get("/v1/presets/ink/bundle").data
    again = {"data": data, "content_type": "application/zip"}
    problem(desk.post("/v1/presets/import", **again), 409, "name_taken")
    answer = desk.post("/v1/presets/import?name=my-ink", **again)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/v1/presets/my-ink")
    assert (answer.get_json()["name"], answer.get_json()["library"]) == ("my-ink", "user")
    problem(desk.post("/v1/presets/import?name=..", **again), 400, "invalid_preset")
    problem(desk.post("/v1/presets/import?as=b", **again), 400, "invalid_request")
