"""A preset from a layer's pixels."""

import re

from neural_style_client.errors import PainterError


def make_preset_from(daemon, picture, title, tags):
    """Upload the picture and make a preset of it; the preset. `tags` is text with commas."""
    if not title.strip():
        raise PainterError("The new style has no name. Give it one, then try again.")
    if not picture.has_paint():
        raise PainterError("The layer is empty. Choose the layer with the style's picture, then try again.")
    image = daemon.upload(picture.data, picture.width, picture.height, picture.format)
    name = preset_name(title, [preset["name"] for preset in daemon.presets()])
    words = [word.strip() for word in tags.split(",") if word.strip()]
    return daemon.create_preset({"name": name, "title": title.strip(), "images": [image["id"]], "tags": words})


def preset_name(title, taken=()):
    """A title as the name of a preset: lower case, hyphens, unlike those already taken."""
    base = re.sub(r"[^a-z0-9]+", "-", title.strip().lower()).strip("-")[:48] or "my-style"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
