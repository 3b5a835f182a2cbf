"""Presets: a part of a painting becomes a style, and a style is changed with its ranges and meanings at hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.chromium.conftest import Painter
from tests.waiting import wait_for


@pytest.fixture
def keeper(painter: Painter) -> Iterator[Painter]:
    """In front of the styles, with none of her own."""
    forget_own(painter)
    painter.page.get_by_role("link", name="Presets").click()
    painter.page.locator("#preset-list li").first.wait_for()
    yield painter
    painter.page.goto("about:blank")  # a draft that is still to be painted needs its style
    forget_own(painter)


def forget_own(painter: Painter) -> None:
    for preset in painter.daemon.client.presets():
        if not preset["read_only"]:
            painter.daemon.client.delete_preset(preset["name"])


def drop_painting(keeper: Painter, folder: Path) -> None:
    """Red on the left, blue on the right."""
    path = folder / "two_halves.png"
    image = Image.new("RGB", (200, 120), "red")
    image.paste("blue", (100, 0, 200, 120))
    image.save(path)
    keeper.page.locator("#painting-file").set_input_files(path)
    keeper.see("200 × 120 pixels")
    keeper.page.locator("ns-crop img").wait_for()  # it has no size before


def style_image(keeper: Painter, name: str) -> Image.Image:
    with zipfile.ZipFile(io.BytesIO(keeper.daemon.client.export_preset(name))) as bundle:
        (file,) = (entry for entry in bundle.namelist() if entry.startswith("style"))
        return Image.open(io.BytesIO(bundle.read(file))).convert("RGB")


def drafts(keeper: Painter) -> list[dict[str, Any]]:
    return [job for job in keeper.daemon.client.jobs() if job["client"] == "page-draft"]


def test_the_part_that_is_drawn_becomes_the_style(keeper: Painter, tmp_path: Path) -> None:
    page = keeper.page
    drop_painting(keeper, tmp_path)
    box = page.locator("ns-crop").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9, steps=4)
    page.mouse.up()
    keeper.see("60 × 96 pixels")
    keeper.button("Make the style").click()
    keeper.see("“two halves” is among the styles.")
    image = style_image(keeper, "two-halves")
    assert image.size == (60, 96)
    assert image.getpixel((0, 0)) == image.getpixel((59, 95)) == (0, 0, 255)


def test_edges_are_led_by_keys_and_all_of_it_is_taken_again(keeper: Painter, tmp_path: Path) -> None:
    page = keeper.page
    drop_painting(keeper, tmp_path)
    left = page.get_by_role("slider", name="Left edge")
    left.focus()
    for _ in range(5):
        page.keyboard.press("PageDown")
    assert left.get_attribute("aria-valuenow") == "50"
    keeper.see("100 × 120 pixels")
    page.get_by_role("slider", name="Bottom edge").press("ArrowUp")
    keeper.see("100 × 119 pixels")
    page.get_by_role("slider", name="Top edge").press("End")  # as far as the smallest style image lets it
    keeper.see("100 × 32 pixels")
    keeper.button("All of it").click()
    keeper.see("200 × 120 pixels")


def test_a_draft_of_the_part_is_painted_at_once(keeper: Painter, tmp_path: Path) -> None:
    drop_painting(keeper, tmp_path)
    painted = keeper.page.locator("#draft img:not([hidden])")
    painted.wait_for()
    (first,) = drafts(keeper)
    whole = first["request"]["regions"][0]["style"]
    keeper.page.get_by_role("slider", name="Left edge").press("PageDown")
    wait_for(lambda: [job["id"] for job in drafts(keeper) if job["id"] != first["id"]])
    (second,) = drafts(keeper)  # the first one is gone
    assert second["request"]["regions"][0]["style"] != whole
    wait_for(lambda: second["id"] in (painted.get_attribute("src") or ""), 120)
    assert painted.evaluate("image => image.naturalWidth") > 100
    keeper.wrong[:] = [line for line in keeper.wrong if "status of 404" not in line]  # a frame of the first one
    assert [preset["name"] for preset in keeper.daemon.client.presets() if not preset["read_only"]] == []


def test_a_shipped_style_is_copied_and_the_copy_is_changed(keeper: Painter) -> None:
    page, client = keeper.page, keeper.daemon.client
    keeper.button("Copy and edit Crayon").click()
    page.get_by_role("heading", name="My Crayon").wait_for()
    editor = page.locator("#editor")
    editor.get_by_label("Title").fill("Loud crayon")
    editor.get_by_label("Boldness", exact=True).fill("77")
    page.get_by_label("tv_weight", exact=True).fill("2.5")
    page.get_by_label("pooling", exact=True).select_option("average")
    page.get_by_label("neighbour_layers", exact=True).fill("relu3_1: 0.5, relu4_1: 2")
    wait_for(lambda: any(job["request"]["method"].get("pooling") == "average" for job in drafts(keeper)))
    keeper.button("Save").click()
    keeper.see("Saved.")
    made = client.preset("my-crayon")
    assert (made["title"], made["controls"]["boldness"]) == ("Loud crayon", 77)
    changed = {"tv_weight": 2.5, "pooling": "average", "neighbour_layers": {"relu3_1": 0.5, "relu4_1": 2}}
    assert {name: made["method"][name] for name in changed} == changed
    own = client.preset("crayon")["method"]
    assert {name: value for name, value in made["method"].items() if name not in changed} == {
        name: value for name, value in own.items() if name not in changed
    }
    page.get_by_label("tv_weight", exact=True).fill("")
    keeper.button("Save").click()
    wait_for(lambda: client.preset("my-crayon")["method"]["tv_weight"] == 0.6)
    page.get_by_role("link", name="All styles").click()
    page.get_by_role("link", name="Edit Loud crayon").wait_for()


def test_a_style_s_image_is_changed_and_seen_everywhere(keeper: Painter, tmp_path: Path) -> None:
    page = keeper.page
    keeper.button("Copy and edit Crayon").click()
    shown = page.locator("#edited-image")
    wait_for(lambda: shown.evaluate("image => image.naturalWidth") > 100)
    red = tmp_path / "red.png"
    Image.new("RGB", (60, 40), "red").save(red)
    page.locator("#edited-image-file").set_input_files(red)
    wait_for(lambda: shown.evaluate("image => image.naturalWidth") == 60)
    wait_for(lambda: any((job["request"]["regions"] or [{}])[0].get("style") for job in drafts(keeper)))
    assert style_image(keeper, "my-crayon").size != (60, 40)  # not before it is saved
    keeper.button("Save").click()
    keeper.see("Saved.")
    assert style_image(keeper, "my-crayon").getpixel((30, 20)) == (255, 0, 0)
    page.get_by_role("link", name="All styles").click()
    thumbnail = page.locator("li", has_text="My Crayon").locator("img")
    colour = """async (image) => {
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
      canvas.getContext('2d').drawImage(image, 0, 0, 1, 1);
      return [...canvas.getContext('2d').getImageData(0, 0, 1, 1).data];
    }"""
    wait_for(lambda: thumbnail.evaluate(colour) == [255, 0, 0, 255])
    page.get_by_role("link", name="Edit My Crayon").click()
    wait_for(lambda: shown.evaluate("image => image.naturalWidth") == 60)


def test_every_setting_has_its_meaning_range_and_default(keeper: Painter) -> None:
    page = keeper.page
    described = page.evaluate("fetch('/v1/openapi.json').then((answer) => answer.json())")
    schemas = described["components"]["schemas"]["Method"]["properties"]
    keeper.button("Copy and edit Crayon").click()
    page.get_by_role("heading", name="My Crayon").wait_for()
    for name, schema in schemas.items():
        field = page.get_by_label(name, exact=True)
        means = page.locator(f"#{field.get_attribute('aria-describedby')}").inner_text()
        assert schema["description"] in means
        if "maximum" in schema and schema["maximum"] < 1e6:
            assert f"{schema['minimum']:g}–{schema['maximum']:g}" in means
        if "enum" in schema:
            words = {text.removesuffix(" (default)") for text in field.locator("option").all_inner_texts()}
            assert words == set(schema["enum"])


def test_what_is_out_of_range_is_not_saved(keeper: Painter) -> None:
    page = keeper.page

    def refusals() -> int:
        return sum("status of 400" in line for line in keeper.wrong)

    keeper.button("Copy and edit Crayon").click()
    scales = page.get_by_label("scales", exact=True)
    scales.fill("7")
    keeper.button("Save").click()
    assert page.evaluate("document.activeElement.name") == "scales"
    assert keeper.daemon.client.preset("my-crayon")["method"]["scales"] <= 6
    layers = page.get_by_label("style_layers", exact=True)
    scales.fill("3")
    layers.fill("relu9_9: 1")
    keeper.button("Save").click()
    page.get_by_role("alert").get_by_text("relu9_9").first.wait_for()
    wait_for(lambda: page.wait_for_timeout(50) or refusals() == 2, 60)  # the draft's, too
    keeper.wrong[:] = [line for line in keeper.wrong if "status of 400" not in line]  # Chromium names them


def test_who_looks_elsewhere_finds_what_is_not_saved_yet(keeper: Painter) -> None:
    page = keeper.page
    keeper.button("Copy and edit Crayon").click()
    page.get_by_label("scales", exact=True).fill("2")
    page.get_by_role("link", name="Health").click()
    page.go_back()
    wait_for(lambda: page.get_by_label("scales", exact=True).input_value() == "2")
