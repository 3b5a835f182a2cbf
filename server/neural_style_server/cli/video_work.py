"""What is painted of a clip so far, on the disk: a folder of pictures beside the result, or the result's own folder.

With it the same command goes on where it was stopped. Of a video file, finished pictures become parts of the video, so
that the folder does not grow with the clip's length; the last one stays, for the next frame follows it. Scenes may be
painted at once, each by a thread of its own, and parts of a clip by programs of their own into one folder of pictures.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Conflict, InvalidRequest, NeuralStyleError, TooLarge
from ..files import delete, write_json
from ..pictures.formats import PICTURE_ENDINGS
from ..pictures.reading import read_picture_file
from ..pictures.writing import Labels, encode
from ..pixels import Picture, eight_bits
from ..video.clip import Clip
from ..video.encoding import Encoder, Part, is_video_name, join
from .colours import AS_FILES_SAY, Colours
from .outputs import Output
from .video_keys import changed_spans
from .video_notes import Notes
from .video_room import VIDEO_BYTES, bytes_of_picture, check_room

PART_FRAMES = 120
"""Pictures that lie in the folder before they become a part of the video."""

PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
MOST_NAMED = 10
PARTS_STAY = "Paint all anew with --force; with --keep pictures stay, and keys can change."


@dataclass
class Work:
    """`asked` is all that the pictures depend on besides their first frame, as JSON; pictures of another wish are never
    mixed with them. `keys` are checksums of painted keys by their frames: where one changes, the frames that are drawn
    to it are painted anew. in_order: whether no frame is painted before those in front of it.
    `kind` is that of a picture.
    """

    out: Path
    clip: Clip
    asked: dict[str, Any]
    keep: bool = False
    keys: dict[int, str] = field(default_factory=dict)
    in_order: bool = True
    kind: str = "PNG"
    colours: Colours = AS_FILES_SAY

    def __post_init__(self) -> None:
        self.is_video = is_video_name(self.out)
        self.folder = self.out.with_name(f"{self.out.name}.frames") if self.is_video else self.out
        self.record = Notes(self.folder, self.clip.numbers[0], self.asked, self.keys)
        self._tidying = threading.Lock()
        self._ending = self.out.suffix.lower()
        self._parts: list[Part] = []
        self._made, self._lying = set[int](), set[int]()
        self.needed = 0.0
        self.notes: list[str] = []

    def begin(self, *, force: bool) -> None:
        """Find what is there. Raises Conflict where that is something else, unless `force` allows to replace it, and
        NeuralStyleError where nothing can be written or the disk has no room."""
        former = None if force else self.record.former_keys()
        new_keys = former is not None and former != self.keys
        if self.is_video and self.out.exists() and not (force or new_keys):
            hint = "Name another file with -o, or replace it with --force."
            raise Conflict(f"{self.out} exists already.", hint=hint, code="exists")
        if self.folder.exists() and not self.folder.is_dir():
            raise Conflict(
                f"{self.folder} is in the way.", hint="Move it, or name another result with -o.", code="exists"
            )
        if force and self.folder.is_dir():
            self._clear()
        if former is not None:
            self._find_parts()
            self._find_pictures()
            self._forget_spans(former)
        elif not force:
            self._check_free()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.record.save()
        self._check_room()

    def take_keys(self, keys: Mapping[int, str]) -> bool:
        """Keys that were changed while it was painted; whether that makes frames new. Of a video whose pictures became
        parts, what is done stays, and a note says so."""
        former, self.keys = self.keys, dict(keys)
        changed = changed_spans(former, self.keys, self.clip.numbers)
        if self._made & set(changed):
            self.keys = former
            self.notes.append("Keys were changed meanwhile. " + PARTS_STAY)
            return False
        for number in changed:
            self._drop(number)
        self.record.take_keys(self.keys)
        return bool(changed)

    def has(self, number: int) -> bool:
        return number in self._lying or number in self._made

    @property
    def count(self) -> int:
        """How many of the frames that are asked for are painted."""
        return sum(self.has(number) for number in self.clip.numbers)

    def picture(self, number: int) -> Path:
        name = f"{number:06}" if self.is_video else self.clip.name(number)
        return self.folder / f"{name}{PICTURE_ENDINGS[self.kind]}"

    def read(self, number: int) -> Picture:
        """A painted picture. Raises NeuralStyleError where it is not there whole."""
        path = self.picture(number)
        try:
            return read_picture_file(path.read_bytes(), 10**9, space=self.colours.space_back(self.kind)).picture
        except (OSError, InvalidRequest, TooLarge) as error:
            raise NeuralStyleError(
                f"{path} cannot be read ({error}).", hint="Delete it; it is painted again."
            ) from None

    def write(self, number: int, picture: Picture) -> None:
        """Raises NeuralStyleError where the disk does not take it."""
        origin = self.clip.origin(number) if self.kind == "EXR" else None
        space = self.colours.space_out(self.kind, None if origin is None else origin.space)
        labels = Labels(space=space, frame=None if origin is None else origin.frame, bare=True)
        Output(self.picture(number), force=True).write(encode(picture, self.kind, labels))
        self._lying.add(number)

    def tidy(self, number: int) -> None:
        """All frames before frame `number` are painted, and no other needs them: where there are many pictures, these
        become a part."""
        with self._tidying:
            if self.is_video and not self.keep and len(self._lying) > PART_FRAMES:
                self._make_part([other for other in self._waiting() if other < number])

    def finish(self, tell: Callable[[str], None], *, sound: bool, out: Path | None = None) -> None:
        """Make the video of all that is painted; `out` is another file for it. A folder is finished already."""
        if not self.is_video:
            return
        target = out or self.out
        if out is None and not self.keep:
            self._make_part(self._waiting())
            parts = self._parts
        else:
            parts = [*self._parts, self._encoded(self._waiting(), self.folder / f"rest{self._ending}")]
        parts = [part for part in parts if part.numbers]
        if not parts:
            raise NeuralStyleError("Nothing was painted.", hint="Check the clip.")
        half = target.with_name(f".{target.name}.part")
        try:
            join(parts, self.clip, half, self._ending, sound=sound)
            os.replace(half, target)
        finally:
            delete(half)
            delete(self.folder / f"rest{self._ending}")
        if out is None and self.keep:
            tell(f"The pictures are in {self.folder}.")
        elif out is None:
            self._clear()
            try:
                self.folder.rmdir()
            except OSError:
                tell(f"There are other files in {self.folder}, which stay.")

    # within

    def _check_free(self) -> None:
        own = None if self.is_video else {self.picture(number).name for number in self.clip.numbers}
        if taken := self.record.taken(own):
            hint = "Name another result with -o, or replace it with --force."
            raise Conflict(f"{self.folder} {taken}.", hint=hint, code="exists")

    def _clear(self) -> None:
        """Only what a painting of this clip would write, and what one has written with other --pictures."""
        endings = PICTURE_ENDINGS.values() if self.record.path.is_file() else (PICTURE_ENDINGS[self.kind],)
        for number in self.clip.numbers:
            for ending in endings:
                delete(self.picture(number).with_suffix(ending))
        halves = [*self.folder.glob(".part-*.part"), *self.folder.glob(".[0-9]*-*")] if self.is_video else []
        for path in [*self.folder.glob("part-*"), *halves, self.record.path]:
            delete(path)

    def _waiting(self) -> list[int]:
        """The frames whose pictures are no part yet, in order."""
        return sorted(self._lying - self._made)

    def _make_part(self, numbers: list[int]) -> None:
        if not numbers:
            return
        part = self._encoded(numbers, self.folder / f"part-{numbers[0]:06}{self._ending}")
        write_json(part.path.with_suffix(".json"), list(numbers))
        self._add_part(part)
        for number in numbers:
            delete(self.picture(number))
            self._lying.discard(number)

    def _encoded(self, numbers: list[int], path: Path) -> Part:
        if not numbers:
            return Part(path, [])
        half = path.with_name(f".{path.name}.part")
        encoder = Encoder(half, self._ending, self.clip.look)
        try:
            for number in numbers:
                encoder.add(eight_bits(self.read(number)), self.clip.time(number), self.clip.duration(number))
            encoder.close()
            os.replace(half, path)
        except BaseException:
            encoder.abandon()
            delete(half)
            raise
        return Part(path, numbers)

    def _find_parts(self) -> None:
        """A part counts once the list of its frames is there."""
        for notes in sorted(self.folder.glob("part-*.json")):
            path = notes.with_suffix(self._ending)
            if path.is_file():
                self._add_part(Part(path, json.loads(notes.read_text("utf-8"))))

    def _find_pictures(self) -> None:
        """Those that are whole; others are told, and painted again."""
        there = [number for number in self.clip.numbers if self.picture(number).is_file()]
        broken = [number for number in there if not self._is_whole(number)]
        self._lying = set(there) - set(broken)
        if broken:
            names = ", ".join(self.picture(number).name for number in broken[:MOST_NAMED])
            more = f" and {len(broken) - MOST_NAMED} more" if len(broken) > MOST_NAMED else ""
            self.notes.append(f"Damaged, and painted again: {names}{more}.")

    def _is_whole(self, number: int) -> bool:
        if self.kind == "PNG":
            return _ends_as_png(self.picture(number))
        try:
            self.read(number)
        except NeuralStyleError:
            return False
        return True

    def _forget_spans(self, former: dict[int, str]) -> None:
        """Delete the pictures of frames that were drawn to other keys."""
        changed = changed_spans(former, self.keys, self.clip.numbers)
        if self._made & set(changed):
            raise Conflict(
                "These keys are others, and frames that are drawn to them are part of the video already.",
                hint=PARTS_STAY,
                code="exists",
            )
        again = [number for number in changed if self._drop(number)]
        if again:
            self.notes.append(f"Keys have changed: {len(again)} frames are painted again.")

    def _drop(self, number: int) -> bool:
        """Whether there was a picture."""
        there = number in self._lying
        if there:
            delete(self.picture(number))
            self._lying.discard(number)
        return there

    def _add_part(self, part: Part) -> None:
        self._parts.append(part)
        self._made.update(part.numbers)

    def _check_room(self) -> None:
        look, count = self.clip.look, len(self.clip.numbers) - self.count
        all_lie = self.keep or not (self.is_video and self.in_order)
        lying = count if all_lie else min(count, 2 * PART_FRAMES)
        picture = bytes_of_picture(self.clip, self.kind, self.colours)
        self.needed = lying * picture + (2 * count * VIDEO_BYTES * look.width * look.height if self.is_video else 0)
        check_room(self.folder, self.needed)


def _ends_as_png(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(PNG_END)))
        return file.read() == PNG_END
