"""The commands of `neural-style presets` that read and write files: check, share, and make one of a result."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ..errors import Conflict, InvalidRequest, NeuralStyleError, PresetError
from .again import recipe_in
from .libraries import open_library
from .outputs import Output, force_option
from .photos import STANDARD, source

PRESET_FILE, BUNDLE = "preset.yaml", ".nstyle"
paths_argument = click.argument("paths", type=click.Path(path_type=Path, exists=True), nargs=-1, required=True)


@click.command()
@paths_argument
def validate(paths: tuple[Path, ...]) -> None:
    """Check presets: their folders, preset.yaml files, or a folder of presets. Every problem with its line."""
    failed = False
    for file in _preset_files(paths):
        try:
            _validate(file)
        except (NeuralStyleError, OSError) as error:
            failed = True
            text = error.detail if isinstance(error, NeuralStyleError) else f"{file}: {error.strerror or error}."
            click.echo(f"neural-style: {' '.join(text.split())}", err=True)
        else:
            click.echo(f"{file}: ok")
    sys.exit(2 if failed else 0)


def _preset_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The preset.yaml of each preset; a folder without one is a folder of presets if one in it is. Among several,
    folders such as `_art`, which cannot be presets, are passed over, as in the folder of presets itself."""
    for path in paths:
        if len(paths) > 1 and path.name.startswith("_") and not (path / PRESET_FILE).exists():
            continue
        inside = sorted(path.glob(f"*/{PRESET_FILE}")) if path.is_dir() else []
        if inside and not (path / PRESET_FILE).exists():
            yield from inside
        else:
            yield path / PRESET_FILE if path.is_dir() else path


def _validate(file: Path) -> None:
    from ..files import read_regular
    from ..presets.preset import parse_preset
    from ..presets.yaml_document import MAX_BYTES

    try:
        text = read_regular(file, MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise PresetError(f"{file}: it is not UTF-8 text.", hint="Save it as UTF-8.") from None
    preset = parse_preset(text, path=str(file), name=file.resolve().parent.name)
    missing = [image.file for image in preset.images if not (file.parent / image.file).is_file()]
    if missing:
        raise PresetError(f"{file}: the style image {missing[0]} is not in the preset's folder.")


@click.command()
@click.argument("name")
@click.option("-o", "--out", help=f"NAME{BUNDLE} if not given.")
@force_option
def export(name: str, out: str | None, force: bool) -> None:
    """Write a preset as one file that can be shared."""
    from ..presets.bundle import export_bundle

    target = Output(None if out == STANDARD else Path(out or f"{name}{BUNDLE}"), force)
    library = open_library()
    library.get(name)
    target.check()
    target.write(export_bundle(library, name))
    click.echo(str(target), err=target.path is None)


@click.command("import")
@paths_argument
@click.option("--name", help="Another name for it, where its own is taken.")
def import_(paths: tuple[Path, ...], name: str | None) -> None:
    """Import presets that somebody shared: bundles, or a folder of them."""
    from ..presets.bundle import import_bundle

    bundles = [bundle for path in paths for bundle in (_bundles(path) if path.is_dir() else [path])]
    _only_one(name, len(bundles))
    library = open_library()
    for bundle in bundles:
        try:
            preset = import_bundle(bundle.read_bytes(), library, name)
        except Conflict as error:
            raise Conflict(error.detail, hint="Give it another name with --name.", code=error.code) from None
        click.echo(f"{preset.name} is in your library.")


def _bundles(folder: Path) -> list[Path]:
    found = sorted(folder.glob(f"*{BUNDLE}"))
    if not found:
        raise InvalidRequest(f"{folder} has no {BUNDLE} file in it.", hint="Check the path.")
    return found


@click.command("from")
@click.argument("results", nargs=-1, required=True)
@click.option("--name", help="Of the new preset; made of the result's name if not given.")
@click.option("--title", help="What people see; made of the name if not given.")
def from_(results: tuple[str, ...], name: str | None, title: str | None) -> None:
    """Make a preset of the settings that RESULTS carry, with the style images of the preset that painted them."""
    _only_one(name, len(results))
    library = open_library()
    for word in results:
        result = source(word)
        used = recipe_in(result)
        if used.blend or used.regions:
            detail = f"{result} was painted with several presets, and one has one set of style images."
            raise InvalidRequest(detail, hint="Make one of its images with 'neural-style presets add'.", code="several")
        chosen = name or re.sub(r"[^a-z0-9]+", "-", result.stem.lower()).strip("-")[:60] or "mine"
        now = [image.sha256 for image in library.snapshot(used.preset.name).images]
        if now != [image.sha256 for image in used.preset.images]:
            raise Conflict(
                f"The preset '{used.preset.name}' no longer has the style images that {result} was painted with.",
                hint="Put them back, or make a preset of other pictures with 'neural-style presets add'.",
                code="other_style",
            )
        settings = {"controls": used.job.controls, "method": used.job.method}
        words = title or chosen.replace("-", " ").capitalize()
        entry = library.copy(used.preset.name, chosen, words, changes=settings)
        click.echo(f"{entry.name} is in {entry.folder}")


def _only_one(name: str | None, count: int) -> None:
    if name is not None and count > 1:
        raise InvalidRequest(f"--name is for one preset, and there are {count}.", hint="Leave it out.")
