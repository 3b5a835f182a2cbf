"""`neural-style again`: a result once more, with the settings that it carries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Conflict, InvalidRequest
from .colours import Colours
from .outputs import force_option, result_outputs
from .painting import checked_photo, paint, photo_id, show_forecast, upload
from .photos import Source, named, source
from .remote import connect_on, on_option

if TYPE_CHECKING:
    from ..recipe import Recipe


@click.command()
@click.argument("result")
@click.argument("photo", required=False)
@click.option("-o", "--out", help="The new result; RESULT-again, or with a PHOTO PHOTO-PRESET, if not given.")
@click.option("--strip", is_flag=True, help="No settings, EXIF or colour profile in the new result.")
@force_option
@on_option
@click.option("--json", "as_json", is_flag=True, help="Print the job's record as JSON and no progress bar.")
def again(
    result: str, photo: str | None, out: str | None, strip: bool, force: bool, as_json: bool, on: str | None
) -> None:
    """Paint with the settings that RESULT was painted with: its own photo, or another PHOTO.

    Its own photo is looked for beside RESULT, by the name that it had. On the same machine it gives the same bytes.
    """
    first = source(result)
    recipe = recipe_in(first)
    if recipe.regions:
        detail = f"{first} was painted in regions, and carries no masks."
        raise InvalidRequest(detail, hint="Paint it with 'neural-style stylize --region'.", code="regions")
    if recipe.pictures:
        detail = f"{first} was painted with a mask or a start image, and carries neither."
        raise InvalidRequest(detail, hint="Paint it with 'neural-style stylize' and the same files.")
    own = photo is None
    given = _own_photo(first, recipe) if photo is None else source(photo)
    ending = ".png" if first.path is None else first.path.suffix
    name = f"{first.stem}-again{ending}" if own else f"{given.stem}-{recipe.preset.name}{ending}"
    (target,) = result_outputs(out, [given], lambda _: name, force=force)
    paper = recipe.paper()
    one = checked_photo(given, target, paper, strip=strip, colours=Colours.of(recipe.colours))
    client, body = connect_on(on), recipe.job_body()
    if paper is not None and not as_json:
        show_forecast(client, body, one.picture, paper.dpi)
    image = upload(client, one.picture)
    if own and photo_id(one) != recipe.photo.id:
        raise Conflict(
            f"{given} is no longer the picture that {first} was painted from.",
            hint="Name the photo to be painted after RESULT.",
            code="other_photo",
        )
    record = paint(client, one, body, image, frames=None, as_json=as_json)
    source_now = record["preset_source"]
    for before, now in zip((recipe.preset, *recipe.blend), (source_now, *source_now["others"]), strict=True):
        if [image["sha256"] for image in now["images"]] != [image.sha256 for image in before.images]:
            text = f"The preset '{before.name}' has other style images than it had then, so the result differs."
            click.echo(text, err=True)


def recipe_in(result: Source) -> Recipe:
    """Raises InvalidRequest where there is none."""
    from ..pictures.reading import read_settings
    from ..recipe import parse_recipe

    data = result.read()
    with named(result):
        settings = read_settings(data)
    return parse_recipe(settings, str(result))


def _own_photo(result: Source, recipe: Recipe) -> Source:
    name = recipe.photo.name
    folder = Path() if result.path is None else result.path.parent
    if name is None or Path(name).name != name or not (folder / name).is_file():
        what = f"The photo {name!r} is not beside it" if name else "It does not say what its photo is called"
        raise InvalidRequest(f"{what}.", hint="Name the photo after RESULT.", code="no_photo")
    return Source(folder / name)
