"""What can happen to the painter's document in a way that ends or holds up a job."""

from ..neural_style_client.errors import PainterError


class EmptyLayer(PainterError):
    """There is nothing on the layer to be painted over."""


class LayerGone(PainterError):
    """The layer that was painted on is no longer in the document, or the document is closed."""


class ImageChanged(PainterError):
    """The canvas has another size than when the job began, so its pixels fit no longer."""


class LayerLocked(PainterError):
    """The painter locked the layer; it is theirs until they unlock it."""
