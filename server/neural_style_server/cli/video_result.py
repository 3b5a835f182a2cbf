"""The result of a clip as far as it is painted, on the disk: a folder of pictures, beside the video or as the result.

With it the same command goes on where it was stopped. Of a video file, finished pictures become parts of the video, so
that the folder does not grow with the clip's length; the last one stays, for the next frame follows it. Scenes may be
painted at once, each by a thread of its own, and parts of a clip by programs of their own into one folder of pictures.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import Conflict
from ..files import delete
from ..video.clip import Clip
from ..video.encoding import is_video_name
from .colours import AS_FILES_SAY, Colours
from .video_keys import changed_spans
from .video_lock import ALL, is_lock
from .video_notes import Notes
from .video_parts import VideoParts
from .video_pictures import PaintedPictures
from .video_room import VIDEO_BYTES, bytes_of_picture, check_room
from .video_sources import Files, Sources

PART_FRAMES = 120
"""Pictures that lie in the folder before they become a part of the video."""

SIX_DIGITS = "[0-9]" * 6 + ".png"
"""Names of the pictures beside a video."""

MOST_NAMED = 10
PARTS_STAY = "Paint all anew with --force; with --keep pictures stay, and keys can change."


class ClipResult:
    """`asked` is all that the pictures depend on besides their first frame, as JSON; those of another request are never
    mixed with them. keep: the pictures of a video stay. `keys` are checksums of painted keys by their frames: where one
    changes, the frames that are drawn to it are painted anew. in_order: whether no frame is painted before those in
    front of it. `kind` is that of a picture. `files` are those that a frame is painted from, by default the clip's own.
    `span` are the first and the last frame that nobody else may paint meanwhile. `needed`: bytes on the disk, at most,
    from `begin` on.
    """

    def __init__(
        self,
        out: Path,
        clip: Clip,
        asked: dict[str, Any],
        *,
        keep: bool = False,
        keys: Mapping[int, str] | None = None,
        in_order: bool = True,
        kind: str = "PNG",
        colours: Colours = AS_FILES_SAY,
        files: Files | None = None,
    ) -> None:
        self.out, self.clip, self.is_video = out, clip, is_video_name(out)
        self.folder = out.with_name(f"{out.name}.frames") if self.is_video else out
        self.pictures = PaintedPictures(
            self.folder, clip, "{:06}".format if self.is_video else clip.name, kind, colours
        )
        self._parts = VideoParts(self.folder, clip, out.suffix.lower())
        self._keep, self._keys, self._in_order = keep, dict(keys or {}), in_order
        self.record = Notes(self.folder, clip.numbers[0], asked, self._keys)
        self.sources = Sources(self.folder, clip.numbers[0], files or clip.files)
        self._picture_bytes = bytes_of_picture(clip, kind, colours)
        self._tidying = threading.Lock()
        self.span = ALL if self.is_video else (clip.numbers[0], clip.numbers[-1])
        self.needed = 0.0
        self.notes: list[str] = []

    def begin(self, *, force: bool) -> None:
        """Find what is there. Raises Conflict where that is something else, unless `force` allows to replace it, and
        NeuralStyleError where nothing can be written or the disk has no room."""
        former = None if force else self.record.former_keys()
        new_keys = former is not None and former != self._keys
        if self.is_video and self.out.exists() and not (force or new_keys):
            hint = "Name another file with -o, or replace it with --force."
            raise Conflict(f"{self.out} exists already.", hint=hint, code="exists")
        if self.folder.exists() and not self.folder.is_dir():
            raise Conflict(
                f"{self.folder} is in the way.", hint="Move it, or name another result with -o.", code="exists"
            )
        if force and self.folder.is_dir():
            self._replace()
        if former is not None:
            self._find_painted()
            self.sources.find()
            self._forget_spans(former)
            self._forget_changed()
        elif not force:
            self._check_free()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.record.save()
        self._check_room()

    def take_changes(self, keys: Mapping[int, str]) -> bool:
        """Keys, and pictures of the clip, that were changed while it was painted; whether that makes frames new. Of a
        video whose pictures became parts, what is done stays, and a note says so."""
        changed = {*changed_spans(self._keys, keys, self.clip.numbers), *self._painted_from_others()}
        if self._parts.numbers & changed:
            self.notes.append("Pictures were changed meanwhile. " + PARTS_STAY)
            return False
        for number in changed:
            self.pictures.delete(number)
        self._keys = dict(keys)
        self.record.take_keys(self._keys)
        return bool(changed)

    def has(self, number: int) -> bool:
        return number in self.pictures.numbers or number in self._parts.numbers

    @property
    def count(self) -> int:
        """How many of the frames that are asked for are painted."""
        return sum(self.has(number) for number in self.clip.numbers)

    def tidy(self, number: int) -> None:
        """All frames before frame `number` are painted, and no other needs them: where there are many pictures, these
        become a part."""
        with self._tidying:
            if self.is_video and not self._keep and len(self.pictures.numbers) > PART_FRAMES:
                self._make_part([other for other in self._waiting() if other < number])

    def finish(self, tell: Callable[[str], None], *, sound: bool, out: Path | None = None) -> None:
        """Make the video of all that is painted; `out` is another file for it. A folder is finished already."""
        if not self.is_video:
            return
        if out is None and not self._keep:
            self._make_part(self._waiting())
        self._parts.join(self._waiting(), self.pictures.read, out or self.out, sound=sound)
        if out is None and self._keep:
            tell(f"The pictures are in {self.folder}.")
        elif out is None:
            self._clear()
            if all(is_lock(path.name) for path in self.folder.iterdir()):
                with suppress(OSError):  # locked: it goes with the lock
                    self.folder.rmdir()
            else:
                tell(f"There are other files in {self.folder}, which stay.")

    # within

    def _check_free(self) -> None:
        own = None if self.is_video else {self.pictures.path(number).name for number in self.clip.numbers}
        if taken := self.record.taken(own):
            hint = "Name another result with -o, or replace it with --force."
            raise Conflict(f"{self.folder} {taken}.", hint=hint, code="exists")

    def _replace(self) -> None:
        """Clear what is there for a new painting. Raises Conflict where another one's pictures of other frames stay."""
        if self.is_video:  # nobody wants the pictures beside it but itself
            begun = self.record.has_any()
            self._clear()
            for path in self.folder.glob(SIX_DIGITS) if begun else ():
                delete(path)
            self.record.forget_parts()
            return
        others = self.pictures.others()
        if others and (why := self.record.other_painting()) is not None:
            raise Conflict(
                f"{self.folder} has pictures of other frames in another painting{why}; --force does not replace those.",
                hint="Name another folder with -o, or take the old pictures away.",
                code="exists",
            )
        self._clear()
        self.record.forget_parts(self.clip.numbers if others else None)

    def _clear(self) -> None:
        """Only what a painting of this clip would write, and what one has written with other --pictures."""
        self.pictures.clear(all_kinds=self.record.path.is_file())
        if self.is_video:
            for half in self.folder.glob(".[0-9]*-*"):
                delete(half)
        self._parts.clear()
        self.sources.clear()
        delete(self.record.path)

    def _waiting(self) -> list[int]:
        """The frames whose pictures are no part yet, in order."""
        return sorted(self.pictures.numbers - self._parts.numbers)

    def _make_part(self, numbers: list[int]) -> None:
        if numbers:
            self._parts.add(numbers, self.pictures.read)
        for number in numbers:
            self.pictures.delete(number)

    def _find_painted(self) -> None:
        """What is damaged is told, and painted again."""
        damaged = [path.name for path in (*self._parts.find(), *self.pictures.find())]
        if damaged:
            self.notes.append(f"Damaged, and painted again: {_listed(damaged)}.")

    def _forget_spans(self, former: dict[int, str]) -> None:
        """Delete the pictures of frames that were drawn to other keys."""
        changed = changed_spans(former, self._keys, self.clip.numbers)
        if self._parts.numbers & set(changed):
            raise Conflict(
                "These keys are others, and frames that are drawn to them are part of the video already.",
                hint=PARTS_STAY,
                code="exists",
            )
        again = [number for number in changed if self.pictures.delete(number)]
        if again:
            self.notes.append(f"Keys have changed: {len(again)} frames are painted again.")

    def _forget_changed(self) -> None:
        """Delete the pictures that were painted from others than lie there now."""
        changed = self._painted_from_others()
        if not changed:
            return
        names = _listed([self.pictures.path(number).name for number in changed])
        if self._parts.numbers & set(changed):
            raise Conflict(
                f"What is part of the video already was painted from pictures that have changed since: {names}.",
                hint="Paint all anew with --force.",
                code="exists",
            )
        for number in changed:
            self.pictures.delete(number)
        self.notes.append(f"Painted from pictures that have changed, and painted again: {names}.")

    def _painted_from_others(self) -> list[int]:
        return self.sources.changed([number for number in self.clip.numbers if self.has(number)])

    def _check_room(self) -> None:
        look, count = self.clip.look, len(self.clip.numbers) - self.count
        all_lie = self._keep or not (self.is_video and self._in_order)
        lying = count if all_lie else min(count, 2 * PART_FRAMES)
        video = 2 * count * VIDEO_BYTES * look.width * look.height if self.is_video else 0
        self.needed = lying * self._picture_bytes + video
        check_room(self.folder, self.needed)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
