"""The libraries together: who wins, who may be changed, and what a running job keeps."""

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from neural_style_server.errors import Conflict, Forbidden, ImageError, NotFound, PresetError, StorageError
from neural_style_server.presets import layered_folders as module
from neural_style_server.presets import library as library_module
from neural_style_server.presets.bundle import export_bundle
from neural_style_server.presets.library import Library, Source, standard_sources
from neural_style_server.presets.preset_folder import Found, PresetFolder

Picture = Callable[..., bytes]
Put = Callable[..., Path]
Wait = Callable[..., float]


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


# Reading


def test_later_libraries_win_and_each_preset_says_where_it_is_from(
    sources: list[Source], tmp_path: Path, put: Put
) -> None:
    put(sources[0].path, "ink", "Built in")
    put(sources[0].path, "oil", "Built in")
    put(sources[1].path, "ink", "Mine")
    put(tmp_path / "studio", "oil", "Studio")
    library = Library([*sources, Source("studio", tmp_path / "studio")])
    found = [(it.name, it.preset.title, it.library, it.read_only) for it in library.list()]
    assert found == [("ink", "Mine", "user", False), ("oil", "Studio", "studio", True)]


def test_a_library_that_is_not_there_is_a_problem_and_no_failure(sources: list[Source], tmp_path: Path) -> None:
    library = Library([*sources, Source("studio", tmp_path / "drive")])
    assert [(it.library, it.name) for it in library.problems()] == [("studio", "")]


def test_an_unknown_name_gets_the_nearest_one(library: Library) -> None:
    with pytest.raises(NotFound) as caught:
        library.get("inc")
    assert caught.value.hint == "Did you mean 'ink'?"
    with pytest.raises(NotFound):
        library.get("../ink")


def test_a_preset_that_was_never_good_says_why(library: Library, put: Put, sources: list[Source]) -> None:
    put(sources[1].path, "oil", more="x: 1\n")
    library.refresh()
    with pytest.raises(NotFound, match="line 5: unknown key 'x'"):
        library.get("oil")
    library.delete("oil")
    assert not library.problems()


def test_search_finds_every_word_anywhere_and_all_tags(library: Library, put: Put, sources: list[Source]) -> None:
    put(sources[1].path, "oil", "Öl auf Leinwand", more="tags: [Oil, thick]\nauthor: Ann\n")
    library.refresh()
    assert [it.name for it in library.list("ann ÖL")] == ["oil"]
    assert [it.name for it in library.list(tags=["oil", "Thick"])] == ["oil"]
    assert [it.name for it in library.list(tags=["oil", "ink"])] == []
    assert [it.name for it in library.list("ink wash")] == ["ink"]


def test_favourites_and_recent_use_are_kept_for_read_only_presets_too(library: Library, tmp_path: Path) -> None:
    assert library.change("ink", {"favourite": True}).favourite
    library.mark_used("ink")
    again = Library([Source("built-in", tmp_path / "built-in")], home=tmp_path / "home")
    assert [it.name for it in again.list(favourites=True)] == ["ink"]
    assert [it.name for it in again.list(recent=True)] == ["ink"] and again.get("ink").last_used


def test_a_thumbnail_is_the_file_or_made_of_the_style(library: Library, picture: Picture) -> None:
    assert library.own_thumbnail("ink") is None
    assert Image.open(io.BytesIO(library.thumbnail("ink"))).size == (48, 40)
    (library.get("ink").folder / "thumbnail.png").write_bytes(picture(size=(64, 64)))
    assert library.thumbnail("ink") == picture(size=(64, 64))


@pytest.mark.parametrize("kind", ["text", "jpeg", "cut", "empty", "folder", "fifo", "link"])
def test_a_thumbnail_that_is_no_whole_png_is_neither_shown_nor_shared_and_told(
    library: Library, picture: Picture, put: Put, tmp_path: Path, kind: str
) -> None:
    path = library.get("ink").folder / "thumbnail.png"
    made = {"text": b"<script>", "jpeg": picture("JPEG"), "cut": picture()[:90], "empty": b""}
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        (tmp_path / "elsewhere.png").write_bytes(picture())
        path.symlink_to(tmp_path / "elsewhere.png")
    else:
        path.write_bytes(made[kind])
    assert Image.open(io.BytesIO(library.thumbnail("ink"))).size == (48, 40)
    with zipfile.ZipFile(io.BytesIO(export_bundle(library, "ink"))) as bundle:
        assert "thumbnail.png" not in bundle.namelist()
    assert not (library.copy("ink", "mine").folder / "thumbnail.png").exists()
    library.refresh()
    assert library.get("ink").preset.title == "Ink wash"
    if kind != "cut":  # its beginning is in order
        assert "thumbnail.png" in library.problems()[0].detail


# Snapshots


def test_a_snapshot_stays_as_it_was_when_the_preset_changes_and_goes(library: Library, picture: Picture) -> None:
    library.create("mine", {"title": "Mine"}, [("a.png", picture(), 1)])
    snapshot = library.snapshot("mine")
    data = snapshot.images[0].data
    library.change("mine", {"title": "Other"}, [("a.png", picture(colour="red"), 2)])
    library.delete("mine")
    assert snapshot.preset.title == "Mine" and snapshot.images[0].data == data
    assert snapshot.images[0].sha256 == hashlib.sha256(data).hexdigest()
    assert snapshot.library == "user"


def test_a_picture_that_was_damaged_meanwhile_is_told(library: Library) -> None:
    path = library.get("ink").folder / "style.png"
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ImageError, match=r"'style.png' is damaged|is not a"):
        library.snapshot("ink")
    path.unlink()
    with pytest.raises(ImageError, match="which cannot be read"):
        library.snapshot("ink")


# Changing


def test_a_preset_is_made_of_pictures(library: Library, picture: Picture) -> None:
    pictures = [("My photo.jpg", picture("JPEG"), 1), ("b.webp", picture("WEBP"), 0.5)]
    entry = library.create("my-style", {"title": "My style", "controls": {"colour": "mine"}}, pictures)
    assert (entry.library, entry.read_only, entry.preset.controls.colour) == ("user", False, 100)
    assert tree(entry.folder) == {"preset.yaml", "my-photo.jpg", "b.png"}


@pytest.mark.parametrize(
    ("name", "fields", "data"),
    [
        ("../evil", {}, None),
        ("a", {"titel": "x"}, None),
        ("a", {}, b"not a picture"),
        ("a", {"title": ""}, None),
    ],
)
def test_what_cannot_be_made_leaves_nothing(
    library: Library,
    sources: list[Source],
    picture: Picture,
    name: str,
    fields: dict[str, str],
    data: bytes | None,
) -> None:
    with pytest.raises((PresetError, ImageError)):
        library.create(name, fields, [("a.png", data or picture(), 1)])
    assert tree(sources[1].path) == set()


def test_a_name_is_taken_once_in_all_libraries(library: Library, picture: Picture) -> None:
    with pytest.raises(Conflict, match="already a preset 'ink' in the library 'built-in'"):
        library.create("ink", {}, [("a.png", picture(), 1)])
    with pytest.raises(Conflict):
        library.copy("ink", "ink")


@pytest.mark.parametrize("act", ["change", "delete"])
def test_a_read_only_preset_is_left_alone_with_advice(library: Library, act: str) -> None:
    with pytest.raises(Forbidden, match="which is read-only") as caught:
        library.change("ink", {"title": "x"}) if act == "change" else library.delete("ink")
    assert "Copy it" in caught.value.hint and caught.value.code == "read_only"


def test_a_copy_has_everything_and_may_be_changed(library: Library, picture: Picture) -> None:
    (library.get("ink").folder / "thumbnail.png").write_bytes(picture())
    entry = library.copy("ink", "ink-two")
    assert entry.preset.title == "Ink wash (copy)" and entry.preset.controls.strength == 60
    assert tree(entry.folder) == {"preset.yaml", "style.png", "thumbnail.png"}
    changed = library.change("ink-two", {"title": "Second", "controls": {"strength": None, "detail": 20}})
    assert (changed.preset.title, changed.preset.controls.strength, changed.preset.controls.detail) == (
        "Second",
        50,
        20,
    )


def test_new_pictures_replace_the_old_ones(library: Library, picture: Picture) -> None:
    folder = library.copy("ink", "two").folder
    library.change("two", {}, [("style.png", picture(colour="red"), 3)])
    assert tree(folder) == {"preset.yaml", "style-2.png"}
    assert library.change("two", {"images": [{"file": "style-2.png", "weight": 5}]}).preset.images[0].weight == 5


def test_a_thumbnail_of_other_pictures_goes_with_them(library: Library, picture: Picture) -> None:
    folder = library.copy("ink", "two").folder
    (folder / "thumbnail.png").write_bytes(picture(colour="blue"))
    library.change("two", {"title": "Second"})
    assert "thumbnail.png" in tree(folder)
    library.change("two", {}, [("style.png", picture(colour="red"), 1)])
    assert tree(folder) == {"preset.yaml", "style-2.png"}


def test_a_wrong_change_changes_nothing(library: Library) -> None:
    folder = library.copy("ink", "two").folder
    before = (folder / "preset.yaml").read_bytes()
    for changes in ({"titel": "x"}, {"images": [{"file": "absent.png"}]}, {"controls": {"strength": 101}}):
        with pytest.raises(PresetError):
            library.change("two", changes)
    assert (folder / "preset.yaml").read_bytes() == before and tree(folder) == {"preset.yaml", "style.png"}


def test_deleting_what_hid_another_shows_it_again(library: Library, sources: list[Source], put: Put) -> None:
    put(sources[1].path, "ink", "Mine")
    library.refresh()
    library.delete("ink")
    assert library.get("ink").library == "built-in" and tree(sources[1].path) == set()


def test_nothing_can_be_saved_where_nothing_is_writable(sources: list[Source], picture: Picture) -> None:
    library = Library(sources[:1])
    with pytest.raises(Forbidden, match="cannot be saved"):
        library.create("a", {}, [("a.png", picture(), 1)])


def test_readers_see_only_whole_presets_while_many_write(library: Library) -> None:
    library.copy("ink", "two")
    failures: list[BaseException] = []

    def change(number: int) -> None:
        try:
            for step in range(8):
                library.change("two", {"description": f"{number} {step} " + "x" * 200})
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert library.snapshot("two").preset.title == "Ink wash (copy)"
    for thread in threads:
        thread.join()
    assert not failures and not library.problems()


# Hot reload


@pytest.fixture
def watched(sources: list[Source]) -> Iterator[Library]:
    with Library(sources, watch=True) as library:
        yield library


def has(library: Library, name: str, title: str) -> bool:
    return any((it.name, it.preset.title) == (name, title) for it in library.list())


def test_a_saved_file_appears_within_a_second(
    watched: Library, sources: list[Source], put: Put, wait_until: Wait
) -> None:
    put(sources[1].path, "oil", "Oil")
    assert wait_until(lambda: has(watched, "oil", "Oil")) < 1
    put(sources[1].path, "oil", "Oil paint")
    assert wait_until(lambda: has(watched, "oil", "Oil paint")) < 1


def test_a_file_that_breaks_is_reported_and_its_preset_stays(
    watched: Library, sources: list[Source], put: Put, wait_until: Wait
) -> None:
    folder = put(sources[1].path, "oil", "Oil")
    wait_until(lambda: has(watched, "oil", "Oil"))
    (folder / "preset.yaml").write_text("schema: 1\ntitle: [\n")
    assert wait_until(watched.problems) < 1
    assert watched.problems()[0].name == "oil" and watched.snapshot("oil").preset.title == "Oil"
    put(sources[1].path, "oil", "Mended")
    wait_until(lambda: has(watched, "oil", "Mended") and not watched.problems())


def test_a_deleted_folder_goes(watched: Library, sources: list[Source], put: Put, wait_until: Wait) -> None:
    folder = put(sources[1].path, "oil", "Oil")
    wait_until(lambda: has(watched, "oil", "Oil"))
    folder.rename(sources[1].path.parent / "away")
    assert wait_until(lambda: not watched.list()) < 1


def test_closing_joins_every_thread(sources: list[Source]) -> None:
    before = threading.active_count()
    library = Library(sources, watch=True)
    assert threading.active_count() > before
    library.close()
    library.close()
    assert threading.active_count() == before


# A folder that does not answer


class Stuck:
    """A library folder on a drive that is away: whoever reads it waits until it is back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.back = threading.Event()
        scanned = PresetFolder._scanned

        def wait(self_: PresetFolder, known: Found) -> Found:
            if self_.source.path == folder:
                assert self.back.wait(30)
            return scanned(self_, known)

        monkeypatch.setattr(PresetFolder, "_scanned", wait)


def test_a_folder_that_does_not_answer_holds_up_neither_the_start_nor_anything_else(
    sources: list[Source],
    tmp_path: Path,
    put: Put,
    picture: Picture,
    wait_until: Wait,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "FIRST_SCAN_S", 0.2)
    put(sources[0].path, "ink")
    put(tmp_path / "away", "oil", "Oil")
    drive = Stuck(monkeypatch, tmp_path / "away")
    with Library([*sources, Source("away", tmp_path / "away")], home=tmp_path / "home", watch=True) as library:
        assert "does not answer" in caplog.text
        assert [it.name for it in library.list()] == ["ink"]
        library.create("mine", {}, [("a.png", picture(), 1)])
        library.change("mine", {"title": "Mine", "favourite": True})
        library.mark_used("ink")
        assert library.snapshot("ink").preset.name == "ink"
        put(sources[1].path, "chalk", "Chalk")
        wait_until(lambda: has(library, "chalk", "Chalk"))
        library.delete("mine")
        drive.back.set()
        wait_until(lambda: has(library, "oil", "Oil"))


def test_a_change_waits_a_while_only_for_one_that_hangs(
    library: Library, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "CHANGE_S", 0.05)
    with library._changing, pytest.raises(StorageError, match="still being written"):
        library.create("mine", {}, [("a.png", picture(), 1)])
    with library._noting:
        library.mark_used("ink")
    assert library.get("ink").last_used is None


# The real one


def test_the_standard_libraries_are_the_built_in_the_user_s_and_the_added(tmp_path: Path) -> None:
    sources = standard_sources(tmp_path, {"studio": tmp_path / "share"})
    assert [(it.name, it.writable) for it in sources] == [
        ("built-in", False),
        ("user", True),
        ("studio", False),
    ]
    library = Library(sources, home=tmp_path)
    assert (tmp_path / "presets").is_dir() and not (tmp_path / "share").exists()
    assert {"night-swirl", "ink-wash"} <= {it.name for it in library.list()}
