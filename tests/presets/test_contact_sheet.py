"""A contact sheet shows every picture whole, in order, with its name."""

import pytest
from PIL import Image

from neural_style_server.presets.contact_sheet import ACCENT, PAGE, contact_sheet

COLOURS = ["#c83c3c", "#3cc83c", "#3c3cc8", "#c8c83c", "#3cc8c8"]


def pictures(count: int, size: tuple[int, int] = (96, 72)) -> list[tuple[str, Image.Image]]:
    return [(f"Preset {number}", Image.new("RGB", size, COLOURS[number])) for number in range(count)]


def has(page: Image.Image, colour: tuple[int, ...]) -> int:
    return sum(count for count, found in page.getcolors(1 << 20) or () if found == colour)


def test_every_picture_is_there_whole() -> None:
    page = contact_sheet(pictures(5), 3, tile=96)
    for _, picture in pictures(5):
        assert has(page, picture.getpixel((0, 0))) >= 96 * 72  # type: ignore[arg-type]
    assert page.getpixel((0, 0)) == PAGE and page.mode == "RGB"


def test_they_are_in_reading_order_with_the_content_first() -> None:
    page = contact_sheet(pictures(3), 2, content=Image.new("RGB", (96, 72), "white"), tile=96)
    assert has(page, (255, 255, 255)) >= 96 * 72 and has(page, ACCENT) > 2 * 96
    left_half, right_half = (
        page.crop((0, 0, page.width // 2, 80)),
        page.crop((page.width // 2, 0, page.width, 80)),
    )
    assert has(left_half, (255, 255, 255)) and has(right_half, (200, 60, 60))


def test_labels_are_drawn_and_long_ones_shortened() -> None:
    named = contact_sheet([("A name far too long for the width of one small picture", pictures(1)[0][1])], tile=96)
    bare = contact_sheet([("", pictures(1)[0][1])], tile=96)
    assert named.size == bare.size and named.tobytes() != bare.tobytes()
    assert named.crop((0, 0, 9, named.height)).getcolors() == [(9 * named.height, PAGE)], "nothing in the margin"


def test_fewer_pictures_than_columns_make_a_narrower_page() -> None:
    assert contact_sheet(pictures(2), 8, tile=96).width < contact_sheet(pictures(5), 8, tile=96).width


def test_pictures_of_any_shape_and_kind_are_fitted() -> None:
    mixed = [
        ("tall", Image.new("L", (30, 300), 200)),
        ("wide", Image.new("RGBA", (3000, 20), (255, 0, 0, 0))),
        ("dot", Image.new("P", (1, 1))),
    ]
    page = contact_sheet(mixed, tile=64)
    assert not has(page, (255, 0, 0)), "what is transparent shows the page"


def test_the_same_pictures_give_the_same_sheet() -> None:
    assert contact_sheet(pictures(3)).tobytes() == contact_sheet(pictures(3)).tobytes()


@pytest.mark.parametrize(("count", "columns", "tile"), [(0, 4, 256), (1, 0, 256), (1, 4, 8), (1, 4, 5000)])
def test_a_sheet_of_nothing_is_refused(count: int, columns: int, tile: int) -> None:
    with pytest.raises(ValueError, match="a sheet needs pictures"):
        contact_sheet(pictures(count), columns, tile=tile)
