from __future__ import annotations

import json
from pathlib import Path

import pytest

from neural_style_server.editors.manifest import NAME, Manifest, read_manifest


def test_manifest_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    written = Manifest("0.1.0", ("plug-ins/é.py",), ("plug-ins",))
    (tmp_path / NAME).write_bytes(written.as_bytes())

    assert read_manifest(tmp_path) == written


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"made_by": "someone"}', "\xff"])
def test_anything_else_is_no_manifest(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_bytes(text.encode("latin-1"))

    assert read_manifest(tmp_path) is None


def test_paths_that_lead_out_of_the_profile_are_dropped(tmp_path: Path) -> None:
    files = ["good/x.py", "../evil", "/etc/passwd", "a/../../evil", "C:\\evil", "..\\evil", "", 3]
    record = {"made_by": "neural-style-server", "version": "1", "files": files, "folders": []}
    (tmp_path / NAME).write_text(json.dumps(record))

    found = read_manifest(tmp_path)

    assert found is not None and found.files == ("good/x.py",)
