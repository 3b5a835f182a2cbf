"""Parts of the picture: marked with brush and lasso, by hand and by keys, in styles of their own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageStat
from tests.chromium.conftest import Painter
from tests.waiting import wait_for

SIZE = (96, 64)
LEFT = [(-0.1, -0.1), (0.5, -0.1), (0.5, 1.1), (-0.1, 1.1)]
"""The left half, as shares of the picture's sides: a lasso may go beyond them."""


@pytest.fixture
def marking(painter: Painter, photo: Path) -> Painter:
    painter.choose(photo)
    painter.page.locator("#order summary", has_text="Regions").click()
    return painter


def draw(painter: Painter, points: list[tuple[float, float]]) -> None:
    box = painter.page.locator(".sheet").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    mouse = painter.page.mouse
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place, steps=3)
    mouse.up()


def add_region(painter: Painter, style: str, weight: int = 100) -> None:
    painter.button("Add a region").click()
    count = painter.page.locator(".part").count() - 1
    painter.page.get_by_label(f"Style of Region {count}").select_option(style)
    painter.page.get_by_label(f"Weight of Region {count}").fill(str(weight))


def masks(painter: Painter, job: str) -> list[tuple[str, Image.Image]]:
    """(style, the grey picture of where it goes) of each region of a job."""
    regions = painter.daemon.client.job(job)["request"]["regions"]
    return [(region["preset"], picture(painter, region["mask"])) for region in regions]


def picture(painter: Painter, identity: str) -> Image.Image:
    url = f"{painter.daemon.client.url}/v1/images/{identity}"
    answer = painter.context.request.get(url, headers={"Accept": "image/png"})
    return Image.open(io.BytesIO(answer.body())).convert("L")


def grey(mask: Image.Image, box: tuple[int, int, int, int]) -> float:
    return float(ImageStat.Stat(mask.crop(box)).mean[0])


def test_a_lasso_makes_a_region_with_a_style_and_a_weight_of_its_own(marking: Painter) -> None:
    page = marking.page
    page.get_by_role("radio", name="Ink wash").click()
    add_region(marking, "mosaic", 60)
    marking.see("nothing marked yet")
    marking.button("Lasso").click()
    draw(marking, LEFT)
    marking.see("weight 60 %")
    marking.set_iterations(2)
    job = marking.paint()
    marking.see("Finished ·")
    (mosaic, first), (ink, rest) = masks(marking, job)
    assert (mosaic, ink) == ("mosaic", "ink-wash")
    assert first.size == rest.size == SIZE
    assert grey(first, (2, 2, 46, 62)) == pytest.approx(153, abs=1)
    assert grey(rest, (2, 2, 46, 62)) == pytest.approx(102, abs=1)
    assert grey(first, (50, 0, 96, 64)) == 0
    assert grey(rest, (50, 0, 96, 64)) == 255
    assert marking.daemon.client.job(job)["request"]["mask"] is None


def test_several_regions_are_blended_with_what_they_leave(marking: Painter) -> None:
    page = marking.page
    page.get_by_role("radio", name="Crayon").click()
    page.get_by_text("Blend with another style").click()
    page.get_by_label("Second style").select_option("night-swirl")
    marking.button("Lasso").click()
    for style, shift in (("mosaic", 0.0), ("ink-wash", 0.6)):
        add_region(marking, style)
        draw(marking, [(x * 0.6 + shift, y) for x, y in LEFT])
    page.locator("#forecast").get_by_text("iterations").wait_for()
    marking.set_iterations(2)
    job = marking.paint()
    marking.see("Finished ·")
    request = marking.daemon.client.job(job)["request"]
    assert [region["preset"] for region in request["regions"]] == ["mosaic", "ink-wash", "crayon"]
    assert request["blend"] == []
    assert request["regions"][2]["blend"] == [{"preset": "night-swirl", "weight": 1}]


def test_soft_edges_fade_and_stay_whole_at_the_border(marking: Painter) -> None:
    add_region(marking, "mosaic")
    marking.button("Lasso").click()
    draw(marking, LEFT)
    marking.page.get_by_label("Soft edge", exact=True).fill("10")
    marking.set_iterations(2)
    (_, mask), _ = masks(marking, marking.paint())
    marking.see("Finished ·")
    line = [int(mask.getpixel((x, 32))) for x in range(SIZE[0])]  # type: ignore[arg-type]
    assert line[0] == 255
    assert line[-1] == 0
    assert line == sorted(line, reverse=True)
    assert len({value for value in line if 0 < value < 255}) > 8


def test_a_region_is_marked_by_keys_alone(marking: Painter) -> None:
    page = marking.page
    marking.button("Add a region").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("m")  # in the list of styles, which has the focus: Mosaic or another with m
    marking.button("Lasso").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.className") == "stage"
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Space")
    for key, count in (("ArrowRight", 3), ("ArrowDown", 4), ("ArrowLeft", 3)):
        for _ in range(count):
            page.keyboard.press(f"Shift+{key}")
    page.keyboard.press("Space")
    assert page.locator("#announcer").text_content() == "Marked."
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "lasso"
    marking.set_iterations(2)
    (_, mask), _ = masks(marking, marking.paint())
    marking.see("Finished ·")
    assert grey(mask, (12, 34, 36, 54)) == 255
    assert grey(mask, (48, 0, 96, 64)) == 0


def test_what_is_erased_and_what_is_taken_away_is_painted_in_the_jobs_own_style(marking: Painter) -> None:
    page = marking.page
    add_region(marking, "mosaic")
    marking.button("Lasso").click()
    draw(marking, LEFT)
    marking.button("Erase").click()
    draw(marking, [(x, y * 0.5) for x, y in LEFT])
    marking.button("Erase").click()
    add_region(marking, "ink-wash")
    draw(marking, LEFT)
    marking.button("Remove Region 2").click()
    marking.set_iterations(2)
    (_, mask), _ = masks(marking, marking.paint())
    marking.see("Finished ·")
    assert grey(mask, (0, 0, 96, 30)) == 0
    assert grey(mask, (2, 40, 46, 62)) == 255
    assert page.locator(".part").count() == 2


def marked(painter: Painter) -> list[int]:
    """How much each area marks, as it is shown: first of what is painted at all, then of each region."""
    sums = """() => [...document.querySelectorAll('canvas.area')].map((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.reduce((sum, value, at) => sum + (at % 4 === 3 ? value : 0), 0);
    })"""
    return list(painter.page.evaluate(sums))


def test_what_was_drawn_is_taken_back_step_by_step_wherever_it_was(marking: Painter) -> None:
    page, undo = marking.page, marking.button("Undo")
    assert undo.is_disabled()
    steps = []

    def step(*what: Any) -> None:
        """Remember what is marked, and draw."""
        steps.append(marked(marking))
        draw(marking, *what)
        wait_for(lambda: marked(marking) != steps[-1])

    add_region(marking, "mosaic")
    step([(0.1, 0.2), (0.4, 0.2)])
    step([(0.1, 0.6), (0.4, 0.6)])
    marking.button("Lasso").click()
    step(LEFT)
    marking.button("Erase").click()
    step([(x, y * 0.5) for x, y in LEFT])
    marking.button("Erase").click()
    steps.append(marked(marking))
    page.locator("#brush-clear").click()
    wait_for(lambda: marked(marking) == [0, 0])
    page.get_by_label("Only this is painted").check()
    step([(x * 0.5 + 0.5, y) for x, y in LEFT])
    for count in range(len(steps)):
        undo.click() if count % 2 else page.keyboard.press("Control+z")
        wait_for(lambda: marked(marking) == steps[-1 - count])  # noqa: B023
        chosen = page.locator("#parts [type=radio]").nth(1 if count else 0)
        assert chosen.is_checked()  # where it was
    assert undo.is_disabled()
    marking.see("nothing marked yet")


def test_undo_is_the_text_field_s_own_and_knows_no_region_that_is_gone(marking: Painter) -> None:
    page = marking.page
    add_region(marking, "mosaic")
    draw(marking, [(0.1, 0.2), (0.4, 0.2)])
    marking.see("weight 100 %")
    search = page.get_by_label("Search styles")
    search.fill("ink")
    before = marked(marking)
    search.press("Control+z")
    assert marked(marking) == before
    marking.button("Remove Region 1").click()
    assert marking.button("Undo").is_disabled()


def test_a_pen_that_keys_lead_is_lifted_and_its_stroke_taken_back(marking: Painter) -> None:
    page = marking.page
    add_region(marking, "mosaic")
    marking.button("Brush").focus()
    page.keyboard.press("Enter")  # puts it away
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    wait_for(lambda: marked(marking)[1] > 0)
    page.keyboard.press("Control+z")
    wait_for(lambda: marked(marking) == [0, 0])
    page.keyboard.press("Shift+ArrowLeft")
    assert marked(marking) == [0, 0]  # the pen is up
    marking.button("Lasso").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")  # nothing was circled
    assert marking.button("Undo").is_disabled()


def test_regions_come_back_after_a_reload(marking: Painter) -> None:
    page = marking.page
    page.get_by_role("radio", name="Ink wash").click()
    add_region(marking, "mosaic", 60)
    marking.button("Lasso").click()
    draw(marking, LEFT)
    marking.set_iterations(2)
    first = masks(marking, marking.paint())
    marking.see("Finished ·")
    page.reload()
    marking.see("Finished ·")
    weight = page.get_by_label("Weight of Region 1")
    wait_for(lambda: weight.count() == 1 and weight.input_value() == "60")
    assert page.get_by_label("Style of Region 1").input_value() == "mosaic"
    again = masks(marking, marking.paint())
    marking.see("Finished ·")
    assert [(style, mask.tobytes()) for style, mask in again] == [(style, mask.tobytes()) for style, mask in first]


def test_a_live_painting_follows_its_regions(marking: Painter) -> None:
    page, client = marking.page, marking.daemon.client
    page.get_by_role("radio", name="Ink wash").click()
    marking.set_iterations(3)
    page.get_by_label("Live: what you change").check()
    job = marking.paint()
    marking.see("Live: this is what you have chosen")
    add_region(marking, "mosaic")
    draw(marking, [(0.2, 0.5), (0.4, 0.5)])
    wait_for(lambda: len(client.job(job)["request"]["regions"]) == 2)
    marking.button("Remove Region 1").click()
    wait_for(lambda: client.job(job)["request"]["regions"] == [])
    marking.button("Stop and keep").click()
    marking.see("Finished ·")


def test_another_picture_has_nothing_marked(marking: Painter, tmp_path: Path) -> None:
    add_region(marking, "mosaic")
    draw(marking, [(0.2, 0.5), (0.4, 0.5)])
    other = tmp_path / "other.png"
    Image.new("RGB", (40, 40), "teal").save(other)
    marking.choose(other)
    wait_for(lambda: marking.page.locator(".part").count() == 1)
    assert marking.page.locator("canvas.area").count() == 1


WEIGHTS: list[tuple[str, Any]] = [
    ("softened(Uint8Array.of(0, 0, 255, 255), {width: 4, height: 1}, 0)", [0, 0, 255, 255]),
    ("softened(Uint8Array.of(0, 0, 0, 255, 255, 255), {width: 6, height: 1}, 2)", [0, 28, 85, 170, 227, 255]),
    ("softened(Uint8Array.of(0, 0, 0, 255, 255, 255), {width: 1, height: 6}, 2)", [0, 28, 85, 170, 227, 255]),
    ("softened(Uint8Array.of(255, 255, 255, 255), {width: 2, height: 2}, 9)", [255] * 4),
    ("leftOver([Uint8Array.of(0, 100, 255), Uint8Array.of(50, 20, 0)])", [205, 155, 0]),
    ("scaled(Uint8Array.of(0, 100, 255), 60)", [0, 60, 153]),
]


def test_weights_are_softened_scaled_and_left_over(painter: Painter) -> None:
    for call, expected in WEIGHTS:
        name = call.partition("(")[0]
        found = painter.page.evaluate(f"import('/assets/weights.js').then(({{ {name} }}) => [...{call}])")
        assert found == expected, call
