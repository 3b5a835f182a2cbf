"""How the layers of a result are named, so that they can be recognised again."""

import re

_NAME = re.compile(r"Neural Style: (?P<preset>.+) \(iteration (?P<iteration>\d+)\)( #\d+)?")


def layer(preset, iteration):
    return f"Neural Style: {preset} (iteration {iteration})"


def group(preset):
    return f"Neural Style: {preset}"


def live(preset):
    """During a run; the finished layer's name has the iteration."""
    return f"Neural Style: {preset} (painting…)"


def is_result(name):
    return _NAME.fullmatch(name) is not None
