"""A style of the painter's own, from a layer's pixels."""

import re
from typing import Any, Dict, Iterable

from .api import Client, Pixels
from .errors import PainterError
from .masks import has_paint
from .translations import tr


def make_preset_from(daemon: Client, picture: Pixels, title: str, tags: str) -> Dict[str, Any]:
    """Upload the picture and make a preset of it; the preset. `tags` is text with commas. Raises PainterError."""
    if not title.strip():
        raise PainterError(tr("The new style has no name. Give it one, then try again."))
    if not has_paint(picture.data, picture.format):
        raise PainterError(tr("The layer is empty. Choose the layer with the style's picture, then try again."))
    image = daemon.upload(picture.data, picture.width, picture.height, picture.format)
    name = preset_name(title, [preset["name"] for preset in daemon.presets()])
    words = [word.strip() for word in tags.split(",") if word.strip()]
    return daemon.create_preset({"name": name, "title": title.strip(), "images": [image["id"]], "tags": words})


def preset_name(title: str, taken: Iterable[str] = ()) -> str:
    """A title as the name of a preset: lower case, hyphens, unlike those already taken."""
    base = re.sub(r"[^a-z0-9]+", "-", title.strip().lower()).strip("-")[:48] or "my-style"
    known, name, number = set(taken), base, 2
    while name in known:
        name, number = "{}-{}".format(base, number), number + 1
    return name
