"""All of GIMP that a run needs, under one name: the pixels of `buffers` and the layers of `layers`."""

from document.buffers import is_indexed, new_layer, read_picture, read_source, write_frame
from document.layers import FinishedLayer, insert_results, remove_live, show_live, stands_in

__all__ = [
    "FinishedLayer",
    "insert_results",
    "is_indexed",
    "new_layer",
    "read_picture",
    "read_source",
    "remove_live",
    "show_live",
    "stands_in",
    "write_frame",
]
