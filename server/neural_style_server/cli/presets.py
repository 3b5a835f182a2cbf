"""`neural-style presets`: browse, make, share, and see them all on one's own picture."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import click
from PIL import Image, ImageOps
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ..client import Client, connect, home_folder
from ..errors import InvalidRequest, NeuralStyleError, PresetError
from ..presets.bundle import export_bundle, import_bundle
from ..presets.library import Library, standard_sources
from ..presets.schema import parse_preset
from ..presets.sheet import contact_sheet
from ..settings import load_settings
from .stylize import _read

SHEET_SIDE = 256


@click.group()
def presets() -> None:
    """Named styles: browse, make, share."""


def _library() -> Library:
    home = Path(home_folder())
    return Library(standard_sources(home, load_settings(home).preset_folders), home=home)


@presets.command("list")
@click.option("--search", help="Words that must occur in name, title, description or tags.")
@click.option("--tag", "tags", multiple=True, help="Only presets with this tag.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(search: str | None, tags: tuple[str, ...], as_json: bool) -> None:
    """All presets, or those that match."""
    library = _library()
    entries = library.list(search, tags)
    if as_json:
        click.echo(json.dumps([entry.as_dict() for entry in entries]))
        return
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
    file = path / "preset.yaml" if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
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
def add(name: str, images: tuple[Path, ...], title: str | None, tags: tuple[str, ...], description: str) -> None:
    """Make a preset of your own from one or more picture files."""
    fields: dict[str, Any] = {"tags": list(tags)}
    fields |= {key: value for key, value in (("title", title), ("description", description)) if value}
    pictures = [(image.name, _read(image)[0], 1.0) for image in images]
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
def delete(name: str) -> None:
    """Delete a preset of your own."""
    _library().delete(name)
    click.echo(f"{name} is gone.")


@presets.command()
@click.argument("name")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="NAME.nstyle if not given.")
def export(name: str, out: Path | None) -> None:
    """Write a preset as one file that can be shared."""
    path = out or Path(f"{name}.nstyle")
    path.write_bytes(export_bundle(_library(), name))
    click.echo(str(path))


@presets.command("import")
@click.argument("bundle", type=click.Path(path_type=Path, exists=True))
def import_(bundle: Path) -> None:
    """Take in a preset that somebody shared."""
    name = import_bundle(bundle.read_bytes(), _library()).name
    click.echo(f"{name} is in your library.")


@presets.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("presets.png"), show_default=True)
@click.option("--size", type=int, default=SHEET_SIDE, show_default=True, help="Long side of each picture.")
@click.option("--preset", "names", multiple=True, help="Only these presets; all if not given.")
@click.option("--quality", type=click.Choice(["draft", "standard", "fine"]), default="draft", show_default=True)
def sheet(photo: Path, out: Path, size: int, names: tuple[str, ...], quality: str) -> None:
    """All presets (or some) on your own picture, as one labelled PNG."""
    if not 64 <= size <= 1024:
        raise InvalidRequest("--size must be from 64 to 1024.", hint="")
    client = connect()
    entries = [entry for entry in client.presets() if not names or entry["name"] in names]
    unknown = set(names) - {entry["name"] for entry in entries}
    if unknown:
        raise InvalidRequest(
            f"There is no preset {sorted(unknown)[0]!r}.", hint="'neural-style presets list' shows all."
        )
    content, small = _reduced(photo, size)
    identity = client.upload_encoded(small, "image/png")["id"]
    tiles = [
        (entry["title"], _paint(client, identity, entry["name"], quality))
        for entry in track(entries, "painting", console=Console(stderr=True))
    ]
    contact_sheet(tiles, content=content).save(out)
    click.echo(str(out))


def _reduced(photo: Path, size: int) -> tuple[Image.Image, bytes]:
    data, _ = _read(photo)
    try:
        with Image.open(io.BytesIO(data)) as file:
            image = ImageOps.exif_transpose(file).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidRequest(f"{photo} cannot be read ({error}).", hint="Open and save it with an editor.") from None
    image.thumbnail((size, size), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "PNG")
    return image, out.getvalue()


def _paint(client: Client, identity: str, name: str, quality: str) -> Image.Image:
    spec = {
        "content": identity,
        "preset": name,
        "method": {"quality": quality},
        "frames": {"every": 1_000_000},
    }
    job = client.submit({**spec, "client": "sheet", "on_disconnect": "cancel"})
    for event in client.events(job["id"]):
        if event.name == "error":
            raise NeuralStyleError(event.data["detail"], hint=event.data.get("hint", ""))
    with Image.open(io.BytesIO(client.png(job["id"]))) as file:
        picture = file.convert("RGB")
    client.delete_job(job["id"])
    return picture
