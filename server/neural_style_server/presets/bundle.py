"""NAME.nstyle: one preset in one file, to be shared.

A zip with preset.yaml, the style images, thumbnail.png if there is one and manifest.json, which names each
file with its size and SHA-256. The same preset gives the same bytes. A bundle is untrusted: it is read in
memory and refused whole at the first fault, and nothing is written before all of it has been checked.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, NoReturn

from ..errors import PresetError, TooLarge
from .entries import Snapshot, SnapshotImage
from .library import Library
from .names import PRESET_FILE, THUMBNAIL, check_name, file_name_problem, same_spelling
from .preset import MOST_IMAGES, Preset, parse_preset, to_yaml
from .style_images import check_image
from .yaml_document import MAX_BYTES as MAX_YAML_BYTES

FORMAT, VERSION, MANIFEST = "neural-style-preset", 1, "manifest.json"
MAX_BUNDLE = 128 * 1024 * 1024
MAX_FILES = MOST_IMAGES + 3
MAX_RATIO = 100
_DIRECTORY_ENTRY = b"PK\x01\x02"
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)


def export_bundle(library: Library, name: str) -> bytes:
    """The bytes of NAME.nstyle."""
    snapshot, thumbnail = library.snapshot(name), library.own_thumbnail(name)
    contents = {PRESET_FILE: to_yaml(snapshot.preset).encode()}
    contents |= {image.file: image.data for image in snapshot.images}
    if thumbnail:
        contents[THUMBNAIL] = thumbnail
    data = pack(name, contents)
    if len(data) > MAX_BUNDLE:
        hint = "Use smaller style images."
        raise TooLarge(f"The bundle would be larger than {MAX_BUNDLE >> 20} MiB.", hint=hint)
    return data


def import_bundle(data: bytes, library: Library, name: str | None = None, into: str | None = None) -> Preset:
    """Check all of it, then install it, under another name if one is given."""
    preset, contents = unpack(data)
    contents[PRESET_FILE] = to_yaml(preset).encode()
    return library.install(name or preset.name, contents, into).preset


def snapshot_of(data: bytes) -> Snapshot:
    """The preset in a bundle, as a library has it. Raises as `unpack` does."""
    preset, contents = unpack(data)
    found = [(image, contents[image.file]) for image in preset.images]
    images = (SnapshotImage(it.file, it.weight, it.region, _sha256(content), content) for it, content in found)
    return Snapshot(preset, "", tuple(images))


def pack(name: str, contents: Mapping[str, bytes]) -> bytes:
    """Stored, not deflated (the pictures are compressed already): no zlib version can change the bytes."""
    listed = {file: {"bytes": len(data), "sha256": _sha256(data)} for file, data in sorted(contents.items())}
    manifest = {"format": FORMAT, "version": VERSION, "name": name, "files": listed}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for file, data in [(MANIFEST, _json(manifest)), *sorted(contents.items())]:
            info = zipfile.ZipInfo(file, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    return out.getvalue()


def unpack(data: bytes) -> tuple[Preset, dict[str, bytes]]:
    """The preset and its files by name, or PresetError, ImageError or TooLarge."""
    contents = _read_zip(data)
    name = _check_manifest(contents)
    preset = _check_preset(name, contents)
    for file in contents.keys() - {PRESET_FILE}:
        check_image(contents[file], file)
    return preset, contents


def _read_zip(data: bytes) -> dict[str, bytes]:
    if len(data) > MAX_BUNDLE:
        raise TooLarge(f"The bundle is larger than {MAX_BUNDLE >> 20} MiB.")
    if not data.startswith(b"PK\x03\x04"):
        _refuse("it is not a zip file")
    if data.count(_DIRECTORY_ENTRY) > 4 * MAX_FILES:  # before zipfile makes an object for each
        _refuse(f"it holds more than {MAX_FILES} files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_listing(infos)
            return {info.filename: archive.read(info) for info in infos}
    except _DAMAGE as error:
        raise PresetError(f"The bundle was refused: it is damaged ({error}).", hint=_HINT) from None


def _check_listing(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_FILES:
        _refuse(f"it holds more than {MAX_FILES} files")
    spellings = {same_spelling(info.orig_filename) for info in infos}
    if len(spellings) < len(infos):
        _refuse("two of its files have the same name, or names that differ in case only")
    for info in infos:
        _check_entry(info)
    if sum(info.file_size for info in infos) > MAX_BUNDLE:
        _refuse(f"its files are larger than {MAX_BUNDLE >> 20} MiB together")


def _check_entry(info: zipfile.ZipInfo) -> None:
    """`orig_filename` is the name as it is in the zip; zipfile makes `filename` of it."""
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    if name not in (MANIFEST, PRESET_FILE, THUMBNAIL) and file_name_problem(name):
        _refuse(f"{name!r:.100} is neither preset.yaml nor a plain picture's name")
    if info.filename != name or info.is_dir() or info.external_attr & 0x10 or kind not in (0, stat.S_IFREG):
        _refuse(f"'{name}' is a link, a folder or a device")
    if info.flag_bits & 0x2041:
        _refuse(f"'{name}' is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        _refuse(f"'{name}' is compressed in an unusual way")
    if info.file_size > MAX_RATIO * max(info.compress_size, 1):
        _refuse(f"'{name}' unpacks to more than {MAX_RATIO} times its size")
    if name in (MANIFEST, PRESET_FILE) and info.file_size > MAX_YAML_BYTES:
        _refuse(f"'{name}' is larger than {MAX_YAML_BYTES // 1024} KiB")


def _check_manifest(contents: dict[str, bytes]) -> str:
    """Remove the manifest and compare it with the files. Returns the preset's name, which it holds."""
    manifest = _parse_json(contents.pop(MANIFEST, b""))
    listed, name = manifest.get("files"), manifest.get("name")
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION or not isinstance(listed, dict):
        _refuse("its manifest.json is missing, or of another version")
    try:
        name = check_name(name)
    except PresetError:
        _refuse("its manifest gives no proper name")
    if listed.keys() != contents.keys():
        _refuse("its files are not those that its manifest lists")
    for file, data in contents.items():
        if listed[file] != {"bytes": len(data), "sha256": _sha256(data)}:
            _refuse(f"'{file}' is not what its manifest says")
    return name


def _check_preset(name: str, contents: Mapping[str, bytes]) -> Preset:
    if PRESET_FILE not in contents:
        _refuse("there is no preset.yaml in it")
    try:
        text = contents[PRESET_FILE].decode("utf-8")
    except UnicodeDecodeError:
        _refuse("its preset.yaml is not UTF-8 text")
    preset = parse_preset(text, path=f"{name}.nstyle/{PRESET_FILE}", name=name)
    wanted = {image.file for image in preset.images}
    if contents.keys() - {PRESET_FILE, THUMBNAIL} != wanted:
        _refuse("its pictures are not those that its preset.yaml names")
    return preset


def _parse_json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_HINT = "Ask its author for a fresh export; nothing of it was kept."


def _refuse(reason: str) -> NoReturn:
    raise PresetError(f"The bundle was refused: {reason}.", hint=_HINT)
