"""`neural-style presets sheet`: all presets on one's own picture."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from neural_style_client import Client, connect

from ..errors import NeuralStyleError
from .stylize import progress_bar, read_photo, save

SHEET_SIDE = 256
POLL_S = 0.2
"""Time between two requests for the sheet's progress."""


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), default=Path("presets.png"), show_default=True)
@click.option("--size", type=int, default=SHEET_SIDE, show_default=True, help="Long side of each picture.")
@click.option("--preset", "names", multiple=True, help="Only these presets; all but slow ones if not given.")
@click.option("--columns", type=click.IntRange(1, 12), default=4, show_default=True)
@click.option("--quality", type=click.Choice(["draft", "standard", "fine"]), default="draft", show_default=True)
def sheet(photo: Path, out: Path, size: int, names: tuple[str, ...], columns: int, quality: str) -> None:
    """All presets (or some) on your own picture, as one labelled PNG."""
    data, kind = read_photo(photo)
    client = connect()
    content = client.upload_encoded(data, kind)["id"]
    made = client.make_sheet({"content": content, "presets": list(names) or None, "size": size, "quality": quality})
    try:
        ended = _follow(client, made)
        save(out, client.sheet_png(made["id"], columns))
    except KeyboardInterrupt:
        raise NeuralStyleError("Cancelled.", hint="") from None
    finally:
        client.delete_sheet(made["id"])
    click.echo(str(out))
    for preset in made["left_out"]:
        name = preset["preset"]
        click.echo(f"{name} is slow and was left out; '--preset {name}' shows it.", err=True)
    for picture in ended["pictures"]:
        if picture["state"] != "done":
            click.echo(f"{picture['preset']} could not be painted.", err=True)


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
