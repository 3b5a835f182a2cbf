"""`neural-style stylize`: photos in the style of a preset."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath
from typing import Any

import click

from ..errors import InvalidRequest, NotFound
from ..paper import parse_paper
from .asked import asked_body, asked_options
from .colours import Colours, colour_options
from .libraries import open_library
from .outputs import force_option, result_outputs
from .painting import checked_photo, paint, show_forecast, upload
from .photos import STANDARD, has_piped_input, sources
from .remote import connect_on, on_option
from .styles import chosen_regions, in_regions, mask_option, region_option, start_option, with_pictures


@click.command()
@click.argument("photos", nargs=-1)
@click.option("--preset", help="Name of a style, by default the one that was used last.")
@asked_options
@region_option
@mask_option
@start_option
@click.option(
    "-o",
    "--out",
    help="The result (.png, .jpg, .tif, .webp, .avif, .exr), or a folder. PHOTO-PRESET.png if not given.",
)
@click.option("--print", "paper", metavar="SIZE", help="Size of a print, such as 36x24in or 90x60cm.")
@click.option("--dpi", type=click.FloatRange(1, 10_000), help="Dots per inch of the print; 300 if not given.")
@click.option("--crop", is_flag=True, help="Cut off what the print's shape has no room for.")
@colour_options
@click.option("--strip", is_flag=True, help="No settings, EXIF or colour profile in the result.")
@click.option("--frames", type=click.Path(path_type=Path), help="Folder for every frame, as a PNG.")
@force_option
@on_option
@click.option("--json", "as_json", is_flag=True, help="Print the job's record as JSON and no progress bar.")
def stylize(
    photos: tuple[str, ...],
    preset: str | None,
    regions: tuple[str, ...],
    mask: str | None,
    start_image: str | None,
    out: str | None,
    paper: str | None,
    dpi: float | None,
    crop: bool,
    colour_in: str | None,
    colour_out: str | None,
    strip: bool,
    frames: Path | None,
    force: bool,
    as_json: bool,
    on: str | None,
    **asked: Any,
) -> None:
    """Paint PHOTOS in the style of a preset: files, folders of them, or - for the standard input."""
    if not photos and not has_piped_input():
        raise click.UsageError("Name a photo, or '-' for the standard input.")
    given = sources(photos or [STANDARD])
    chosen, sheet = preset or _last_used(), parse_paper(paper, dpi, crop)
    if PurePath(chosen).name != chosen:  # results are called by it
        raise NotFound(f"There is no preset '{chosen}'.", hint="'neural-style presets list' shows their names.")
    if as_json and out == STANDARD:
        raise InvalidRequest("--json and the picture both want the standard output.", hint="Name a file with -o.")
    body = {"preset": chosen, **asked_body(**asked)}
    masks = chosen_regions(regions)
    outputs = result_outputs(out, given, lambda photo: f"{photo.stem}-{chosen}.png", force=force)
    client = None
    for photo, target in zip(given, outputs, strict=True):
        one = checked_photo(photo, target, sheet, strip=strip, colours=Colours(colour_in, colour_out))
        client = client or connect_on(on)
        send = partial(upload, client)
        whole = with_pictures(in_regions(body, masks, one, send), mask, start_image, one, send)
        if sheet is not None and not as_json:
            show_forecast(client, whole, one.picture, sheet.dpi)
        folder = frames / photo.stem if frames is not None and len(given) > 1 else frames
        paint(client, one, whole, upload(client, one.picture), frames=folder, as_json=as_json)


def _last_used() -> str:
    """Said on stderr. Raises UsageError with a list of all presets where none was used yet."""
    presets = open_library()
    used = presets.list(recent=True)
    if used:
        click.echo(f"With the preset that was used last: {used[0].name}", err=True)
        return used[0].name
    lines = [f"  {entry.name:24} {entry.preset.title}" for entry in presets.list()]
    raise click.UsageError("\n".join(["Choose a style with --preset NAME:", *lines]))
