"""How the layers of a result are named; `style` is a preset's name, or those of several that were blended."""


def layer(style, iteration):
    return f"Neural Style: {style} (iteration {iteration})"


def group(style):
    return f"Neural Style: {style}"


def live(style):
    """During a run; the finished layer's name has the iteration."""
    return f"Neural Style: {style} (painting…)"
