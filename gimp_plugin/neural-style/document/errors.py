"""What can happen to the painter's image in a way that ends a run but not what it has painted."""

from neural_style_client.errors import PainterError


class SizeChanged(PainterError):
    """The layer has another size than when it was read, so what is painted of it fits no longer."""
