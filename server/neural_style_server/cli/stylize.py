"""`neural-style stylize`: a photo to the daemon and back, as a plug-in would do it."""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neural_style_client import Client, DaemonError, connect

from ..engine.method import Controls, Method
from ..errors import InvalidRequest, NeuralStyleError

if TYPE_CHECKING:
    from rich.progress import Progress

CONTROL_KEYS = tuple(item.name for item in fields(Controls))
METHOD_KEYS = tuple(item.name for item in fields(Method))
SUFFIXES = {"png": (".png",), "jpeg": (".jpg", ".jpeg"), "webp": (".webp",), "tiff": (".tif", ".tiff")}
CONTENT_TYPES = {suffix: f"image/{kind}" for kind, suffixes in SUFFIXES.items() for suffix in suffixes}


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
    data, kind = read_photo(photo)
    controls, method = chosen_settings(settings)
    if quality:
        method["quality"] = quality
    client = connect()
    image = client.upload_encoded(data, kind)
    spec = {"content": image["id"], "preset": preset, "controls": controls, "method": method}
    spec |= {key: value for key, value in (("size", size), ("seed", seed)) if value is not None}
    job = client.submit({**spec, "client": f"cli-{os.getpid()}", "on_disconnect": "cancel"})
    try:
        _watch(client, job, frames, quiet=as_json)
    except KeyboardInterrupt:
        client.cancel(job["id"])
        raise NeuralStyleError("Cancelled.", hint="") from None
    save(out, client.png(job["id"]))
    record = client.job(job["id"])
    if as_json:
        click.echo(json.dumps({**record, "out": str(out)}))
    else:
        click.echo(f"{out}  ({record['iterations']} iterations in {record['seconds']:.1f} s)")


def progress_bar(*texts: str, quiet: bool = False) -> Progress:
    """A progress bar on stderr, with `texts` and the task's `note` after it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    after = [TextColumn(text) for text in (*texts, "{task.fields[note]}")]
    return Progress(TextColumn("{task.description}"), BarColumn(), *after, console=Console(stderr=True), disable=quiet)


def _watch(client: Client, job: dict[str, Any], frames: Path | None, *, quiet: bool) -> None:
    """Show progress and save frames until the job has ended. Raises NeuralStyleError when it failed."""
    with progress_bar("{task.completed:.0f}/{task.total:.0f}", quiet=quiet) as bar:
        task = bar.add_task("waiting", total=job["iterations"], note="")
        for event in client.events(job["id"]):
            data = event.data
            if event.name == "state":
                shown = {"running": "painting", "queued": "waiting"}.get(data["state"], data["state"])
                bar.update(task, description=shown)
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
    save(folder / f"frame-{frame['number']:04}-iteration-{frame['iteration']:05}.png", data)


def save(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        detail = f"{path} cannot be written ({error.strerror})."
        raise NeuralStyleError(detail, hint="Choose another place with -o.") from None


def _plain(word: str, text: str) -> Any:
    """The value after KEY=, as YAML reads it: a number, a word, {layer: weight}."""
    import yaml

    try:
        value = yaml.safe_load(text)
        json.dumps(value, allow_nan=False)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        detail = f"--set {word}: the value is no number, word or mapping."
        raise InvalidRequest(detail, hint="For example --set strength=70.") from None
    return value


def read_photo(photo: Path) -> tuple[bytes, str]:
    kind = CONTENT_TYPES.get(photo.suffix.lower())
    if kind is None:
        raise InvalidRequest(f"{photo} is not a PNG, JPEG, WebP or TIFF by its name.", hint="Convert it first.")
    try:
        return photo.read_bytes(), kind
    except OSError as error:
        raise InvalidRequest(f"{photo} cannot be read ({error.strerror}).", hint="Check the path.") from None


def chosen_settings(settings: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """KEY=VALUE words, sorted into controls and method; `method.KEY` where both have the name."""
    controls: dict[str, Any] = {}
    method: dict[str, Any] = {}
    for word in settings:
        key, equals, text = word.partition("=")
        if not equals:
            raise InvalidRequest(f"--set needs KEY=VALUE, got {word!r}.", hint="For example --set strength=70.")
        name, value = key.removeprefix("method."), _plain(word, text)
        if key in CONTROL_KEYS:
            controls[key] = value
        elif name in METHOD_KEYS:
            method[name] = value
        else:
            from ..validation import unknown_key  # here, so that pydantic is imported only for the message

            known = METHOD_KEYS if key != name else (*CONTROL_KEYS, *METHOD_KEYS)
            raise InvalidRequest(f"--set: {unknown_key(name, known)}", hint="docs/presets.md lists all of them.")
    return controls, method
