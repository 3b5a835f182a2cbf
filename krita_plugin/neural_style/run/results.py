"""What a job's result becomes in the document: one layer, a group of kept frames, layers for the regions."""

from typing import Any, Callable, List, Mapping, Sequence

from ..document.frame_to_layer import KeptFramesGroup, Place, ResultLayer
from ..document.layer_names import result_name
from ..document.region_group import Part
from ..neural_style_client import kept_frames
from ..neural_style_client.parameters import Parameters
from ..neural_style_client.region_layers import RegionLayer


def new_result(
    place: Place, name: str, chosen: Parameters, record: Mapping[str, Any], parts: Sequence[Part]
) -> ResultLayer:
    """Not in the document before it has its first frame. `record`: the daemon's of the job."""
    frames = kept_frames.parse(chosen.keep)
    if not frames:
        return ResultLayer(place, name, parts=parts)
    iterations = kept_frames.kept_iterations(frames, int(record.get("iterations") or 0))
    return KeptFramesGroup(place, name, iterations, parts)


def parts_of(title: str, title_of: Callable[[Parameters], str], layers: Sequence[RegionLayer]) -> List[Part]:
    """The layers of the regions, where each is to have its own; `title` is of what no region marks."""
    return [
        Part(title, weights)
        if region is None
        else Part(result_name(title_of(Parameters(preset=region.preset)), region.layer), weights)
        for region, weights in layers
    ]
