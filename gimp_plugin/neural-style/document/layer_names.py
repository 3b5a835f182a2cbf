"""How the layers of a result are named; `style` is a preset's name, or those of several that were blended."""

from neural_style_client.translations import tr


def layer(style, iteration):
    return tr("Neural Style: {} (iteration {})", style, iteration)


def group(style):
    return f"Neural Style: {style}"


def region(style, mark):
    return f"{style} – {mark}"


def live(style):
    """During a run; the finished layer's name has the iteration."""
    return tr("Neural Style: {} (painting…)", style)
