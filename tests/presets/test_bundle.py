"""Bundles come out the same each time, go in whole, and hostile ones leave no trace."""

import io
import json
import random
import stat
import struct
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neural_style_server.errors import Conflict, NeuralStyleError, PresetError, TooLarge
from neural_style_server.presets import bundle as module
from neural_style_server.presets.bundle import export_bundle, import_bundle, pack, snapshot_of, unpack
from neural_style_server.presets.library import Library, Source

Picture = Callable[..., bytes]
YAML = b"schema: 1\ntitle: Ink wash\nimages:\n- file: style.png\n"


@pytest.fixture
def files(picture: Picture) -> dict[str, bytes]:
    return {"preset.yaml": YAML, "style.png": picture()}


@pytest.fixture
def refused(library: Library, sources: list[Source]) -> Callable[..., None]:
    """The bundle is refused for the reason, and nothing of it is on the disk."""

    def check(data: bytes, reason: str) -> None:
        with pytest.raises(NeuralStyleError, match=reason) as caught:
            import_bundle(data, library)
        assert caught.value.status in (400, 413) and caught.value.hint
        assert list(sources[1].path.rglob("*")) == []

    return check


def zipped(entries: Iterable[tuple[zipfile.ZipInfo | str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for info, data in entries:
            archive.writestr(info, data)
    return out.getvalue()


def manifest(files: Mapping[str, bytes], /, **changes: Any) -> bytes:
    packed = zipfile.ZipFile(io.BytesIO(pack("ink-two", files))).read("manifest.json")
    return json.dumps({**json.loads(packed), **changes}).encode()


def with_manifest(files: Mapping[str, bytes], /, **changes: Any) -> list[tuple[zipfile.ZipInfo | str, bytes]]:
    return [("manifest.json", manifest(files, **changes)), *files.items()]


def info(name: str, mode: int = 0, attr: int = 0) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16 | attr
    entry.create_system = 3
    return entry


# Sharing


def test_what_is_exported_is_imported_elsewhere(library: Library, tmp_path: Path, picture: Picture) -> None:
    (library.get("ink").folder / "thumbnail.png").write_bytes(picture(size=(64, 64)))
    data = export_bundle(library, "ink")
    other = Library([Source("user", tmp_path / "other", writable=True)])
    preset = import_bundle(data, other)
    assert preset == library.get("ink").preset
    assert other.snapshot("ink").sha256 == library.snapshot("ink").sha256
    assert other.thumbnail("ink") == library.thumbnail("ink")
    assert export_bundle(other, "ink") == data


def test_the_bytes_are_the_same_each_time(library: Library) -> None:
    first = export_bundle(library, "ink")
    (library.get("ink").folder / "preset.yaml").touch()
    library.refresh()
    assert export_bundle(library, "ink") == first
    assert zipfile.ZipFile(io.BytesIO(first)).namelist() == ["manifest.json", "preset.yaml", "style.png"]


def test_a_taken_name_is_told_and_another_may_be_given(library: Library) -> None:
    data = export_bundle(library, "ink")
    with pytest.raises(Conflict, match="already a preset 'ink'"):
        import_bundle(data, library)
    assert import_bundle(data, library, "ink-two").name == "ink-two"


def test_a_bundle_that_another_program_deflated_is_fine(files: dict[str, bytes], library: Library) -> None:
    assert import_bundle(zipped(with_manifest(files), zipfile.ZIP_DEFLATED), library).name == "ink-two"


# Hostile ones


@pytest.mark.parametrize(
    "name",
    [
        "../style.png", "a/../../style.png", "/tmp/style.png", "C:\\style.png", "..\\style.png", "sub/a.png",
        "sub/", ".hidden.png", "run.sh", "run.py", "a.svg", "a.png.exe", "style", "preset.yml", "a:b.png",
        "a\nb.png", "é" * 101 + ".png", "PRESET.YAML", "Manifest.json",
    ],
)  # fmt: skip
def test_a_bad_name_is_refused(name: str, files: dict[str, bytes], refused: Callable[..., None]) -> None:
    more = {**files, name: b"x"}
    refused(zipped(with_manifest(more)), "is neither preset.yaml nor|same name|link, a folder")


def test_a_name_with_a_null_byte_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    data = zipped([*with_manifest(files), ("evil.png_png", b"x")]).replace(b"evil.png_png", b"evil.png\0png")
    refused(data, "neither preset.yaml nor|damaged")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int, files: dict[str, bytes], refused: Callable[..., None]) -> None:
    entries = with_manifest({**files, "style.png": b"/etc/passwd"})
    entries[-1] = (info("style.png", kind | 0o777), b"/etc/passwd")
    refused(zipped(entries), "is a link, a folder or a device")


def test_a_folder_by_its_dos_attribute_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    entries = with_manifest(files)
    entries[-1] = (info("style.png", attr=0x10), files["style.png"])
    refused(zipped(entries), "is a link, a folder or a device")


def test_a_bomb_by_its_ratio_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    bomb = {**files, "style.png": files["style.png"] + b"\0" * 10_000_000}
    refused(zipped(with_manifest(bomb), zipfile.ZIP_DEFLATED), "more than 100 times its size")


def test_a_bomb_by_its_total_is_refused(
    files: dict[str, bytes], refused: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BUNDLE", 200_000)
    noise = random.Random(0).randbytes(2000) * 30  # deflates to a thirtieth, below the ratio that is refused
    many = files | {f"{number}.png": noise for number in range(4)}
    refused(zipped(with_manifest(many), zipfile.ZIP_DEFLATED), "larger than 0 MiB together")
    refused(zipped(with_manifest(many)), "bundle is larger than")


def test_a_header_that_lies_about_the_size_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    data = bytearray(zipped(with_manifest({**files, "style.png": b"\0" * 90_000}), zipfile.ZIP_DEFLATED))
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, entry + 24, 100)
    refused(bytes(data), "damaged|not what its manifest says")


def test_ten_thousand_files_are_refused_at_once(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    many = files | {f"{number}.png": b"x" for number in range(10_000)}
    data = zipped(many.items())
    began = time.monotonic()
    refused(data, "more than 19 files")
    assert time.monotonic() - began < 1


def test_a_few_files_too_many_are_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(zipped(with_manifest(files | {f"{n}.png": b"x" for n in range(20)})), "more than 19 files")


def test_names_that_differ_in_case_only_are_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(zipped(with_manifest({**files, "STYLE.png": b"x"})), "differ in case only")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(zipped([*with_manifest(files), ("style.png", b"other")]), "same name")


def test_encrypted_entries_are_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    data = bytearray(zipped(with_manifest(files)))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    refused(bytes(data), "is encrypted")


def test_unusual_compression_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(zipped(with_manifest(files), zipfile.ZIP_LZMA), "compressed in an unusual way")


def test_wrong_hashes_and_sizes_are_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    entries = with_manifest(files)
    entries[-1] = ("style.png", files["style.png"] + b"\0")
    refused(zipped(entries), "'style.png' is not what its manifest says")


@pytest.mark.parametrize("missing", ["manifest.json", "preset.yaml", "style.png"])
def test_a_missing_file_is_refused(missing: str, files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(zipped([entry for entry in with_manifest(files) if entry[0] != missing]), "bundle was refused")
    rest = {name: data for name, data in files.items() if name != missing}
    if missing != "manifest.json":
        refused(zipped(with_manifest(rest)), "no preset.yaml|not those that its preset.yaml names")


def test_an_extra_picture_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(zipped(with_manifest({**files, "more.png": files["style.png"]})), "not those that its preset.yaml")
    refused(zipped([*with_manifest(files), ("more.png", files["style.png"])]), "not those that its manifest lists")


@pytest.mark.parametrize("changes", [{"format": "x"}, {"version": 2}, {"name": "../x"}, {"name": None}, {"files": []}])
def test_a_wrong_manifest_is_refused(
    changes: dict[str, Any], files: dict[str, bytes], refused: Callable[..., None]
) -> None:
    refused(zipped(with_manifest(files, **changes)), "manifest")


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_a_manifest_that_is_no_json_is_refused(
    text: bytes, files: dict[str, bytes], refused: Callable[..., None]
) -> None:
    refused(zipped([("manifest.json", text), *files.items()]), "manifest.json is missing")


def test_scripts_dressed_as_pictures_are_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(pack("ink-two", {**files, "style.png": b"#!/bin/sh\nrm -rf /\n"}), "is not a PNG")
    refused(pack("ink-two", {**files, "thumbnail.png": b"<svg onload=alert(1)>"}), "is not a PNG")


def test_a_preset_that_breaks_the_schema_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(pack("ink-two", {**files, "preset.yaml": YAML + b"run: x\n"}), "line 5: unknown key 'run'")
    refused(pack("ink-two", {**files, "preset.yaml": YAML + b"\xff"}), "not UTF-8")
    refused(pack("ink-two", {**files, "preset.yaml": YAML + b"#" * 300_000}), "larger than 256 KiB")


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" + b"\0" * 99])
def test_what_is_no_zip_is_refused(data: bytes, refused: Callable[..., None]) -> None:
    refused(data, "not a zip file|damaged")


def test_a_program_with_a_zip_behind_it_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    refused(b"MZ" + pack("ink-two", files), "not a zip file")


def test_a_bundle_too_large_to_be_imported_is_not_exported(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BUNDLE", 100)
    with pytest.raises(TooLarge):
        export_bundle(library, "ink")


def test_a_bundle_cut_short_is_refused(files: dict[str, bytes], refused: Callable[..., None]) -> None:
    data = pack("ink-two", files)
    for length in range(0, len(data), 23):
        refused(data[:length], "refused")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_bytes_are_refused_or_change_nothing(files: dict[str, bytes], data: st.DataObject) -> None:
    """A flip may hit a date, which nobody reads; it never gets other contents in, nor another error out."""
    whole = bytearray(pack("ink-two", files))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        _, contents = unpack(bytes(whole))
    except (PresetError, TooLarge):
        return
    assert contents == files


def test_a_bundle_s_preset_is_that_of_the_library(library: Library, files: dict[str, bytes]) -> None:
    more = b"- file: other.png\n  weight: 0.3\ncontrols: {strength: 63.7}\nmethod: {style_weight: 1.1}\n"
    contents = {**files, "preset.yaml": YAML + more, "other.png": files["style.png"]}
    import_bundle(pack("ink-wash", contents), library)
    known, found = library.snapshot("ink-wash"), snapshot_of(export_bundle(library, "ink-wash"))
    assert (found.sha256, found.images) == (known.sha256, known.images)
