"""How presets are ordered, searched and tagged in the gallery."""

FAVOURITES = "favourites"


def title(preset):
    return preset.get("title") or preset["name"]


def ordered(presets):
    """Favourites first, then the lately used, then by title."""
    return sorted(
        presets,
        key=lambda preset: (
            not preset.get("favourite"),
            -(preset.get("last_used") or 0),
            title(preset).lower(),
        ),
    )


def tags(presets):
    """The tags there are; the most frequent first."""
    counts = {}
    for preset in presets:
        for tag in preset.get("tags") or ():
            counts[tag] = counts.get(tag, 0) + 1
    found = sorted(counts, key=lambda tag: (-counts[tag], tag))
    return ([FAVOURITES] if any(preset.get("favourite") for preset in presets) else []) + found


def matches(preset, text, tag):
    """Whether all words of the text are somewhere in the preset, and the tag is among its tags."""
    if tag == FAVOURITES:
        if not preset.get("favourite"):
            return False
    elif tag and tag not in (preset.get("tags") or ()):
        return False
    where = " ".join(
        [preset["name"], title(preset), preset.get("description") or "", *(preset.get("tags") or ())]
    ).lower()
    return all(word in where for word in text.lower().split())
