"""The calls about sequences: moving pictures, frame by frame."""

from typing import Any, Dict, List, Optional

from .transport import Transport


class Sequences:
    """One method for each call, as `Client` has them for jobs; `sequence` is an id. A client's own are its
    `sequences`."""

    def __init__(self, http: Transport) -> None:
        self._http = http

    def start(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """{"preset", "controls"?, "method"?, "size"?, "seed"?, "keys"?, ...} -> {"id", "state", "links", ...}."""
        return self._http.json("POST", "/v1/sequences", spec)

    def add_frame(self, sequence: str, frame: Dict[str, Any]) -> Dict[str, Any]:
        """{"content", "mask"?, "key"?, "preset"?, "blend"?}, in order -> the frame's job."""
        return self._http.json("POST", "/v1/sequences/" + sequence + "/frames", frame)

    def all(self) -> List[Dict[str, Any]]:
        """Newest first."""
        return list(self._http.json("GET", "/v1/sequences")["sequences"])

    def get(self, sequence: str) -> Dict[str, Any]:
        """How far it is: {"state", "detail", "frames", "done", "eta", "jobs", ...}."""
        return self._http.json("GET", "/v1/sequences/" + sequence)

    def cancel(self, sequence: str) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/sequences/" + sequence + "/cancel")

    def pause(self, sequence: str) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/sequences/" + sequence + "/pause")

    def resume(self, sequence: str) -> Dict[str, Any]:
        """Go on, and do again what was cancelled or has failed."""
        return self._http.json("POST", "/v1/sequences/" + sequence + "/resume")

    def paint_again(self, sequence: str, frame: int, last: Optional[int] = None) -> Dict[str, Any]:
        """Frames `frame` to `last`, or all from there on, from their beginnings."""
        body = {"frame": frame} if last is None else {"frame": frame, "last": last}
        return self._http.json("POST", "/v1/sequences/" + sequence + "/again", body)

    def change_keys(self, sequence: str, keys: List[Dict[str, Any]]) -> Dict[str, Any]:
        """Give it other painted keys, as those that it was started with; only what changes is painted again."""
        return self._http.json("PATCH", "/v1/sequences/" + sequence, {"keys": keys})

    def delete(self, sequence: str, timeout_s: Optional[float] = None) -> None:
        """Forget it with its jobs."""
        self._http.request("DELETE", "/v1/sequences/" + sequence, timeout_s=timeout_s)
