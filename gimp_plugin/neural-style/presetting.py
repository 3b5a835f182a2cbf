"""A preset from a layer's pixels."""

import naming
from complaints import PainterError
from painting import has_paint


def make(daemon, picture, title, tags):
    """Upload the picture and make a preset of it; the preset. `tags` is text with commas."""
    if not title.strip():
        raise PainterError("The new style has no name. Give it one, then try again.")
    if not has_paint(picture):
        raise PainterError("The layer is empty. Choose the layer with the style's picture, then try again.")
    image = daemon.upload(picture.data, picture.width, picture.height, picture.format)
    name = naming.preset_name(title, [preset["name"] for preset in daemon.presets()])
    words = [word.strip() for word in tags.split(",") if word.strip()]
    return daemon.create_preset(
        {"name": name, "title": title.strip(), "images": [image["id"]], "tags": words}
    )
