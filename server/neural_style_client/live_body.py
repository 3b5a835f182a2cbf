"""What a live job is asked for, and what it is told when the painter chooses something else."""

from typing import Any, Dict

from .parameters import START_LAYER, Parameters, job_body

CHANGEABLE = ("content", "mask", "preset", "blend", "controls", "method", "size")
_SIDE, _SIDE_ON_A_GPU = 256, 512


def live_side(device: str) -> int:
    """The long side of a live picture that keeps up with the brush. `device`: as `health` names it."""
    return _SIDE if not device or device.startswith("CPU") else _SIDE_ON_A_GPU


def live_body(parameters: Parameters, client: str, size: int, wrapped: bool = False) -> Dict[str, Any]:
    """The body of a live job without its pictures. `size`: the long side of what is painted, which is a preview's; the
    picture's own, which the parameters name, is for the job that paints it in full."""
    body = dict(job_body(parameters, client, wrapped), live=True, size=size)
    body.pop("frames", None)
    if body["method"].get("start") == START_LAYER[0]:
        del body["method"]["start"]
    return {"controls": {}, **body}


def changed_fields(before: Dict[str, Any], after: Dict[str, Any]) -> Dict[str, Any]:
    """What a live job is to be told when one body of `live_body` follows another."""
    empty: Dict[str, Any] = {"blend": []}
    return {
        name: after.get(name, empty.get(name))
        for name in CHANGEABLE
        if before.get(name, empty.get(name)) != after.get(name, empty.get(name))
    }
