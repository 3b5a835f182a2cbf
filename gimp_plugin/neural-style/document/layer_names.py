"""How the layers of a result are named."""


def layer(preset, iteration):
    return f"Neural Style: {preset} (iteration {iteration})"


def group(preset):
    return f"Neural Style: {preset}"


def live(preset):
    """During a run; the finished layer's name has the iteration."""
    return f"Neural Style: {preset} (painting…)"
