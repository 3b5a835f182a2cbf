"""What a library hands out cannot be changed, and says what it is."""

from dataclasses import FrozenInstanceError

import pytest

from neural_style_server.engine.method import Controls, Method
from neural_style_server.presets.library import Library


def test_the_record_of_a_preset_has_every_control_and_method_key(library: Library) -> None:
    record = library.get("ink").as_dict()
    assert record["controls"] == {**Controls().as_dict(), "strength": 60}
    assert record["method"] == Method().as_dict()
    assert record["images"] == [{"file": "style.png", "weight": 1.0}]
    assert (record["library"], record["read_only"], record["favourite"]) == ("built-in", True, False)


def test_a_snapshot_is_immutable_and_its_digest_ignores_names(library: Library) -> None:
    snapshot = library.snapshot("ink")
    with pytest.raises(FrozenInstanceError):
        snapshot.library = "other"  # type: ignore[misc]
    library.copy("ink", "ink-two")
    assert library.snapshot("ink-two").sha256 == snapshot.sha256
    library.change("ink-two", {"controls": {"strength": 61}})
    assert library.snapshot("ink-two").sha256 != snapshot.sha256
    assert "data" not in repr(snapshot.images[0])
    assert snapshot.record()["images"][0]["sha256"] == snapshot.images[0].sha256
