"""`neural-style presets`: browse, make, share, and see them all on one's own picture."""

from __future__ import annotations

import json
from typing import Any

import click

from ..errors import InvalidRequest
from .key_values import chosen_settings
from .libraries import open_library
from .photos import sources
from .preset_files import export, from_, import_, validate
from .sheet import sheet


@click.group()
def presets() -> None:
    """Named styles: browse, make, share."""


@presets.command("list")
@click.option("--search", help="Words that must occur in name, title, description or tags.")
@click.option("--tag", "tags", multiple=True, help="Only presets with this tag.")
@click.option("--favourites", is_flag=True, help="Only your favourites.")
@click.option("--recent", is_flag=True, help="Only those that you have used, the latest first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(search: str | None, tags: tuple[str, ...], favourites: bool, recent: bool, as_json: bool) -> None:
    """All presets, or those that match."""
    library = open_library()
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
    Console(markup=False, emoji=False).print(table)
    for problem in library.problems():
        click.echo(f"{problem.name}: {problem.detail}", err=True)


@presets.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, as_json: bool) -> None:
    """One preset with its controls and method."""
    found = open_library().get(name).as_dict()
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
@click.argument("name")
@click.argument("images", nargs=-1, required=True)
@click.option("--title", help="What people see; made of the name if not given.")
@click.option("--tag", "tags", multiple=True)
@click.option("--description", default="")
@click.option("--weight", "weights", type=float, multiple=True, help="Share of each picture, in their order.")
def add(
    name: str,
    images: tuple[str, ...],
    title: str | None,
    tags: tuple[str, ...],
    description: str,
    weights: tuple[float, ...],
) -> None:
    """Make a preset of your own from one or more pictures, or folders of them."""
    found = sources(images)
    if weights and len(weights) != len(found):
        raise InvalidRequest(f"There are {len(found)} pictures and {len(weights)} weights.", hint="Give one for each.")
    fields: dict[str, Any] = {"tags": list(tags)}
    fields |= {key: value for key, value in (("title", title), ("description", description)) if value}
    shares = weights or (1.0,) * len(found)
    pictures = [(f"{image.stem}.png", image.read(), share) for image, share in zip(found, shares, strict=True)]
    entry = open_library().create(name, fields, pictures)
    click.echo(f"{entry.name} is in {entry.folder}")


@presets.command()
@click.argument("name")
@click.argument("new_name")
@click.option("--title")
def copy(name: str, new_name: str, title: str | None) -> None:
    """Copy a preset, to change the copy."""
    click.echo(f"{new_name} is in {open_library().copy(name, new_name, title).folder}")


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
    open_library().change(name, changes)
    click.echo(f"{name} is changed.")


@presets.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete a preset of your own."""
    open_library().delete(name)
    click.echo(f"{name} is deleted.")


for command in (validate, export, import_, from_, sheet):
    presets.add_command(command)
