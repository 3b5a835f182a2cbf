"""Names are looked up and numbers checked before anything is written."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from tests.jobs.fakes import Shop, grey

from neural_style_server.engine.method import Method
from neural_style_server.errors import ImageError, InvalidRequest, MethodError, NeuralStyleError, NotFound, TooLarge
from neural_style_server.files import read_json
from neural_style_server.jobs import create_checks, forecasting
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.pixels import Picture
from neural_style_server.validation import validate


def mask_of(shop: Shop, *selected: tuple[int, int], width: int = 8, height: int = 6) -> str:
    pixels = np.zeros((height, width, 4), "u1")
    pixels[..., 3] = 255
    for x, y in selected:
        pixels[y, x, :3] = 255
    return str(shop.images.put(Picture(pixels, "RGBA8"))["id"])


def refused(shop: Shop, kind: type[NeuralStyleError], **more: Any) -> NeuralStyleError:
    with pytest.raises(kind) as caught:
        shop.submit(**more)
    assert os.listdir(shop.home / "jobs") == []
    assert shop.controller.jobs() == []
    return caught.value


@pytest.mark.parametrize("weight", [math.nan, math.inf, -1, 1e300, "much", None, True])
@pytest.mark.parametrize("key", ["style_weight", "content_weight", "tv_weight"])
def test_a_weight_that_is_no_good_number_leaves_nothing(shop: Shop, key: str, weight: Any) -> None:
    assert key in refused(shop, MethodError, method={key: weight}).detail


@pytest.mark.parametrize("method", [{"iterations": 0}, {"iterations": 2.5}, {"quality": "best"}, {"style_wieght": 1}])
def test_a_wrong_method_leaves_nothing(shop: Shop, method: dict[str, Any]) -> None:
    refused(shop, MethodError, method=method)


@pytest.mark.parametrize("controls", [{"strength": 101}, {"colour": "yours"}, {"strenght": 5}, {"detail": math.nan}])
def test_a_wrong_control_leaves_nothing(shop: Shop, controls: dict[str, Any]) -> None:
    refused(shop, MethodError, controls=controls)


def test_a_misspelt_key_is_met_with_the_right_one(shop: Shop) -> None:
    assert "did you mean 'style_weight'" in refused(shop, MethodError, method={"style_wieght": 1}).detail


def test_an_unknown_preset_leaves_nothing(shop: Shop) -> None:
    assert "inc" in refused(shop, NotFound, preset="inc").detail


@pytest.mark.parametrize("key", ["content", "mask", "init"])
def test_an_unknown_image_leaves_nothing(shop: Shop, key: str) -> None:
    refused(shop, NotFound, **{key: "0" * 64})


def test_unknown_names_in_a_region_leave_nothing(shop: Shop) -> None:
    mask = mask_of(shop, (1, 1))
    refused(shop, NotFound, regions=[{"mask": mask, "preset": "inc"}])
    refused(shop, NotFound, regions=[{"mask": mask, "style": "0" * 64}])
    refused(shop, NotFound, regions=[{"mask": "0" * 64, "preset": "ink"}])


def test_a_mask_of_another_size_is_refused_with_both_sizes(shop: Shop) -> None:
    error = refused(shop, ImageError, mask=mask_of(shop, (0, 0), width=9))
    assert "9 × 6" in error.detail
    assert "8 × 6" in error.detail


def test_an_empty_mask_is_refused(shop: Shop) -> None:
    assert "nothing is selected" in refused(shop, ImageError, mask=mask_of(shop)).detail


def test_an_empty_region_is_refused_by_its_number(shop: Shop) -> None:
    regions = [{"mask": mask_of(shop, (1, 1)), "preset": "ink"}, {"mask": mask_of(shop), "preset": "ink"}]
    assert "regions[1].mask is empty" in refused(shop, ImageError, regions=regions).detail


def test_a_fully_transparent_layer_is_refused(shop: Shop) -> None:
    clear = shop.images.put(Picture(np.zeros((6, 8, 4), "u1"), "RGBA8"))["id"]
    assert "fully transparent" in refused(shop, ImageError, content=clear).detail


def test_a_selection_of_nothing_but_transparent_pixels_is_refused(shop: Shop) -> None:
    pixels = grey(50).pixels.copy()
    pixels[2, 3, 3] = 0
    content = shop.images.put(Picture(pixels, "RGBA8"))["id"]
    refused(shop, ImageError, content=content, mask=mask_of(shop, (3, 2)))


def test_a_style_mask_must_have_its_style_s_size(shop: Shop) -> None:
    own = mask_of(shop, (1, 1))
    style = shop.images.put(grey(3, 7, 7))["id"]
    for named in ({"style": style}, {"preset": "ink"}):
        error = refused(shop, ImageError, regions=[{"mask": own, "style_mask": own, **named}])
        assert "regions[0].style_mask is 8 × 6" in error.detail


def test_the_start_image_must_be_there(shop: Shop) -> None:
    assert "`init`" in refused(shop, InvalidRequest, method={"start": "image"}).detail


def test_a_start_image_that_is_sent_is_used(shop: Shop) -> None:
    other = shop.images.put(grey(3))["id"]
    assert shop.job(shop.submit(init=other))["recipe"]["start"] == "image"
    chosen = shop.submit("b", init=other, method={"start": "noise"})
    assert shop.job(chosen)["recipe"]["start"] == "noise"


def test_a_job_that_does_not_fit_into_memory_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "free_bytes", lambda: 1000)
    assert refused(shop, TooLarge).code == "does_not_fit"


def canvas_of(shop: Shop, side: int) -> str:
    return str(shop.images.put(grey(90, side, side))["id"])


def test_what_would_fit_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "free_bytes", lambda: 200 << 20)
    body = {"content": "0" * 64, "preset": "ink"}
    found = shop.controller.forecast(validate(JobSpec, body), 4096, 2048)
    assert not found["fits"]
    size = int(found["detail"].split("A size of ")[1].split()[0])
    assert f"painted at {size} × {size // 2} px and enlarged" in found["detail"]
    assert shop.controller.forecast(validate(JobSpec, {**body, "size": size}), 4096, 2048)["fits"]


def test_a_limit_of_the_settings_counts_like_what_is_free(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(memory_limit_bytes=1 << 20)
    shop.warm()
    error = refused(shop, TooLarge, content=canvas_of(shop, 700))
    assert error.code == "does_not_fit"
    assert "Not even the smallest size would fit" in error.detail


def test_a_large_canvas_is_told_its_quick_alternative(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forecasting, "free_bytes", lambda: 16 << 30)
    spec = validate(JobSpec, {"content": "0" * 64, "preset": "ink"})
    found = shop.controller.forecast(spec, 3000, 2000)
    assert found["full_detail"] and (found["width"], found["height"]) == (3000, 2000)
    assert found["quick"]["size"] == forecasting.QUICK_SIDE
    assert found["quick"]["seconds"] < 0.7 * found["seconds"] and found["quick"]["bytes"] < found["bytes"]
    quick = validate(JobSpec, {"content": "0" * 64, "preset": "ink", "size": forecasting.QUICK_SIDE})
    taken = shop.controller.forecast(quick, 3000, 2000)
    assert (taken["full_detail"], taken["quick"]) == (False, None)
    assert taken["seconds"] == found["quick"]["seconds"]


def test_a_print_of_36_by_24_inches_is_forecast_in_its_exact_pixels_and_flat_memory(
    open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 300 dpi. Of four times as many pixels the memory grows by half at most."""
    monkeypatch.setattr(forecasting, "free_bytes", lambda: 8 << 30)
    shop = open_shop(memory_limit_bytes=4 << 30)
    spec = validate(JobSpec, {"content": "0" * 64, "preset": "ink"})
    small, whole = (shop.controller.forecast(spec, width, width * 2 // 3) for width in (5_400, 10_800))
    assert (whole["width"], whole["height"], whole["full_detail"], whole["fits"]) == (10_800, 7_200, True, True)
    assert whole["tile"] is not None and whole["bytes"] < 1.5 * small["bytes"] < 6 << 30
    assert whole["disk_bytes"] > 3 * small["disk_bytes"] and whole["seconds"] > small["seconds"]


def test_the_record_says_that_a_quick_job_is_one(shop: Shop) -> None:
    content = canvas_of(shop, 400)
    quick = shop.job(shop.submit(content=content, size=200))
    assert "200 × 200 px and enlarged" in quick["notes"][0]
    assert shop.job(shop.submit("b", content=content))["notes"] == []


def test_a_picture_that_was_painted_before_is_forecast_a_little_faster(shop: Shop) -> None:
    job = shop.submit()
    first = shop.job(job)["forecast"]["seconds"]
    shop.worker.done(job)
    assert shop.job(shop.submit())["forecast"]["seconds"] < first


def test_a_device_of_its_own_memory_is_planned_with(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = validate(JobSpec, {"content": "0" * 64, "preset": "ink"})
    known = {"pixels": [4096, 36864], "seconds": [0.01, 0.02], "device_bytes": 4 << 30}
    found = forecasting.predict(spec, Method(), 3000, 2000, known)
    assert found.fits and found.tile is not None and found.bytes < 4 << 30


def test_a_disk_without_room_refuses_before_anything_is_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create_checks, "DISK_RESERVE", 1 << 60)
    assert refused(shop, TooLarge).code == "disk_full"


def test_the_seed_of_the_request_counts(shop: Shop) -> None:
    assert shop.job(shop.submit(seed=7))["seed"] == 7


def test_the_styles_of_a_job_are_its_own_copies(shop: Shop) -> None:
    mask = mask_of(shop, (1, 1))
    job = shop.submit(regions=[{"mask": mask, "preset": "ink"}, {"mask": mask, "style": shop.content}])
    task = read_json(shop.controller.folder(job) / "task.json")
    assert (shop.controller.folder(job) / task["regions"][0]["styles"][0]["file"]).stat().st_size > 100
    assert task["regions"][1]["styles"][0]["image"] == shop.content


def test_a_forecast_starts_nothing(shop: Shop) -> None:
    spec = validate(JobSpec, {"content": "0" * 64, "preset": "ink", "method": {"iterations": 10}})
    found = shop.controller.forecast(spec, 640, 480)
    assert (found["iterations"], found["width"], found["fits"]) == (10, 640, True)
    assert os.listdir(shop.home / "jobs") == []
