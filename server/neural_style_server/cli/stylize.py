"""`neural-style stylize`: a photo to the daemon and back, as a plug-in would do it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from neural_style_client import Client, DaemonError, connect

from ..engine.method import Controls, describe
from ..errors import InvalidRequest, NeuralStyleError

CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
}


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("--preset", required=True, help="Name of a style; 'neural-style presets list' shows them.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Where the PNG goes; PHOTO-PRESET.png if not given.")
@click.option("--size", type=int, help="Long side of what is optimised; the result has the photo's own size.")
@click.option("--seed", type=int, help="The same seed gives the same picture.")
@click.option("--quality", type=click.Choice(["draft", "standard", "fine"]), help="How long to paint.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A control or a key of the method.")
@click.option("--frames", type=click.Path(path_type=Path), help="Folder for every frame, as a PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print the job's record as JSON and no progress bar.")
def stylize(
    photo: Path,
    preset: str,
    out: Path | None,
    size: int | None,
    seed: int | None,
    quality: str | None,
    settings: tuple[str, ...],
    frames: Path | None,
    as_json: bool,
) -> None:
    """Paint PHOTO in the style of a preset."""
    out = out or photo.with_name(f"{photo.stem}-{preset}.png")
    data, kind = _read(photo)
    controls, method = _chosen(settings)
    if quality:
        method["quality"] = quality
    client = connect()
    image = client.upload_encoded(data, kind)
    spec = {
        "content": image["id"],
        "preset": preset,
        "controls": controls,
        "method": method,
        "size": size,
        "seed": seed,
        "client": f"cli-{os.getpid()}",
        "on_disconnect": "cancel",
    }
    job = client.submit({key: value for key, value in spec.items() if value is not None})
    try:
        _watch(client, job, frames, quiet=as_json)
    except KeyboardInterrupt:
        client.cancel(job["id"])
        raise NeuralStyleError("Cancelled.", hint="") from None
    _save(out, client.png(job["id"]))
    record = client.job(job["id"])
    if as_json:
        click.echo(json.dumps({**record, "out": str(out)}))
    else:
        click.echo(f"{out}  ({record['iterations']} iterations in {record['seconds']:.1f} s)")


def _watch(client: Client, job: dict[str, Any], frames: Path | None, *, quiet: bool) -> None:
    """Show progress and save frames until the job has ended. Raises NeuralStyleError when it failed."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=False) as bar:
        task = bar.add_task("waiting", total=job["iterations"], note="")
        for event in client.events(job["id"]):
            data = event.data
            if event.name == "state":
                bar.update(
                    task,
                    description={"running": "painting", "queued": "waiting"}.get(data["state"], data["state"]),
                )
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
        if error.code != "no_frame":  # an early preview that has made room for later ones meanwhile
            raise
        return
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / f"frame-{frame['number']:04}-iteration-{frame['iteration']:05}.png", data)


def _save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise NeuralStyleError(
            f"{path} cannot be written ({error.strerror}).", hint="Choose another place with -o."
        ) from None


def _plain(word: str, text: str) -> Any:
    """The value after KEY=, as YAML reads it: a number, a word, {layer: weight}."""
    try:
        value = yaml.safe_load(text)
        json.dumps(value, allow_nan=False)
    except (yaml.YAMLError, TypeError, ValueError):
        raise InvalidRequest(
            f"--set {word}: the value is no number, word or mapping.", hint="For example --set strength=70."
        ) from None
    return value


def _read(photo: Path) -> tuple[bytes, str]:
    kind = CONTENT_TYPES.get(photo.suffix.lower())
    if kind is None:
        raise InvalidRequest(f"{photo} is not a PNG, JPEG, WebP or TIFF by its name.", hint="Convert it first.")
    try:
        return photo.read_bytes(), kind
    except OSError as error:
        raise InvalidRequest(f"{photo} cannot be read ({error.strerror}).", hint="Check the path.") from None


def _chosen(settings: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """KEY=VALUE words, sorted into controls and method; `method.KEY` where both have the name."""
    controls: dict[str, Any] = {}
    method: dict[str, Any] = {}
    for word in settings:
        key, equals, text = word.partition("=")
        if not equals:
            raise InvalidRequest(f"--set needs KEY=VALUE, got {word!r}.", hint="For example --set strength=70.")
        value = _plain(word, text)
        if key.startswith("method."):
            method[key.removeprefix("method.")] = value
        elif key in describe(Controls):
            controls[key] = value
        else:
            method[key] = value
    return controls, method
