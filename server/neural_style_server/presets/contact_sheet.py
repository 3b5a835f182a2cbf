"""A contact sheet: many results side by side on one dark page, each with its name below."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

Item = tuple[str, Image.Image]

PAGE, FRAME, TEXT, ACCENT = (27, 27, 29), (58, 58, 61), (222, 221, 217), (214, 171, 92)
MAX_COLUMNS, MAX_TILE = 12, 1024


def contact_sheet(
    items: Sequence[Item],
    columns: int = 4,
    *,
    content: Image.Image | None = None,
    tile: int = 256,
    content_title: str = "Your picture",
) -> Image.Image:
    """RGB. `tile` is the long side of each picture; the content comes first, with an accent, where it is given."""
    shown = ([(content_title, content)] if content is not None else []) + list(items)
    if not shown or not 1 <= columns <= MAX_COLUMNS or not 32 <= tile <= MAX_TILE:
        raise ValueError(f"a sheet needs pictures, 1–{MAX_COLUMNS} columns and tiles of 32–{MAX_TILE} px")
    fitted = [(title, _fitted(image, tile)) for title, image in shown]
    columns = min(columns, len(fitted))
    rows = [fitted[first : first + columns] for first in range(0, len(fitted), columns)]
    width = max(picture.width for _, picture in fitted)
    heights = [max(picture.height for _, picture in row) for row in rows]
    gap, margin, label = max(8, tile // 16), max(12, tile // 9), max(20, tile // 8)
    top = margin
    across = 2 * margin + columns * (width + gap) - gap
    page = Image.new("RGB", (across, top + sum(heights) + len(rows) * (label + gap) - gap + margin), PAGE)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(max(10.0, label * 0.5))
    accent = content is not None
    for row, height in zip(rows, heights, strict=True):
        for column, (title, picture) in enumerate(row):
            left = margin + column * (width + gap)
            x, y = left + (width - picture.width) // 2, top + (height - picture.height) // 2
            page.paste(picture, (x, y))
            frame = (x - 1, y - 1, x + picture.width, y + picture.height)
            draw.rectangle(frame, outline=ACCENT if accent else FRAME)
            below = (left + width / 2, top + height + label * 0.55)
            draw.text(below, _short(title, font, width), ACCENT if accent else TEXT, font, "mm")
            accent = False
        top += height + label + gap
    return page


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
