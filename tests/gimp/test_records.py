"""Last values and parasites."""

from __future__ import annotations

from pathlib import Path

import records
from parameters import Parameters

CHOSEN = Parameters(preset="mosaic", controls={"detail": 12}, keep="every 5", seed=-1)


def test_a_layer_knows_the_seed_that_made_it() -> None:
    found = records.unpack(records.pack(CHOSEN, 77, 300))
    assert found == CHOSEN.changed(seed=77)


def test_a_parasite_may_end_with_a_zero() -> None:
    assert records.unpack(records.pack(CHOSEN, 77, 300) + b"\0") is not None


def test_what_is_no_record_is_none() -> None:
    for data in (b"", b"{}", b"[]", b"\xff", b'{"parameters": 3}', b'{"parameters": {"quality": "superb"}}'):
        assert records.unpack(data) is None


def test_last_values_are_remembered(tmp_path: Path) -> None:
    assert records.Memory(str(tmp_path)).parameters() is None
    records.Memory(str(tmp_path)).remember(CHOSEN)
    records.Memory(str(tmp_path)).remember_expert(True)
    memory = records.Memory(str(tmp_path))
    assert memory.parameters() == CHOSEN
    assert memory.expert_open()


def test_another_image_s_layers_have_other_numbers(tmp_path: Path) -> None:
    chosen = Parameters(preset="mosaic", start="image", start_layer="ground", start_tattoo=9)
    assert records.unpack(records.pack(chosen, 77, 300)) == chosen.changed(seed=77)
    records.Memory(str(tmp_path)).remember(chosen)
    assert records.Memory(str(tmp_path)).parameters() == chosen.changed(start_tattoo=0)


def test_a_broken_memory_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / records.FILE_NAME).write_text("{nonsense")
    assert records.Memory(str(tmp_path)).parameters() is None
    records.Memory(str(tmp_path)).remember(CHOSEN)
    assert records.Memory(str(tmp_path)).parameters() == CHOSEN


def test_a_folder_that_cannot_be_written_harms_nobody(tmp_path: Path) -> None:
    records.Memory(str(tmp_path / "nowhere")).remember(CHOSEN)
