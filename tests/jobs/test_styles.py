"""Presets are blended by weight, each as its own style images share it."""

from __future__ import annotations

import os
import shutil
from functools import partial
from typing import Any

import numpy as np
import pytest
from tests.jobs.conftest import write_preset
from tests.jobs.fakes import Shop, grey

from neural_style_server.errors import InvalidRequest, NeuralStyleError, NotFound
from neural_style_server.files import read_json
from neural_style_server.jobs.spec import JobSpec
from neural_style_server.pixels import Picture
from neural_style_server.presets.library import Library, Source
from neural_style_server.users import OWNER
from neural_style_server.validation import validate


@pytest.fixture
def library(tmp_path: Any) -> Library:
    """Ink and pen have one style image, wash has two that share it 3 to 1, and a third that does not count."""
    folder = tmp_path / "built-in"
    for detail, name in enumerate(("ink", "pen", "wash", "others"), 40):
        write_preset(folder / name, detail=detail)
    for other in ("second.png", "third.png"):
        shutil.copy(folder / "others" / "style.png", folder / "wash" / other)
    shutil.rmtree(folder / "others")
    images = "[{file: style.png, weight: 3}, {file: second.png}, {file: third.png, weight: 0}]"
    (folder / "wash" / "preset.yaml").write_text(f"schema: 1\ntitle: Wash\nimages: {images}\n")
    return Library([Source("built-in", folder)])


def painted_with(shop: Shop, job: str) -> list[list[float]]:
    """The weights of the style images of each region, as the worker reads them."""
    task = read_json(shop.controller.folder(job) / "task.json")
    return [[style["weight"] for style in region["styles"]] for region in task["regions"]]


def refused(shop: Shop, kind: type[NeuralStyleError], **more: Any) -> str:
    with pytest.raises(kind) as caught:
        shop.submit(**more)
    assert os.listdir(shop.home / "jobs") == []
    return caught.value.detail


def whole(shop: Shop) -> str:
    return str(shop.images.put(Picture(np.full((6, 8, 4), 255, "u1"), "RGBA8"))["id"])


def test_a_preset_s_images_share_its_weight(shop: Shop) -> None:
    assert painted_with(shop, shop.submit(preset="wash")) == [[0.75, 0.25, 0]]
    blend = [{"preset": "wash", "weight": 0.5}, {"preset": "pen", "weight": 2.0}]
    job = shop.submit(blend=blend)
    assert painted_with(shop, job) == [[1, 0.375, 0.125, 0, 2]]
    folder = shop.controller.folder(job)
    files = [style["file"] for style in read_json(folder / "task.json")["regions"][0]["styles"]]
    assert len(set(files)) == 4, "two are the same picture"
    assert all((folder / file).stat().st_size > 100 for file in files)


def test_a_blend_changes_neither_controls_nor_method(shop: Shop) -> None:
    alone, blended = (shop.job(shop.submit(**more)) for more in ({}, {"blend": [{"preset": "pen", "weight": 1}]}))
    assert alone["recipe"] == blended["recipe"]


def test_the_record_keeps_the_blend_and_which_presets_these_were(shop: Shop) -> None:
    blend = [{"preset": "pen", "weight": 0.5}]
    saved = shop.saved(shop.submit(blend=blend))
    assert saved["request"]["blend"] == blend
    assert saved["preset_source"]["name"] == "ink"
    assert saved["preset_source"]["others"] == [shop.library.snapshot("pen").record()]
    assert shop.saved(shop.submit("b"))["preset_source"]["others"] == []


def test_each_region_has_a_blend_of_its_own(shop: Shop) -> None:
    mask = whole(shop)
    regions = [
        {"mask": mask, "preset": "wash", "blend": [{"preset": "ink", "weight": 4}]},
        {"mask": mask, "style": shop.content, "blend": [{"preset": "pen", "weight": 3}]},
        {"mask": mask, "preset": "pen"},
    ]
    job = shop.submit(regions=regions)
    assert painted_with(shop, job) == [[0.75, 0.25, 0, 4], [1, 3], [1]]
    others = shop.saved(job)["preset_source"]["others"]
    assert [other["name"] for other in others] == ["wash", "pen"]


def test_a_style_mask_is_for_what_the_region_names_first(shop: Shop) -> None:
    own = str(shop.images.put(grey(200, 48, 40))["id"])
    region = {"mask": whole(shop), "preset": "ink", "style_mask": own, "blend": [{"preset": "pen", "weight": 1}]}
    task = read_json(shop.controller.folder(shop.submit(regions=[region])) / "task.json")
    assert [style["mask"] for style in task["regions"][0]["styles"]] == [own, None]


def test_a_style_part_is_for_what_the_region_names_first_whatever_the_sizes_of_its_images(shop: Shop) -> None:
    part = {"left": 0.25, "top": 0, "width": 0.5, "height": 1}
    for named in ({"preset": "wash"}, {"style": shop.content}):
        region = {"mask": whole(shop), "style_part": part, "blend": [{"preset": "pen", "weight": 1}], **named}
        task = read_json(shop.controller.folder(shop.submit(regions=[region])) / "task.json")
        *own, blended = [style.get("part") for style in task["regions"][0]["styles"]]
        assert own and all(found == part for found in own) and blended is None


def test_an_unknown_preset_is_told_by_its_name(shop: Shop) -> None:
    blend = [{"preset": "inc", "weight": 1}]
    assert "'inc'" in refused(shop, NotFound, blend=blend)
    assert "'inc'" in refused(shop, NotFound, regions=[{"mask": whole(shop), "preset": "ink", "blend": blend}])
    with pytest.raises(NotFound, match="'inc'"):
        shop.controller.forecast(validate(JobSpec, {"content": "0" * 64, "preset": "ink", "blend": blend}), 640, 480)


@pytest.mark.parametrize("twice", ["ink", "pen"])
def test_a_preset_that_is_there_twice_is_told_by_its_name(shop: Shop, twice: str) -> None:
    blend = [{"preset": "pen", "weight": 1}, {"preset": twice, "weight": 2}]
    assert refused(shop, InvalidRequest, blend=blend) == f"blend: the preset '{twice}' is there twice."
    regions = [{"mask": whole(shop), "preset": "ink", "blend": blend}]
    assert refused(shop, InvalidRequest, regions=regions).startswith("regions[0].blend: ")


def test_a_blend_beside_regions_would_paint_nothing(shop: Shop) -> None:
    more = {"blend": [{"preset": "pen", "weight": 1}], "regions": [{"mask": whole(shop), "preset": "ink"}]}
    assert "blend cannot stand beside regions" in refused(shop, InvalidRequest, **more)


def test_every_style_image_that_counts_is_forecast(shop: Shop) -> None:
    def seconds(**more: Any) -> float:
        spec = validate(JobSpec, {"content": "0" * 64, "preset": "ink", **more})
        return float(shop.controller.forecast(spec, 640, 480)["seconds"])

    pen, wash = ({"preset": name, "weight": 1} for name in ("pen", "wash"))
    assert seconds() < seconds(blend=[pen]) < seconds(blend=[wash]) < seconds(blend=[pen, wash])
    masked = [{"mask": whole(shop), "preset": "ink"}]
    assert seconds(regions=masked) < seconds(regions=[{**masked[0], "blend": [pen]}])


def test_only_the_same_blend_was_painted_before(shop: Shop) -> None:
    blend = [{"preset": "pen", "weight": 1}]
    job = shop.submit(blend=blend)
    shop.worker.done(job)
    shop.settle()
    asked = {"content": shop.content, "preset": "ink"}
    painted = partial(shop.controller.status.was_painted, owner=OWNER)
    assert painted(validate(JobSpec, {**asked, "blend": blend}), 8, 6)
    assert not painted(validate(JobSpec, asked), 8, 6)
    live = shop.live(job).record
    live.request = {key: value for key, value in live.request.items() if key != "blend"}
    assert painted(validate(JobSpec, asked), 8, 6), "a record of version 0.1.0"
