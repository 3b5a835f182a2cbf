"""The pictures of a clip's painted frames, each a file of its own in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import InvalidRequest, NeuralStyleError, TooLarge
from ..files import delete
from ..pictures.formats import ENDINGS, PICTURE_ENDINGS
from ..pictures.reading import read_picture_file
from ..pictures.writing import Labels, encode
from ..pixels import Picture
from ..video.clip import Clip
from .colours import Colours
from .outputs import Output

PNG_END = b"\0\0\0\0IEND\xaeB`\x82"


class PaintedPictures:
    """`numbers` are the frames whose pictures are there. name: of a frame's file, without its ending; kind: of the
    files."""

    def __init__(self, folder: Path, clip: Clip, name: Callable[[int], str], kind: str, colours: Colours) -> None:
        self._folder, self._clip, self._name, self._kind, self._colours = folder, clip, name, kind, colours
        self.numbers = set[int]()

    def path(self, number: int) -> Path:
        return self._folder / f"{self._name(number)}{PICTURE_ENDINGS[self._kind]}"

    def read(self, number: int) -> Picture:
        """Raises NeuralStyleError where it is not there whole."""
        path = self.path(number)
        try:
            return read_picture_file(path.read_bytes(), 10**9, space=self._colours.space_back(self._kind)).picture
        except (OSError, InvalidRequest, TooLarge) as error:
            raise NeuralStyleError(
                f"{path} cannot be read ({error}).", hint="Delete it; it is painted again."
            ) from None

    def write(self, number: int, picture: Picture) -> None:
        """Raises NeuralStyleError where the disk does not take it."""
        origin = self._clip.origin(number) if self._kind == "EXR" else None
        space = self._colours.space_out(self._kind, None if origin is None else origin.space)
        labels = Labels(space=space, frame=None if origin is None else origin.frame, bare=True)
        Output(self.path(number), force=True).write(encode(picture, self._kind, labels))
        self.numbers.add(number)

    def find(self) -> list[Path]:
        """Take those that lie there whole. Answers the damaged ones, in the order of the frames."""
        there = [number for number in self._clip.numbers if self.path(number).is_file()]
        damaged = [number for number in there if not self._is_whole(number)]
        self.numbers = set(there) - set(damaged)
        return [self.path(number) for number in damaged]

    def delete(self, number: int) -> bool:
        """Answers whether it was there."""
        if number not in self.numbers:
            return False
        delete(self.path(number))
        self.numbers.discard(number)
        return True

    def others(self) -> list[Path]:
        """Pictures that lie there and are of no frame of the clip."""
        own = {self.path(number).stem for number in self._clip.numbers}
        found = sorted(self._folder.iterdir())
        return [path for path in found if path.suffix.lower() in ENDINGS and path.stem not in own]

    def clear(self, *, all_kinds: bool) -> None:
        """Delete what a painting of this clip would write; `all_kinds`: in whichever kind of file."""
        endings = PICTURE_ENDINGS.values() if all_kinds else (PICTURE_ENDINGS[self._kind],)
        for number in self._clip.numbers:
            for ending in endings:
                delete(self.path(number).with_suffix(ending))

    def _is_whole(self, number: int) -> bool:
        if self._kind == "PNG":
            return _ends_as_png(self.path(number))
        try:
            self.read(number)
        except NeuralStyleError:
            return False
        return True


def _ends_as_png(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(PNG_END)))
        return file.read() == PNG_END
