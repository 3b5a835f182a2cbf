"""Presets beside the one of --preset: blended, and in regions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import Run, plain
from tests.real import RealDaemon

from neural_style_server.cli.outputs import Output
from neural_style_server.cli.painting import CheckedPhoto, checked_photo
from neural_style_server.cli.photos import Source
from neural_style_server.cli.styles import ChosenRegion, chosen_blend, chosen_regions, in_regions
from neural_style_server.errors import InvalidRequest
from neural_style_server.pixels import Picture

BODY = {"preset": "ink", "controls": {}, "blend": [{"preset": "pen", "weight": 0.5}]}


@pytest.fixture
def one(home: Path, photo: Path) -> CheckedPhoto:
    return checked_photo(Source(photo), Output(Path("out.png")), None, strip=False)


def saved(name: str, *boxes: tuple[int, int, int, int], size: tuple[int, int] = (48, 40)) -> str:
    mask = Image.new("L", size)
    for box in boxes:
        mask.paste(255, box)
    mask.save(name)
    return name


def sent(one: CheckedPhoto, regions: list[tuple[str, str]], body: dict[str, Any] = BODY) -> tuple[Any, list[Any]]:
    masks: list[Picture] = []

    def send(mask: Picture) -> str:
        masks.append(mask)
        return f"mask {len(masks)}"

    chosen = [ChosenRegion(mask, {"preset": name}) for mask, name in regions]
    return in_regions(body, chosen, one, send), [mask.grey() for mask in masks]


def test_a_blend_is_a_name_and_a_weight() -> None:
    assert chosen_blend(["mosaic:0.3", "ink:2"]) == [
        {"preset": "mosaic", "weight": 0.3},
        {"preset": "ink", "weight": 2.0},
    ]


@pytest.mark.parametrize("word", ["mosaic", "mosaic:", ":0.3", "mosaic:much", "ink:0", "ink:-1", "ink:nan", "ink:inf"])
def test_a_blend_without_a_weight_is_refused_as_it_was_written(word: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        chosen_blend([word])
    assert repr(word) in caught.value.detail


def test_a_mask_may_have_an_equals_sign_in_its_name() -> None:
    assert chosen_regions(["a=b.png=ink"]) == [("a=b.png", {"preset": "ink"})]
    for word in ("ink", "=ink", "mask.png="):
        with pytest.raises(InvalidRequest, match="MASK=NAME"):
            chosen_regions([word])


def test_a_region_may_take_a_part_of_the_style_image() -> None:
    part = {"left": 0, "top": 0.125, "width": 1, "height": 0.4}
    assert chosen_regions(["sky.png=ink:0,12.5,100,40"]) == [("sky.png", {"preset": "ink", "style_part": part})]
    for text in ("", "0,0,100", "0,0,100,0", "-1,0,50,50", "0,100,50,50", "left,0,50,50", "nan,0,50,50", "0,0,101,9"):
        with pytest.raises(InvalidRequest, match="LEFT,TOP,WIDTH,HEIGHT") as caught:
            chosen_regions([f"sky.png=ink:{text}"])
        assert repr(f"sky.png=ink:{text}") in caught.value.detail


def test_what_regions_leave_is_in_the_preset_and_its_blend(one: CheckedPhoto) -> None:
    body, masks = sent(one, [(saved("sky.png", (0, 0, 48, 10)), "mosaic"), (saved("left.png", (0, 0, 9, 40)), "pen")])
    assert body == {
        "preset": "ink",
        "controls": {},
        "regions": [
            {"mask": "mask 1", "preset": "mosaic"},
            {"mask": "mask 2", "preset": "pen"},
            {"mask": "mask 3", "preset": "ink", "blend": BODY["blend"]},
        ],
    }
    assert np.array_equal(masks[2], 1 - np.maximum(masks[0], masks[1]))
    assert 0 < masks[2].mean() < 1


def test_regions_that_leave_nothing_are_all_there_is(one: CheckedPhoto) -> None:
    everywhere = [(saved("all.png", (0, 0, 48, 40)), "mosaic")]
    body, _ = sent(one, everywhere, {"preset": "ink"})
    assert body["regions"] == [{"mask": "mask 1", "preset": "mosaic"}]
    with pytest.raises(InvalidRequest, match="leave nothing"):
        sent(one, everywhere)


def test_without_regions_the_body_is_as_it_was(one: CheckedPhoto) -> None:
    assert sent(one, []) == (BODY, [])


@pytest.mark.parametrize(
    ("size", "told"), [((47, 40), "is 47 × 40 pixels, my photo.png 48 × 40"), ((48, 40), "selects nothing")]
)
def test_a_mask_that_cannot_be_one_is_refused(one: CheckedPhoto, size: tuple[int, int], told: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        sent(one, [(saved("mask.png", size=size), "mosaic")])
    assert told in caught.value.detail.replace(f"{one.source}", "my photo.png")


@pytest.fixture
def at(daemon: RealDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(daemon.home))
    monkeypatch.chdir(tmp_path)


QUICK = ["--preset", "night-swirl", "--set", "iterations=2"]


def test_a_blend_is_painted_and_painted_again(cli: Run, at: None, photo: Path) -> None:
    words = ["stylize", str(photo), *QUICK, "--blend", "mosaic:0.3", "--json", "-o", "first.png"]
    code, out, err = cli(*words)
    assert code == 0, err
    assert json.loads(out)["request"]["blend"] == [{"preset": "mosaic", "weight": 0.3}]
    assert cli("again", "first.png")[0] == 0
    assert Path("first-again.png").read_bytes() == Path("first.png").read_bytes()
    code, _, err = cli("presets", "from", "first.png")
    assert (code, "several presets" in plain(err)) == (2, True)


def test_regions_are_painted_but_not_again(cli: Run, at: None, photo: Path) -> None:
    mask = saved("mask.png", (0, 0, 24, 40))
    code, out, err = cli("stylize", str(photo), *QUICK, "--region", f"{mask}=mosaic", "--json", "-o", "first.png")
    assert code == 0, err
    assert [region["preset"] for region in json.loads(out)["request"]["regions"]] == ["mosaic", "night-swirl"]
    code, _, err = cli("again", "first.png")
    assert (code, "in regions" in plain(err)) == (2, True)


@pytest.mark.parametrize("words", [["--blend", "mosiac:1"], ["--blend", "night-swirl:1"], ["--blend", "mosaic:2000"]])
def test_what_the_daemon_refuses_is_told_in_one_line(cli: Run, at: None, photo: Path, words: list[str]) -> None:
    code, out, err = cli("stylize", str(photo), *QUICK, *words)
    assert (code, out) == (2, "")
    assert words[1].split(":")[0] in plain(err) or "weight" in err
