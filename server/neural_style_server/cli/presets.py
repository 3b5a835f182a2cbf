"""`neural-style presets`: browse, make, share, and see them all on one's own picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neural_style_client import home_folder

from ..errors import Conflict, InvalidRequest, PresetError
from .sheet import sheet
from .stylize import chosen_settings, read_photo

if TYPE_CHECKING:
    from ..presets.library import Library


@click.group()
def presets() -> None:
    """Named styles: browse, make, share."""


def _library() -> Library:
    from ..presets.library import Library, standard_sources  # here, so that `neural-style --help` starts quickly
    from ..settings import load_settings

    home = Path(home_folder())
    return Library(standard_sources(home, load_settings(home).preset_folders), home=home)


@presets.command("list")
@click.option("--search", help="Words that must occur in name, title, description or tags.")
@click.option("--tag", "tags", multiple=True, help="Only presets with this tag.")
@click.option("--favourites", is_flag=True, help="Only your favourites.")
@click.option("--recent", is_flag=True, help="Only those that you have used, the latest first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(search: str | None, tags: tuple[str, ...], favourites: bool, recent: bool, as_json: bool) -> None:
    """All presets, or those that match."""
    library = _library()
    entries = library.list(search, tags, favourites=favourites, recent=recent)
    if as_json:
        click.echo(json.dumps([entry.as_dict() for entry in entries]))
        return
    if not entries:
        click.echo("No preset matches; 'neural-style presets list' shows all.", err=True)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "title", "tags", "library", box=None)
    for entry in entries:
        table.add_row(entry.name, entry.preset.title, ", ".join(entry.preset.tags), entry.library)
    Console().print(table)
    for problem in library.problems():
        click.echo(f"{problem.name}: {problem.detail}", err=True)


@presets.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, as_json: bool) -> None:
    """One preset with its controls and method."""
    found = _library().get(name).as_dict()
    if as_json:
        click.echo(json.dumps(found))
        return
    for key in ("name", "title", "description", "author", "licence", "source", "library"):
        click.echo(f"{key:12} {found[key]}")
    click.echo(f"{'tags':12} {', '.join(found['tags'])}")
    for part in ("controls", "method"):
        click.echo(f"{part}:")
        for key, value in found[part].items():
            click.echo(f"  {key:18} {value}")


@presets.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True))
def validate(path: Path) -> None:
    """Check a preset's folder or preset.yaml; every problem with its line."""
    from ..files import read_regular
    from ..presets.preset import parse_preset
    from ..presets.yaml_document import MAX_BYTES

    file = path / "preset.yaml" if path.is_dir() else path
    try:
        text = read_regular(file, MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise PresetError(f"{file}: it is not UTF-8 text.", hint="Save it as UTF-8.") from None
    preset = parse_preset(text, path=str(file), name=file.resolve().parent.name)
    missing = [image.file for image in preset.images if not (file.parent / image.file).is_file()]
    if missing:
        raise PresetError(f"{file}: the style image {missing[0]} is not in the preset's folder.")
    click.echo(f"{file}: ok")


@presets.command()
@click.argument("name")
@click.argument("images", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--title", help="What people see; made of the name if not given.")
@click.option("--tag", "tags", multiple=True)
@click.option("--description", default="")
@click.option("--weight", "weights", type=float, multiple=True, help="Share of each picture, in their order.")
def add(
    name: str,
    images: tuple[Path, ...],
    title: str | None,
    tags: tuple[str, ...],
    description: str,
    weights: tuple[float, ...],
) -> None:
    """Make a preset of your own from one or more picture files."""
    if weights and len(weights) != len(images):
        raise InvalidRequest(f"There are {len(images)} pictures and {len(weights)} weights.", hint="Give one for each.")
    fields: dict[str, Any] = {"tags": list(tags)}
    fields |= {key: value for key, value in (("title", title), ("description", description)) if value}
    shares = weights or (1.0,) * len(images)
    pictures = [(image.name, read_photo(image)[0], share) for image, share in zip(images, shares, strict=True)]
    entry = _library().create(name, fields, pictures)
    click.echo(f"{entry.name} is in {entry.folder}")


@presets.command()
@click.argument("name")
@click.argument("new_name")
@click.option("--title")
def copy(name: str, new_name: str, title: str | None) -> None:
    """Copy a preset, to change the copy."""
    click.echo(f"{new_name} is in {_library().copy(name, new_name, title).folder}")


@presets.command()
@click.argument("name")
@click.option("--title")
@click.option("--description")
@click.option("--tag", "tags", multiple=True, help="All of its tags from now on.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A control or a key of the method.")
@click.option("--favourite/--no-favourite", default=None, help="Built-in ones can be favourites too.")
def change(
    name: str,
    title: str | None,
    description: str | None,
    tags: tuple[str, ...],
    settings: tuple[str, ...],
    favourite: bool | None,
) -> None:
    """Change a preset of your own; null, as in --set strength=null, brings a default back."""
    controls, method = chosen_settings(settings)
    texts = {"title": title, "description": description, "tags": list(tags) or None, "favourite": favourite}
    given = {**texts, "controls": controls or None, "method": method or None}
    changes = {key: value for key, value in given.items() if value is not None}
    if not changes:
        raise InvalidRequest("Nothing to change was given.", hint="'presets change --help' says what may be changed.")
    _library().change(name, changes)
    click.echo(f"{name} is changed.")


@presets.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete a preset of your own."""
    _library().delete(name)
    click.echo(f"{name} is deleted.")


@presets.command()
@click.argument("name")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="NAME.nstyle if not given.")
def export(name: str, out: Path | None) -> None:
    """Write a preset as one file that can be shared."""
    from ..presets.bundle import export_bundle

    path = out or Path(f"{name}.nstyle")
    path.write_bytes(export_bundle(_library(), name))
    click.echo(str(path))


@presets.command("import")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True))
@click.option("--name", help="Another name for it, where its own is taken.")
def import_(bundle: Path, name: str | None) -> None:
    """Import a preset that somebody shared."""
    from ..presets.bundle import import_bundle

    try:
        preset = import_bundle(bundle.read_bytes(), _library(), name)
    except Conflict as error:
        raise Conflict(error.detail, hint="Give it another name with --name.", code=error.code) from None
    click.echo(f"{preset.name} is in your library.")


presets.add_command(sheet)
