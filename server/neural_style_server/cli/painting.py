"""One photo to the daemon and back as a file, as a plug-in would do it; used by every command that paints photos."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neural_style_client import Client, DaemonError

from ..errors import NeuralStyleError
from .colours import AS_FILES_SAY, Colours
from .outputs import Output
from .photos import Source, largest_body, largest_canvas, named

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ..paper import Paper
    from ..pictures.reading import PictureFile
    from ..pixels import Picture


@dataclass(frozen=True)
class CheckedPhoto:
    """A photo that is to be painted, everything about it checked that can be checked without painting.

    picture: the photo's, or what of it is printed.
    """

    source: Source
    photo: PictureFile
    picture: Picture
    out: Output
    paper: Paper | None = None
    strip: bool = False
    colours: Colours = AS_FILES_SAY


def checked_photo(
    source: Source, out: Output, paper: Paper | None, *, strip: bool, colours: Colours = AS_FILES_SAY
) -> CheckedPhoto:
    """What is lost of the photo is said on stderr. Raises InvalidRequest, naming the photo."""
    from ..pictures.formats import check_writable, is_transparent
    from ..pixels import check_size

    colours.check(out.kind)
    photo = source.open(colours.space_in)
    with named(source):
        if paper is not None:
            check_size(paper.width, paper.height, largest_canvas())
        picture = photo.picture if paper is None else paper.fit(photo.picture)
        check_writable(out.kind, picture.width, picture.height, is_transparent(picture))
    if picture.beyond_white:
        click.echo(f"{source}: {_beyond_white(out.kind)}", err=True)
    return CheckedPhoto(source, photo, picture, out, paper, strip, colours)


def _beyond_white(kind: str) -> str:
    from ..pictures.formats import WITH_FLOATS

    if kind in WITH_FLOATS:
        return "Some values are below 0 or above 1. They are painted as black or white, and the excess is added again."
    return f"Some values are below 0 or above 1, and are cut off in a {kind} picture; .exr and .tif keep them."


def show_forecast(client: Client, body: dict[str, Any], picture: Picture, dpi: float) -> None:
    """How long a print takes, before it is painted, on stderr."""
    found = client.forecast({**body, "width": picture.width, "height": picture.height})
    minutes, memory = found["seconds"] / 60, found["bytes"] / 2**30
    time = f"{minutes:.0f} min" if minutes >= 2 else f"{found['seconds']:.0f} s"
    size = f"{picture.width:,} × {picture.height:,} px at {dpi:g} dpi".replace(",", " ")
    click.echo(f"{size}: about {time}, {memory:.1f} GiB of memory. {found['detail']}".strip(), err=True)


def upload(client: Client, picture: Picture) -> str:
    """The picture's id: its pixels are sent, or a PNG where those are too many for one request."""
    from ..pictures.png import encode_png

    if picture.pixels.nbytes <= largest_body() or picture.format == "RGBAF32":
        sent = client.upload(picture.pixels.tobytes(), picture.width, picture.height, picture.format)
    else:
        sent = client.upload_encoded(encode_png(picture), "image/png")
    return str(sent["id"])


def paint(
    client: Client, checked: CheckedPhoto, body: dict[str, Any], image: str, *, frames: Path | None, as_json: bool
) -> dict[str, Any]:
    """Paint an uploaded picture, write its file and say so; returns the job's record. Raises NeuralStyleError."""
    preset = client.preset(body["preset"])
    job = submit(client, body, image)
    try:
        with progress_bar("{task.completed:.0f}/{task.total:.0f}", quiet=as_json) as bar:
            follow(client, job, bar, bar.add_task("waiting", total=job["iterations"], note=""), frames=frames)
    except KeyboardInterrupt:
        client.cancel(job["id"])
        raise NeuralStyleError("Cancelled.", hint="") from None
    record = write_result(client, checked, job["id"], preset)
    if as_json:
        click.echo(json.dumps({**record, "out": str(checked.out)}))
    else:
        text = f"{checked.out}  ({record['iterations']} iterations in {record['seconds']:.1f} s)"
        click.echo(text, err=checked.out.path is None)
    return record


def submit(client: Client, body: dict[str, Any], image: str) -> dict[str, Any]:
    """The record of the new job, which is cancelled when this program goes away."""
    return client.submit({**body, "content": image, "client": f"cli-{os.getpid()}", "on_disconnect": "cancel"})


def photo_id(checked: CheckedPhoto) -> str:
    """What a result calls its photo: a hash of the pixels, wherever it is painted."""
    from ..jobs.picture_files import picture_sum

    return picture_sum(checked.picture)


def write_result(client: Client, checked: CheckedPhoto, job: str, preset: dict[str, Any]) -> dict[str, Any]:
    """Write the file of a job that is done; its record. preset: as the API shows it. Raises NeuralStyleError."""
    from ..pictures.writing import Labels, encode
    from ..pixels import from_raw
    from ..recipe import recipe_of

    record, result = client.job(job), client.result(job)
    name = None if checked.source.path is None else checked.source.path.name
    colours, photo, kind = checked.colours, checked.photo, checked.out.kind
    labels = Labels(
        profile=None if colours.written else photo.profile,
        exif=photo.exif,
        settings=recipe_of(record, preset, name, photo_id(checked), checked.paper, colours.used()).as_json(),
        dpi=checked.paper.dpi if checked.paper else None if checked.strip else photo.dpi,
        space=colours.space_out(kind, photo.space),
        frame=photo.frame,
        bare=checked.strip,
    )
    painted = from_raw(result.data, result.width, result.height, result.format)
    checked.out.write(encode(painted, kind, labels))
    return record


def progress_bar(*texts: str, quiet: bool = False) -> Progress:
    """A progress bar on stderr, with `texts` and the task's `note` after it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    before, *after = (TextColumn(text, markup=False) for text in ("{task.description}", *texts, "{task.fields[note]}"))
    return Progress(before, BarColumn(), *after, console=Console(stderr=True), disable=quiet)


def follow(
    client: Client, job: dict[str, Any], bar: Progress, task: TaskID, *, frames: Path | None = None, label: str = ""
) -> None:
    """Show progress and save frames until the job has ended. Raises NeuralStyleError when it failed."""
    for event in client.events(job["id"]):
        data = event.data
        if event.name == "state":
            shown = {"running": "painting", "queued": "waiting"}.get(data["state"], data["state"])
            bar.update(task, description=label + shown)
        elif event.name == "progress":
            note = f"loss {data['loss']['total']:.4g}   {data['eta']:.0f} s left"
            bar.update(task, completed=data["iteration"], total=data["iterations"], note=note)
        elif event.name == "frame" and frames is not None:
            _save_frame(client, job["id"], data, frames)
        elif event.name == "error":
            raise NeuralStyleError(data["detail"], hint=data.get("hint", ""), code=data.get("code"))
        elif event.name == "done" and data["state"] != "done":
            raise NeuralStyleError(f"The job was {data['state']}.", hint="")


def _save_frame(client: Client, identity: str, frame: dict[str, Any], folder: Path) -> None:
    try:
        data = client.png(identity, frame["number"])
    except DaemonError as error:
        if error.code != "no_frame":  # an early preview, deleted to make room for later frames
            raise
        return
    folder.mkdir(parents=True, exist_ok=True)
    name = f"frame-{frame['number']:04}-iteration-{frame['iteration']:05}.png"
    Output(folder / name, force=True).write(data)
