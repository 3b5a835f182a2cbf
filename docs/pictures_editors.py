"""Makes the editors' pictures in docs/ from the screenshots that the tests have left.

    KRITA_ARTEFACTS=SHOTS NEURAL_STYLE_TEST_ARTEFACTS=SHOTS KRITA_SAMPLE=presets/_sample.jpg \\
        pytest tests/gimp/test_styles.py tests/gimp/test_live_story.py tests/gimp/test_window.py \\
        tests/krita/test_in_krita.py \\
        -k "dialogue or follows or blended or styles or looks or style_part or keyboard or repeated or panel"
    python docs/pictures_editors.py SHOTS [NAME…]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pictures_page import IMAGES, PAGE
from PIL import Image

WHOLE = {
    "gimp": "gimp/regions",
    "gimp-live": "gimp/live-followed",
    "gimp-animation": "gimp/animation-dialogue",
    "krita": "picture-dark",
    "krita-animation": "film-dark",
    "krita-live": "live-dark",
}
WINDOWS = (
    (("paused", (16, 484, 555, 775)), ("more", (470, 298, 809, 500))),
    (("panel", (334, 292, 982, 506)), ("make-preset", (464, 298, 815, 500))),
)
"""GIMP's smaller windows in rows: a screenshot, and where the window is on it."""
PANELS = ("blend", "make-preset", "start-layer", "regions")
STYLE_PART = (409, 76, 1280, 740)
"""Where the dialog and the docker are on the screenshot of a style's part."""

DOCKER, GAP = 300, 12
"""How wide Krita's docker is, at the right of the screen, and what is between two of them."""


def main(shots: Path, *names: str) -> None:
    """All pictures, or some."""
    for name, shot in WHOLE.items():
        _save(name, names, lambda shot=shot: _screenshot(shots / f"{shot}.png"))
    _save("krita-style-part", names, lambda: _screenshot(shots / "style-part.png").crop(STYLE_PART))
    _save("krita-panels", names, lambda: _row([_docker(_screenshot(shots / f"{name}.png")) for name in PANELS]))
    _save("gimp-windows", names, lambda: _windows(shots / "gimp"))


def _save(name: str, names: Sequence[str], make: Callable[[], Image.Image]) -> None:
    if not names or name in names:
        make().save(IMAGES / f"{name}.png", optimize=True)


def _windows(shots: Path) -> Image.Image:
    rows = [_row([_screenshot(shots / f"{shot}.png").crop(place) for shot, place in row]) for row in WINDOWS]
    page = Image.new("RGB", (max(row.width for row in rows), sum(row.height + GAP for row in rows) - GAP), PAGE)
    y = 0
    for row in rows:
        page.paste(row, (0, y))
        y += row.height + GAP
    return page


def _row(parts: Sequence[Image.Image]) -> Image.Image:
    page = Image.new("RGB", (sum(part.width + GAP for part in parts) - GAP, max(part.height for part in parts)), PAGE)
    x = 0
    for part in parts:
        page.paste(part, (x, 0))
        x += part.width + GAP
    return page


def _screenshot(path: Path) -> Image.Image:
    with Image.open(path) as shot:
        return shot.convert("RGB")


def _docker(shot: Image.Image) -> Image.Image:
    """The right side of the screen, below the layers."""
    return shot.crop((shot.width - DOCKER, 298, shot.width, shot.height - 24))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
