"""Parts of a picture in styles of their own, from marked pixels to the job's body."""

from __future__ import annotations

import json
from typing import Any

import pytest

from neural_style_client.errors import PainterError
from neural_style_client.parameters import Parameters, from_mapping, restored
from neural_style_client.regions import MarkedRegion, Region, empty_ones, forecast_regions, job_regions

SKY, SEA = Region("sky", "mosaic", mark="7"), Region("sea", "night-swirl", 50)
BODY = {"preset": "ink-wash", "blend": [{"preset": "charcoal", "weight": 1.0}]}


def marks(region: Region, *weights: int) -> MarkedRegion:
    return MarkedRegion(region, bytes(weights))


def grey(mask: Any) -> list[int]:
    return list(mask.data[0::4])


def test_what_no_region_marks_is_the_jobs_own_styles() -> None:
    found = job_regions(BODY, [marks(SKY, 255, 0, 0), marks(SEA, 0, 0, 200)], 3, 1)
    assert [(region, grey(mask)) for region, mask in found] == [
        ({"preset": "mosaic"}, [255, 0, 0]),
        ({"preset": "night-swirl"}, [0, 0, 100]),
        ({"preset": "ink-wash", "blend": BODY["blend"]}, [0, 255, 155]),
    ]


def test_regions_may_overlap() -> None:
    found = job_regions({"preset": "ink-wash"}, [marks(SKY, 255, 255), marks(Region("sun", "ink-wash"), 0, 255)], 2, 1)
    assert [grey(mask) for _, mask in found] == [[255, 255], [0, 255]]


def test_a_region_that_marks_nothing_is_left_out_and_told() -> None:
    marked = [marks(SKY, 0, 0), marks(SEA, 0, 9)]
    assert empty_ones(marked) == "Nothing is marked here by “sky”: it was left out."
    assert [region["preset"] for region, _ in job_regions({"preset": "ink-wash"}, marked, 2, 1)] == [
        "night-swirl", "ink-wash",
    ]  # fmt: skip
    assert job_regions(BODY, marked[:1], 2, 1) == []
    assert empty_ones(marked[1:]) == ""


def test_a_blend_needs_something_that_no_region_marks() -> None:
    with pytest.raises(PainterError, match="leave nothing of the picture for the blended styles"):
        job_regions(BODY, [marks(SKY, 255, 255)], 2, 1)


def test_a_forecast_counts_the_styles_and_needs_no_mask() -> None:
    assert forecast_regions(BODY, []) == BODY
    found = forecast_regions(dict(BODY, size=512), [SKY, SEA])
    assert [one["preset"] for one in found["regions"]] == ["ink-wash", "mosaic", "night-swirl"]
    assert found["regions"][0]["blend"] == BODY["blend"] and "blend" not in found and found["size"] == 512


def test_regions_survive_being_written_down() -> None:
    chosen = Parameters(preset="ink-wash", regions=[SKY, SEA])
    written = json.loads(json.dumps(chosen.as_mapping()))
    assert from_mapping(written) == chosen and chosen.regions == (SKY, SEA)


@pytest.mark.parametrize(
    "wrong", [3, [3], [{"layer": "sky"}], [{"layer": 3, "preset": "mosaic"}], [SKY] * 9, [{**vars(SKY), "weight": 0}]]
)
def test_what_is_wrong_is_refused_and_loses_nothing_else(wrong: Any) -> None:
    with pytest.raises(PainterError):
        from_mapping({"preset": "mosaic", "regions": wrong})
    assert restored({"preset": "mosaic", "regions": wrong}, Parameters()) == Parameters(preset="mosaic")


def test_a_region_is_painted_with_a_part_of_its_style_image() -> None:
    found = {"layer": "sky", "preset": "mosaic", "part": [0, 0, 50, 40]}
    chosen = from_mapping({"preset": "ink-wash", "regions": [found]})
    (region,) = chosen.regions
    ((body, _), _) = job_regions({"preset": "ink-wash"}, [marks(region, 255, 0)], 2, 1)
    assert body == {"preset": "mosaic", "style_part": {"left": 0, "top": 0, "width": 0.5, "height": 0.4}}
    assert from_mapping(json.loads(json.dumps(chosen.as_mapping()))) == chosen
