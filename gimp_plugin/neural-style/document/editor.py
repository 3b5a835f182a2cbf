"""All of GIMP that a run needs, under one name."""

from document.buffers import (  # noqa: F401  # noqa: F401
    is_indexed,
    new_layer,
    new_returned,
    read_picture,
    read_result,
    read_source,
    returned_source,
    write_frame,
)
from document.layers import FinishedLayer, insert_results, remove_live, show_live, stands_in  # noqa: F401
from document.marks import read_regions, tell  # noqa: F401
from document.region_group import cut  # noqa: F401
