"""Loss curves as numbers, as CSV and as a plot."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from neural_style_server.jobs import loss_curves


def entry(iteration: int, total: float = 4.0, scale: int = 0) -> dict[str, Any]:
    terms = {"total": total, "content": 1.0, "style": 2.0, "tv": 0.0}
    return {"iteration": iteration, "scale": scale, **terms, "layers": {"relu1_1": total / 3}}


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "loss_curves.jsonl"
    path.write_text(json.dumps(entry(1)) + "\n" + json.dumps(entry(2))[:20])
    assert loss_curves.read(path) == [entry(1)]


WRONG: list[Any] = [
    *([], None, 5, {}, {"iteration": 1}, {**entry(1), "iteration": "1"}, {**entry(1), "scale": None}),
    *({**entry(1), "total": "x"}, {**entry(1), "tv": float("nan")}, {**entry(1), "tv": float("inf")}),
    *({**entry(1), "total": 10**400}, {**entry(1), "layers": []}, {**entry(1), "layers": {"relu1_1": None}}),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_line_that_says_something_else_is_left_out(tmp_path: Path, wrong: Any) -> None:
    lines = [json.dumps(entry(1)), json.dumps(wrong), "[" * 100_000, json.dumps(entry(2))]
    (tmp_path / "losses.jsonl").write_bytes("\n".join(lines).encode() + b"\n\xff\xfe\0")
    found = loss_curves.read(tmp_path / "losses.jsonl")
    assert [one["iteration"] for one in found] == [1, 2]
    loss_curves.as_csv(found)
    loss_curves.as_png(found)


def test_a_folder_in_its_place_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "losses.jsonl").mkdir()
    assert loss_curves.read(tmp_path / "losses.jsonl") == []
    assert not (tmp_path / "losses.jsonl").exists()


def test_no_file_is_no_iteration(tmp_path: Path) -> None:
    assert loss_curves.read(tmp_path / "nothing") == []


def test_csv_has_a_column_for_every_term_and_layer() -> None:
    lines = loss_curves.as_csv([entry(1), entry(2)]).splitlines()
    assert lines[0] == "iteration,scale,total,content,style,tv,relu1_1"
    assert lines[1].startswith("1,0,4.0,1.0,2.0,0.0,1.33")
    assert len(lines) == 3


@pytest.mark.parametrize(
    "entries",
    [[], [entry(1)], [entry(1, 1e9), entry(2, 1e-9, 1)], [entry(1, 0.0)], [entry(1, 5), entry(2, 5), entry(9, 5)]],
)
def test_the_plot_can_always_be_drawn(entries: list[dict[str, Any]]) -> None:
    with Image.open(io.BytesIO(loss_curves.as_png(entries))) as image:
        assert (image.format, image.size) == ("PNG", loss_curves.SIZE)


def test_the_plot_shows_the_terms_in_their_colours() -> None:
    with Image.open(io.BytesIO(loss_curves.as_png([entry(1, 9), entry(2, 4), entry(3, 3)]))) as image:
        seen = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert (0x6F, 0xA8, 0xDC) in seen
    assert (0xE6, 0x91, 0x38) in seen


def test_the_term_of_a_film_s_frames_has_a_column_and_a_curve() -> None:
    entries = [{**entry(1), "temporal": 0.5}, {**entry(2), "temporal": 0.25}]
    assert loss_curves.as_csv(entries).splitlines()[0].startswith("iteration,scale,total,content,style,tv,temporal")
    assert loss_curves.as_png(entries) != loss_curves.as_png([entry(1), entry(2)])
    assert "temporal" not in loss_curves.as_csv([entry(1)])
