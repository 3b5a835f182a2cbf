"""What a command writes: where, in which kind of file, and never over another file unless `--force` is given."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from ..errors import Conflict, InvalidRequest, NeuralStyleError
from .photos import STANDARD, Source

force_option: Callable[[Any], Any] = click.option("--force", is_flag=True, help="Replace a file that exists already.")


@dataclass(frozen=True)
class Output:
    """A file to be written, or the standard output where `path` is None."""

    path: Path | None
    force: bool = False

    def __str__(self) -> str:
        return "the standard output" if self.path is None else str(self.path)

    @property
    def kind(self) -> str:
        """Of the picture, by the name's ending; a PNG goes to the standard output. Raises InvalidRequest."""
        from ..pictures.formats import kind_of_name

        return "PNG" if self.path is None else kind_of_name(self.path.name)

    def check(self, photos: Iterable[Source] = ()) -> None:
        """Before anything is painted. Raises Conflict where the file exists, NeuralStyleError where none can be."""
        if self.path is None:
            if sys.stdout.isatty():
                raise InvalidRequest("A picture is not shown in a terminal.", hint="Name a file with -o.")
            return
        if self.path.is_dir():
            raise self._failure("it is a folder")
        folder = Path(os.path.realpath(self.path)).parent if self.force else self.path.absolute().parent
        if not folder.is_dir():
            raise self._failure("its folder does not exist")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._failure("nothing can be written into its folder")
        if os.path.lexists(self.path) and not self.force:
            own = any(photo.path is not None and same_file(photo.path, self.path) for photo in photos)
            detail = f"{self} is the photo itself." if own else f"{self} exists already."
            raise Conflict(detail, hint="Name another file with -o, or replace it with --force.", code="exists")

    def write(self, data: bytes) -> None:
        """All of it or nothing. Raises Conflict where a file has come there meanwhile, NeuralStyleError."""
        if self.path is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        try:
            if self.force:
                _replace(self.path, data)
            else:
                _create(self.path, data)
        except FileExistsError:
            hint = "Name another file with -o, or replace it with --force."
            raise Conflict(f"{self} exists already.", hint=hint, code="exists") from None
        except OSError as error:
            raise self._failure(error.strerror or str(error)) from None

    def _failure(self, reason: str) -> NeuralStyleError:
        return NeuralStyleError(f"{self} cannot be written ({reason}).", hint="Choose another place with -o.")


def result_outputs(
    word: str | None, photos: Sequence[Source], default: Callable[[Source], str], *, force: bool
) -> list[Output]:
    """Where the result of each photo goes: the file or the folder that `word` is, or beside the photo, by the name
    `default`. All are checked. Raises InvalidRequest and Conflict, and NeuralStyleError."""
    if word is None:
        found = [Output(_beside(photo, default(photo)), force) for photo in photos]
    elif word == STANDARD or (len(photos) == 1 and not is_folder(word)):
        if len(photos) > 1:
            raise InvalidRequest("Only one picture goes to the standard output.", hint="Name a folder with -o.")
        found = [Output(None if word == STANDARD else Path(word), force)]
    else:
        folder = Path(word)
        if folder.exists() and not folder.is_dir():
            raise InvalidRequest(f"{len(photos)} pictures need a folder, and {word} is none.", hint="Name a folder.")
        with contextlib.suppress(OSError):
            folder.mkdir(exist_ok=True)
        found = [Output(folder / default(photo), force) for photo in photos]
    paths = [out.path for out in found if out.path is not None]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice is not None:
        raise InvalidRequest(f"Two of the pictures would be written as {twice}.", hint="Paint them one by one.")
    for out in found:
        out.kind  # noqa: B018 - raises for a name that says no kind
        out.check(photos)
    return found


def is_folder(word: str) -> bool:
    return word.endswith(("/", os.sep)) or Path(word).is_dir()


def _beside(photo: Source, name: str) -> Path | None:
    return None if photo.path is None else photo.path.with_name(name)


def same_file(one: Path, other: Path) -> bool:
    """Also by another name, as where small and capital letters are alike."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def _create(path: Path, data: bytes) -> None:
    """Half a file is none: the next try would take it for somebody's own."""
    file = path.open("xb")
    try:
        with file:
            file.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _replace(path: Path, data: bytes) -> None:
    """The old file stays until the new one is whole; a link's target is replaced, with its permissions."""
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}-")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        part.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
