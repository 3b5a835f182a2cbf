"""Names, settings and history: what the docker remembers."""

from __future__ import annotations

from pathlib import Path

from neural_style import history as histories
from neural_style import naming, presets, words
from neural_style.history import Entry, History
from neural_style.memory import Memory
from neural_style.parameters import Parameters


class Settings:
    def __init__(self, text: str = "") -> None:
        self.text = text

    def read(self, group: str, name: str, default: str) -> str:
        return self.text or default

    def write(self, group: str, name: str, value: str) -> None:
        self.text = value

    def memory(self) -> Memory:
        return Memory(self.read, self.write)


def test_a_layer_is_named_after_style_and_source_and_numbered_when_taken() -> None:
    assert naming.result_name("Mosaic", "Sky") == "Mosaic – Sky"
    assert naming.result_name("Mosaic", "Sky", ["Mosaic – Sky"]) == "Mosaic – Sky 2"
    assert naming.result_name("Mosaic", "Sky", ["Mosaic – Sky", "Mosaic – Sky 2"]) == "Mosaic – Sky 3"
    assert naming.kept_name(300) == "iteration 300"


def test_settings_come_back_after_a_restart() -> None:
    settings = Settings()
    chosen = Parameters(preset="mosaic", controls={"strength": 10}, size=512)
    settings.memory().used(chosen)
    assert settings.memory().last == chosen
    assert settings.memory().controls_of("mosaic") == {"strength": 10}
    assert settings.memory().controls_of("other") == {}


def test_recent_presets_are_newest_first_without_doubles() -> None:
    settings = Settings()
    for name in ("a", "b", "a", "c"):
        settings.memory().used(Parameters(preset=name))
    assert settings.memory().recent == ["c", "a", "b"]


def test_broken_settings_are_as_good_as_none() -> None:
    for text in ("{", "[]", '{"last": {"size": "x"}, "recent": null}'):
        memory = Settings(text).memory()
        assert memory.last == Parameters() and memory.recent == []


def test_history_is_kept_by_document_newest_first(tmp_path: Path) -> None:
    path = str(tmp_path / "home" / "history.json")
    history = History(path)
    for number in range(histories.KEPT_JOBS + 3):
        history.add("/a.kra", Entry(job=f"job{number}", title="Mosaic"))
    history.change("job14", state="done", area=[0, 0, 5, 5])
    history.add("unsaved x", Entry(job="other", title="Mosaic"))
    again = History(path)
    assert [one.job for one in again.of("/a.kra")][:2] == ["job14", "job13"]
    assert len(again.of("/a.kra")) == histories.KEPT_JOBS
    assert again.of("/a.kra")[0].has_result and not again.of("/a.kra")[1].has_result
    assert again.of("unsaved x") == []


def test_a_picture_saved_for_the_first_time_keeps_its_history() -> None:
    history = History()
    history.add("unsaved x", Entry(job="one", title="Mosaic"))
    history.add("/a.kra", Entry(job="two", title="Mosaic"))
    history.moved("unsaved x", "/a.kra")
    history.change("one", state="done")
    assert [(one.job, one.state) for one in history.of("/a.kra")] == [("two", "running"), ("one", "done")]
    assert history.of("unsaved x") == []


def test_a_broken_history_file_is_no_reason_to_fail(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    for text in ("{", "[1]", '{"/a.kra": [{"nothing": 1}]}'):
        path.write_text(text)
        assert History(str(path)).of("/a.kra") == []


def preset(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "title": name.title(), "description": "", "tags": [], "read_only": True, **more}


def names(found: list[dict[str, object]]) -> list[object]:
    return [one["name"] for one in found]


def test_the_gallery_is_narrowed_by_search_tag_favourite_and_use() -> None:
    known = [
        preset("mosaic", tags=["tiles"], favourite=True),
        preset("ink", tags=["line"], description="Black on white"),
        preset("mine", read_only=False, last_used=5.0),
    ]
    assert names(presets.shown(known, presets.ALL, "", [])) == ["mosaic", "ink", "mine"]
    assert names(presets.shown(known, presets.ALL, "white BLACK", [])) == ["ink"]
    assert names(presets.shown(known, "tiles", "", [])) == ["mosaic"]
    assert names(presets.shown(known, presets.FAVOURITES, "", [])) == ["mosaic"]
    assert names(presets.shown(known, presets.RECENT, "", ["ink"])) == ["ink", "mine"]
    assert names(presets.shown(known, presets.MINE, "", [])) == ["mine"]
    assert [key for key, _ in presets.filters(known)][-2:] == ["line", "tiles"]


def test_times_and_sizes_are_said_as_a_painter_says_them() -> None:
    assert [words.duration(seconds) for seconds in (0.2, 40, 200, 4800)] == ["0 s", "40 s", "3 min", "80 min"]
    assert words.duration(9000) == "2 h 30 min"
    assert [words.memory(size) for size in (5e4, 8.7e7, 1.25e9)] == ["1 MB", "87 MB", "1.2 GB"]
