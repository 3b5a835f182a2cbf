"""All of GIMP that a Run needs, under one name: the pixels of `canvas` and the layers of `stack`."""

from canvas import is_indexed, new_layer, read_picture, read_source, write_frame
from stack import Made, put_in, show_live, stands_in, take_out

__all__ = [
    "Made",
    "is_indexed",
    "new_layer",
    "put_in",
    "read_picture",
    "read_source",
    "show_live",
    "stands_in",
    "take_out",
    "write_frame",
]
