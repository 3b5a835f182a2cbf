"""`neural-style presets sheet`: all presets on one's own picture."""

from __future__ import annotations

import time
from typing import Any

import click

from neural_style_client import Client

from ..errors import NeuralStyleError
from .outputs import Output, force_option, result_outputs
from .painting import progress_bar, upload
from .photos import sources
from .remote import connect_on, on_option

SHEET_SIDE = 256
LARGEST_PAGE = 10**9
"""Pixels."""

POLL_S = 0.2
"""Time between two requests for the sheet's progress."""


@click.command()
@click.argument("photos", nargs=-1, required=True)
@click.option("-o", "--out", help="The sheet, or a folder; presets.png, or of several PHOTO-presets.png, if not given.")
@click.option("--size", type=int, default=SHEET_SIDE, show_default=True, help="Long side of each picture.")
@click.option("--preset", "names", multiple=True, help="Only these presets; all but slow ones if not given.")
@click.option("--columns", type=click.IntRange(1, 12), default=4, show_default=True)
@click.option("--quality", type=click.Choice(["draft", "standard", "fine"]), default="draft", show_default=True)
@force_option
@on_option
def sheet(
    photos: tuple[str, ...],
    out: str | None,
    size: int,
    names: tuple[str, ...],
    columns: int,
    quality: str,
    force: bool,
    on: str | None,
) -> None:
    """All presets (or some) on your own pictures, as one labelled page for each."""
    given = sources(photos)
    if out is None and len(given) == 1:
        out = "presets.png"
    outputs = result_outputs(out, given, lambda photo: f"{photo.stem}-presets.png", force=force)
    client = None
    for photo, target in zip(given, outputs, strict=True):
        picture = photo.open().picture
        client = client or connect_on(on)
        body = {"content": upload(client, picture), "presets": list(names) or None, "size": size, "quality": quality}
        _make(client, body, columns, target)


def _make(client: Client, body: dict[str, Any], columns: int, out: Output) -> None:
    made = client.make_sheet(body)
    try:
        ended = _follow(client, made)
        out.write(_page(client.sheet_png(made["id"], columns), out.kind))
    except KeyboardInterrupt:
        raise NeuralStyleError("Cancelled.", hint="") from None
    finally:
        client.delete_sheet(made["id"])
    click.echo(str(out), err=out.path is None)
    for preset in made["left_out"]:
        name = preset["preset"]
        click.echo(f"{name} is slow and was left out; '--preset {name}' shows it.", err=True)
    for picture in ended["pictures"]:
        if picture["state"] != "done":
            click.echo(f"{picture['preset']} could not be painted.", err=True)


def _page(png: bytes, kind: str) -> bytes:
    """A sheet's page as a file of the kind."""
    from ..pictures.reading import decode
    from ..pictures.writing import encode

    return png if kind == "PNG" else encode(decode(png, "image/png", LARGEST_PAGE), kind)


def _follow(client: Client, sheet: dict[str, Any]) -> dict[str, Any]:
    """Show progress until the sheet has ended; return it as it ended."""
    with progress_bar() as bar:
        task = bar.add_task("painting", note="")
        while True:
            sheet = client.sheet(sheet["id"])
            note = f"{sheet['done']}/{sheet['total']} presets   {sheet['eta']:.0f} s left"
            bar.update(task, completed=sheet["iteration"], total=sheet["iterations"], note=note)
            if sheet["state"] not in ("queued", "running"):
                return sheet
            time.sleep(POLL_S)
