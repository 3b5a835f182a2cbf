"""`neural-style video`: a video, or a folder of numbered pictures, without flicker."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from neural_style_client import Client

from ..errors import InvalidRequest, NeuralStyleError
from .asked import asked_body, asked_options
from .clips import clip_options, identity, opened, span_of
from .colours import Colours, colour_options
from .outputs import is_folder, same_file
from .painting import progress_bar
from .photos import event_streams, paints_in_cluster
from .remote import connect_on, on_option

if TYPE_CHECKING:
    from .video_schedule import Schedule

TRIED = 10
"""Frames of a `--try`."""

LATER_SHARE = 0.5
"""The time of a frame that follows another, of that of a single picture, at most."""


@click.command()
@click.argument("clip", type=click.Path(path_type=Path))
@click.option("--preset", required=True, help="Name of a style.")
@click.option("--then", multiple=True, metavar="FRAME:NAME", help="Fade to another style, from this frame on.")
@click.option("--fade", type=click.IntRange(0, 10_000), default=12, show_default=True, help="Frames of such a fade.")
@asked_options
@click.option("-o", "--out", required=True, help="The result: .mp4, .mov, .mkv or .webm, or a folder for pictures.")
@clip_options
@click.option("--pictures", type=click.Choice(["png", "tif", "exr"]), help="What a folder gets.  [default: png]")
@colour_options
@click.option(
    "--mask",
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER",
    help="Paint only where this picture is white; a folder has one for each frame.",
)
@click.option("--keys", type=click.Path(path_type=Path), help="Folder of painted frames, numbered as their frames.")
@click.option("--no-sound", is_flag=True, help="Leave the sound out.")
@click.option("--try", "trial", is_flag=True, help="Paint the first 10 frames only, to look at them.")
@click.option("--keep", is_flag=True, help="Keep the painted pictures beside the video.")
@on_option
@click.option("--force", is_flag=True, help="Replace a result that is there, and paint all of it anew.")
def video(
    clip: Path,
    preset: str,
    then: tuple[str, ...],
    fade: int,
    out: str,
    start: str | None,
    end: str | None,
    resize: int | None,
    fps: str | None,
    pictures: str | None,
    colour_in: str | None,
    colour_out: str | None,
    gaps: bool,
    mask: Path | None,
    keys: Path | None,
    no_sound: bool,
    trial: bool,
    keep: bool,
    force: bool,
    on: str | None,
    **asked: Any,
) -> None:
    """Paint CLIP, a video file or a folder of numbered pictures, so that each frame follows the one before.

    After Ctrl-C the same command goes on from where it was stopped. --size limits what is painted, as for a photo; the
    result has the clip's own size, or that of --resize.
    """
    from ..video.encoding import TRANSPARENT, check_can_hold, is_opaque, is_video_name
    from ..video.libav import NeedsVideo
    from .video_keys import PaintedKeys
    from .video_lock import alone
    from .video_masks import FrameMasks
    from .video_painting import ClipPainter, ClipRequest, client_name
    from .video_result import ClipResult
    from .video_schedule import parse_schedule

    span = span_of(start, end)
    schedule = parse_schedule(preset, then, fade, blended=bool(asked["blends"]))
    body = {"preset": preset, **asked_body(**asked)}
    if importlib.util.find_spec("cv2") is None:
        raise NeedsVideo("Motion is found with the extra 'video', which is not installed.")
    target = _target(out, clip)
    colours = Colours(colour_in, colour_out)
    kind = _kind(target, pictures, colours)
    found = opened(clip, span, resize, fps, gaps, colours)
    if is_video_name(target):
        if target.suffix.lower() not in TRANSPARENT and is_opaque(found):
            found.look = replace(found.look, alpha=False)
        check_can_hold(target, found, sound=not no_sound)
    painted, masks = PaintedKeys(keys, found, colours), FrameMasks(mask, found)
    client = connect_on(on)
    depends_on = {
        **identity(clip), "size": [found.look.width, found.look.height], "body": body,
        "presets": schedule.presets, "styles": _styles(client, schedule, body), "fade": schedule.fade,
        **({"pictures": kind} if kind != "PNG" else {}), **(colours.used() or {}), **masks.asked(),
    }  # fmt: skip
    most = 1 if masks else _scenes_at_once(client, on)  # where a scene begins in a selection the worker decides
    result = ClipResult(
        target, found, depends_on, keep=keep, keys=painted.sums, in_order=most == 1, kind=kind, colours=colours,
        files=lambda number: [*found.files(number), *masks.files(number)],
    )  # fmt: skip
    _check_apart(result.folder, {"the clip": clip, "the keys": keys, "the masks": mask})
    forecast = client.forecast({**body, "width": found.look.width, "height": found.look.height})
    with alone(result.folder, result.span, passing=result.is_video):
        result.begin(force=force)
        _announce(result, [*found.notes, *result.notes], float(forecast["seconds"]))
        before, told = len(found.notes), len(result.notes)
        body = {**body, "client": client_name(), "on_disconnect": "cancel"}
        painter = ClipPainter(ClipRequest(client, result, body, schedule, painted, masks), most)
        total = len(found.numbers)
        try:
            with progress_bar("{task.completed:.0f}/{task.total:.0f}") as bar:
                painter.run(TRIED if trial else None, bar)
                while not trial:
                    later = PaintedKeys(keys, found, colours)
                    if not result.take_changes(later.sums):
                        break
                    painter.run(None, bar, later)
            _tell([*found.notes[before:], *result.notes[told:]])
            tried = target.with_name(f"{target.stem}-try{target.suffix}") if trial and result.is_video else None
            result.finish(click.echo, sound=not no_sound, out=tried)
        except KeyboardInterrupt:
            hint = "The same command goes on from here."
            raise NeuralStyleError(f"Stopped: {result.count} of {total} frames are painted.", hint=hint) from None
    if trial:
        click.echo(f"{tried or target}  (the first {min(TRIED, total)} of {total} frames; without --try it goes on)")
    else:
        click.echo(f"{target}  ({total} frames)")


def _scenes_at_once(client: Client, on: str | None) -> int:
    """At most. One with a single worker, which would gain nothing; a cluster may not have shown its workers yet."""
    several = len(client.workers()) > 1 or (on is None and paints_in_cluster())
    return event_streams(on) if several else 1


def _target(word: str, clip: Path) -> Path:
    """Raises InvalidRequest for a name that says neither a kind of video nor a folder."""
    from ..video.encoding import is_video_name
    from ..video.tracks import FORMATS

    path = Path(word)
    if not is_folder(word) and path.suffix and not is_video_name(path):
        kinds = ", ".join(FORMATS)
        raise InvalidRequest(f"{word} is no kind of video that is written.", hint=f"Name one of {kinds}, or a folder.")
    if is_video_name(path) and path.is_dir():  # the system would say so when all is painted
        raise InvalidRequest(f"{word} is a folder, and is called like a video.", hint="Name another with -o.")
    if same_file(path, clip):
        raise InvalidRequest(f"{word} is the clip itself.", hint="Name another file or folder with -o.")
    if not path.absolute().parent.is_dir():
        raise InvalidRequest(f"The folder of {word} does not exist.", hint="Make it, or choose another with -o.")
    return path


def _check_apart(folder: Path, given: Mapping[str, Path | None]) -> None:
    """What is painted lies apart from what it is painted from, and --force deletes none of that. Raises
    InvalidRequest."""
    for what, path in given.items():
        if path is not None and same_file(path, folder):
            raise InvalidRequest(
                f"{folder} is where the painted pictures lie, so {what} cannot lie there.",
                hint="Copy them into another folder, or name another result with -o.",
            )


def _kind(target: Path, pictures: str | None, colours: Colours) -> str:
    """Of the results' pictures. Raises InvalidRequest where they are none, or cannot hold the colours."""
    from ..pictures.formats import kind_of_name
    from ..video.encoding import is_video_name

    if is_video_name(target) and pictures is not None:
        raise InvalidRequest("--pictures belongs to folders.", hint="Leave it out, or name a folder with -o.")
    if is_video_name(target):
        colours.check("video", "Name a folder with -o, and --pictures exr or tif, or leave out --colour-out.")
    kind = kind_of_name(f"x.{pictures or 'png'}")
    colours.check(kind, "Add --pictures exr or tif, or leave out --colour-out.")
    return kind


def _styles(client: Client, schedule: Schedule, body: dict[str, Any]) -> dict[str, str]:
    """A checksum of each preset as it is now, by its name. Raises DaemonError where there is none of that name."""
    names = [name for _, name in schedule.presets] + [item["preset"] for item in body.get("blend", ())]
    found = {name: client.preset(name) for name in names}
    parts = {name: [preset[key] for key in ("images", "controls", "method")] for name, preset in found.items()}
    return {name: hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest() for name, part in parts.items()}


def _announce(result: Any, notes: list[str], seconds: float) -> None:
    from .video_bars import spoken
    from .video_room import size_words

    _tell(notes)
    look, left = result.clip.look, len(result.clip.numbers) - result.count
    time = seconds * (1 + LATER_SHARE * (left - 1)) if left else 0.0
    done = f", {result.count} are painted already" if result.count else ""
    click.echo(
        f"{len(result.clip.numbers)} frames of {look.width} × {look.height} px{done}: about {spoken(time)}, and up to "
        f"{size_words(result.needed)} on the disk.",
        err=True,
    )


def _tell(notes: list[str]) -> None:
    for note in notes:
        click.echo(note, err=True)
