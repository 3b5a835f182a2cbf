"""What can go wrong in a way that a painter should read: one or two plain sentences with the next step."""


class Problem(Exception):
    """The message is shown as it is."""


class EmptyLayer(Problem):
    """There is nothing on the layer to be painted over."""


class LayerGone(Problem):
    """The layer that was painted on is no longer in the document, or the document is closed."""


class ImageChanged(Problem):
    """The canvas has another size than when the job began, so its pixels fit no longer."""


class LayerLocked(Problem):
    """The painter locked the layer; it is theirs until they unlock it."""
