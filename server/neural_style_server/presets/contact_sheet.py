"""A contact sheet: many results side by side on one dark page, each with its name below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

Item = tuple[str, Image.Image]
Box = tuple[int, int, int, int]

PAGE, FRAME, TEXT, ACCENT = (27, 27, 29), (58, 58, 61), (222, 221, 217), (214, 171, 92)
MAX_COLUMNS, MAX_TILE = 12, 1024


@dataclass(frozen=True)
class _Grid:
    """Where everything lies on the page; all in pixels."""

    columns: int
    width: int
    heights: tuple[int, ...]  # of the pictures in each row
    gap: int
    margin: int
    label: int
    top: int

    @property
    def size(self) -> tuple[int, int]:
        across = 2 * self.margin + self.columns * self.width + (self.columns - 1) * self.gap
        return across, self._row_top(len(self.heights)) - self.gap + self.margin

    def cell(self, place: int) -> Box:
        row, column = divmod(place, self.columns)
        left = self.margin + column * (self.width + self.gap)
        top = self._row_top(row)
        return left, top, left + self.width, top + self.heights[row]

    def _row_top(self, row: int) -> int:
        return self.top + sum(self.heights[:row]) + row * (self.label + self.gap)


def contact_sheet(
    items: Sequence[Item],
    columns: int = 4,
    *,
    content: Image.Image | None = None,
    tile: int = 256,
    heading: str = "",
    content_title: str = "Your picture",
) -> Image.Image:
    """RGB. `tile` is the long side of each picture; the content comes first where it is given."""
    shown = ([(content_title, content)] if content is not None else []) + list(items)
    if not shown or not 1 <= columns <= MAX_COLUMNS or not 32 <= tile <= MAX_TILE:
        raise ValueError(f"a sheet needs pictures, 1–{MAX_COLUMNS} columns and tiles of 32–{MAX_TILE} px")
    pictures = [_fitted(image, tile) for _, image in shown]
    grid = _grid(pictures, columns, tile, bool(heading))
    page = Image.new("RGB", grid.size, PAGE)
    draw = ImageDraw.Draw(page)
    if heading:
        font = ImageFont.load_default(tile * 0.115)
        text = _short(heading, font, grid.size[0] - 2 * grid.margin)
        draw.text((grid.margin, grid.top / 2), text, TEXT, font, "lm")
    for place, (title, picture) in enumerate(zip([title for title, _ in shown], pictures, strict=True)):
        accent = content is not None and place == 0
        _place(page, draw, grid.cell(place), picture, title, ACCENT if accent else TEXT, grid.label)
    return page


def _grid(pictures: Sequence[Image.Image], columns: int, tile: int, headed: bool) -> _Grid:
    columns = min(columns, len(pictures))
    margin = max(12, tile // 9)
    return _Grid(
        columns=columns,
        width=max(picture.width for picture in pictures),
        heights=tuple(
            max(picture.height for picture in pictures[first : first + columns])
            for first in range(0, len(pictures), columns)
        ),
        gap=max(8, tile // 16),
        margin=margin,
        label=max(20, tile // 8),
        top=margin + (max(24, tile // 5) if headed else 0),
    )


def _place(
    page: Image.Image, draw: ImageDraw.ImageDraw, cell: Box, picture: Image.Image, title: str,
    colour: tuple[int, int, int], label: int,
) -> None:  # fmt: skip
    left = (cell[0] + cell[2] - picture.width) // 2
    top = (cell[1] + cell[3] - picture.height) // 2
    page.paste(picture, (left, top))
    frame = (left - 1, top - 1, left + picture.width, top + picture.height)
    draw.rectangle(frame, outline=colour if colour == ACCENT else FRAME)
    font = ImageFont.load_default(max(10.0, label * 0.5))
    text = _short(title, font, cell[2] - cell[0])
    draw.text(((cell[0] + cell[2]) / 2, cell[3] + label * 0.55), text, colour, font, "mm")


def _fitted(image: Image.Image, tile: int) -> Image.Image:
    """RGB with its long side at `tile`; what is transparent shows the page."""
    scale = tile / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.has_transparency_data:
        rgba = image.convert("RGBA").resize(size, Image.Resampling.LANCZOS)
        page = Image.new("RGBA", size, (*PAGE, 255))
        return Image.alpha_composite(page, rgba).convert("RGB")
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _short(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: float) -> str:
    """The text, cut with an ellipsis where it is too wide."""
    line = " ".join(text.split())
    if font.getlength(line) <= width:
        return line
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"
