"""How layers are named; one place, so that layers can be recognised again."""

import re

_NAME = re.compile(r"Neural Style: (?P<preset>.+) \(iteration (?P<iteration>\d+)\)( #\d+)?")


def layer(preset, iteration):
    return f"Neural Style: {preset} (iteration {iteration})"


def group(preset):
    return f"Neural Style: {preset}"


def live(preset):
    """While it is painted; the iteration is put in when it is done."""
    return f"Neural Style: {preset} (painting…)"


def is_result(name):
    return _NAME.fullmatch(name) is not None


def preset_name(title, taken=()):
    """A title as the name of a preset: lower case, hyphens, unlike those already taken."""
    base = re.sub(r"[^a-z0-9]+", "-", title.strip().lower()).strip("-")[:48] or "my-style"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    return name
