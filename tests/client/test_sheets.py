"""The calls about sheets, through a real socket."""

from __future__ import annotations

import pytest
from tests.client.conftest import Served

from neural_style_client import DaemonError


def test_a_sheet_is_made_followed_and_forgotten(served: Served) -> None:
    sheets = served.client.sheets
    sheet = sheets.make({"content": served.shop.content, "presets": ["ink"]})
    assert sheets.get(sheet["id"])["state"] == "running"
    served.shop.worker.done(sheet["pictures"][0]["job"])
    assert sheets.png(sheet["id"], 2).startswith(b"\x89PNG")
    assert sheets.cancel(sheet["id"])["state"] == sheets.resume(sheet["id"])["state"] == "done"
    sheets.delete(sheet["id"])
    with pytest.raises(DaemonError, match="no sheet"):
        sheets.get(sheet["id"])
