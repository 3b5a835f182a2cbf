"""`neural-style scenes`: where a clip is cut, for whoever shares its frames out among machines."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import click

from .clips import clip_options, opened, span_of
from .colours import Colours, colour_in_option


@click.command()
@click.argument("clip", type=click.Path(path_type=Path))
@clip_options
@colour_in_option
def scenes(
    clip: Path,
    start: str | None,
    end: str | None,
    resize: int | None,
    fps: str | None,
    gaps: bool,
    colour_in: str | None,
) -> None:
    """List the scenes of CLIP, a line for each, as the numbers of its first and last frame: 1-120.

    No frame of a scene follows one of another. So each can be painted by a command of its own, 'video --start 1f --end
    120f', on any machine, and has the same pictures as in the whole.
    """
    from ..video.libav import NeedsVideo
    from .video_scenes import Scenes

    if importlib.util.find_spec("cv2") is None:
        raise NeedsVideo("Cuts are found with the extra 'video', which is not installed.")
    found: Any = opened(clip, span_of(start, end), resize, fps, gaps, Colours(colour_in))
    listed = Scenes(found, found.numbers, apart=True)
    while (scene := listed.take(None)) is not None:
        click.echo(f"{scene[0]}-{scene[-1]}")
    for note in found.notes:
        click.echo(note, err=True)
