"""Results as files to keep: every format, the settings in them, and what cannot be written."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image
from tests.api.conftest import Desk, problem

from neural_style_server.pictures.metadata import settings_of
from neural_style_server.pictures.reading import read_picture_file
from neural_style_server.recipe import parse_recipe


def done(desk: Desk, **more: object) -> str:
    job = desk.job(**more)
    desk.shop.worker.done(job)
    return job


@pytest.mark.parametrize(("kind", "ending"), [("png", "png"), ("jpeg", "jpg"), ("webp", "webp")])
def test_a_result_is_a_file_with_its_settings(desk: Desk, kind: str, ending: str) -> None:
    job = done(desk, controls={"strength": 70})
    answer = desk.get(f"/v1/jobs/{job}/file?format={kind}")
    assert answer.content_type == f"image/{kind}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ink-{job}.{ending}"'
    with Image.open(io.BytesIO(answer.data)) as image:
        assert image.format == kind.upper()
        view = desk.get(f"/v1/jobs/{job}").get_json()
        assert image.size == (view["width"], view["height"])
        recipe = parse_recipe(settings_of(image.info), "x")
    assert (recipe.preset.name, recipe.job.controls["strength"]) == ("ink", 70)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_a_print_s_resolution_is_in_the_file(desk: Desk, kind: str) -> None:
    job = done(desk)
    for dpi in (300, 72):
        data = desk.get(f"/v1/jobs/{job}/file?format={kind}&dpi={dpi}").data
        assert read_picture_file(data, 1 << 20).dpi == pytest.approx(dpi, abs=0.02)
    assert read_picture_file(desk.get(f"/v1/jobs/{job}/file?format={kind}").data, 1 << 20).dpi is None


@pytest.mark.parametrize("dpi", ["0", "10001", "-1", "1.5", "nan", ""])
def test_a_resolution_that_cannot_be_is_refused(desk: Desk, dpi: str) -> None:
    assert "dpi" in problem(desk.get(f"/v1/jobs/{done(desk)}/file?dpi={dpi}"), 400, "invalid_request")["detail"]


def test_png_is_the_usual_format(desk: Desk) -> None:
    assert desk.get(f"/v1/jobs/{done(desk)}/file").content_type == "image/png"


def test_settings_that_would_paint_another_picture_are_left_out(desk: Desk) -> None:
    assert desk.post("/v1/presets", {"name": "mine", "copy_of": "ink"}).status_code == 201
    job = done(desk, preset="mine")
    assert desk.call("PUT", "/v1/presets/mine", json={"controls": {"strength": 9}}).status_code == 200
    for _ in range(2):
        with Image.open(io.BytesIO(desk.get(f"/v1/jobs/{job}/file").data)) as image:
            assert settings_of(image.info) is None
        desk.call("DELETE", "/v1/presets/mine")


def test_there_is_no_file_before_there_is_a_result(desk: Desk) -> None:
    problem(desk.get(f"/v1/jobs/{desk.job()}/file"), 409, "no_result")
    problem(desk.get("/v1/jobs/none/file"), 404, "not_found")


def test_an_uploaded_picture_can_be_seen_again(desk: Desk) -> None:
    data = bytes(range(240))
    image = desk.upload(data, 10, 6).get_json()["id"]
    assert desk.get(f"/v1/images/{image}").data == data
    with Image.open(io.BytesIO(desk.get(f"/v1/images/{image}?max=5", Accept="image/png").data)) as small:
        assert small.size == (5, 3)
    for name in ("x", "0" * 64, "..", "..%2f..%2fdaemon"):
        assert desk.get(f"/v1/images/{name}").status_code == 404
    assert json.loads(desk.get("/v1/images/x").data)["code"] == "not_found"
