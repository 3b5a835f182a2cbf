"""All of GIMP that a run needs, under one name."""

from document.buffers import is_indexed, new_layer, read_picture, read_result, read_source, write_frame  # noqa: F401
from document.layers import FinishedLayer, insert_results, remove_live, show_live, stands_in  # noqa: F401
from document.marks import read_regions, tell  # noqa: F401
from document.region_group import cut  # noqa: F401
