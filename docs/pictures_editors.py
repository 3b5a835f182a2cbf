"""Makes the editors' pictures in docs/ from the screenshots that the tests have left.

    KRITA_ARTEFACTS=SHOTS NEURAL_STYLE_TEST_ARTEFACTS=SHOTS KRITA_SAMPLE=presets/_sample.jpg \\
        pytest tests/gimp/test_styles.py tests/gimp/test_live_story.py tests/krita/test_in_krita.py \\
        -k "dialogue or follows or blended or styles or looks or style_part"
    python docs/pictures_editors.py SHOTS
"""

from __future__ import annotations

import sys
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
PANELS = ("blend", "make-preset", "start-layer", "regions")
STYLE_PART = (409, 76, 1280, 740)
"""Where the dialog and the docker are on the screenshot of a style's part."""

DOCKER, GAP = 300, 12
"""How wide Krita's docker is, at the right of the screen, and what is between two of them."""


def main(shots: Path) -> None:
    for name, shot in WHOLE.items():
        _screenshot(shots / f"{shot}.png").save(IMAGES / f"{name}.png", optimize=True)
    part = _screenshot(shots / "style-part.png").crop(STYLE_PART)
    part.save(IMAGES / "krita-style-part.png", optimize=True)
    dockers = [_docker(_screenshot(shots / f"{name}.png")) for name in PANELS]
    page = Image.new("RGB", (len(dockers) * (DOCKER + GAP) - GAP, dockers[0].height), PAGE)
    for place, docker in enumerate(dockers):
        page.paste(docker, (place * (DOCKER + GAP), 0))
    page.save(IMAGES / "krita-panels.png", optimize=True)


def _screenshot(path: Path) -> Image.Image:
    with Image.open(path) as shot:
        return shot.convert("RGB")


def _docker(shot: Image.Image) -> Image.Image:
    """The right side of the screen, below the layers."""
    return shot.crop((shot.width - DOCKER, 298, shot.width, shot.height - 24))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
