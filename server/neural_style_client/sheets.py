"""The calls about sheets: one picture in many styles, on one labelled page."""

from typing import Any, Dict

from .transport import Transport


class Sheets:
    """One method for each call, as `Client` has them for jobs; `sheet` is an id. A client's own are its `sheets`."""

    def __init__(self, http: Transport) -> None:
        self._http = http

    def make(self, spec: Dict[str, Any]) -> Dict[str, Any]:
        """{"content", "presets"?, "size"?, "quality"?} -> {"id", "state", "total", "pictures", "left_out", ...}."""
        return self._http.json("POST", "/v1/sheets", spec)

    def get(self, sheet: str) -> Dict[str, Any]:
        """How far it is: {"state", "done", "total", "iteration", "iterations", "eta", "pictures", ...}."""
        return self._http.json("GET", "/v1/sheets/" + sheet)

    def png(self, sheet: str, columns: int = 4) -> bytes:
        """The labelled page of a sheet that has ended, as a PNG file's bytes."""
        return self._http.request("GET", "/v1/sheets/{}/picture?columns={}".format(sheet, columns))[1]

    def cancel(self, sheet: str) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/sheets/" + sheet + "/cancel")

    def resume(self, sheet: str) -> Dict[str, Any]:
        return self._http.json("POST", "/v1/sheets/" + sheet + "/resume")

    def delete(self, sheet: str) -> None:
        """Forget it with its jobs."""
        self._http.request("DELETE", "/v1/sheets/" + sheet)
