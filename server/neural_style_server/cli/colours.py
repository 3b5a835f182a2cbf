"""`--colour-in` and `--colour-out`: what a photo's values are, and what a result's are to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from ..errors import InvalidRequest

if TYPE_CHECKING:
    from ..pictures.colour_spaces import ColourSpace
    from ..recipe import UsedColours

NAMES = ("srgb", "linear", "acescg")


colour_in_option = click.option(
    "--colour-in", type=click.Choice(NAMES), help="What the photos' values are, whatever their files say."
)


def colour_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets `colour_in` and `colour_out`."""
    text = "What the values of a .tif or .exr are written in."
    return colour_in_option(click.option("--colour-out", type=click.Choice(NAMES), help=text)(command))


@dataclass(frozen=True)
class Colours:
    """Names of colour spaces; what is None goes by the files."""

    given: str | None = None
    written: str | None = None

    @classmethod
    def of(cls, used: UsedColours | None) -> Colours:
        """As a result says that it was painted."""
        return cls() if used is None else cls(used.given, used.written)

    def used(self) -> dict[str, Any] | None:
        """For the settings of the result."""
        return {"given": self.given, "written": self.written} if self.given or self.written else None

    @property
    def space_in(self) -> ColourSpace | None:
        return _space(self.given)

    def check(self, kind: str, hint: str = "Name the result .exr or .tif, or leave out --colour-out.") -> None:
        """Raises InvalidRequest where the kind of file holds sRGB alone."""
        from ..pictures.formats import WITH_FLOATS

        if self.written not in (None, "srgb") and kind not in WITH_FLOATS:
            raise InvalidRequest(
                f"The colours of a {kind} are written as sRGB, not as {self.written}.",
                hint=hint,
            )

    def space_out(self, kind: str, came: ColourSpace | None) -> ColourSpace | None:
        """What is written: as asked for; else a TIFF as `--colour-in` says, and an EXR in the space that the photo came
        in if its values were light. None is the kind's own way."""
        from ..pictures.formats import WITH_FLOATS

        if self.written is not None or kind not in WITH_FLOATS:
            return _space(self.written)
        if kind == "TIFF":
            return self.space_in
        return came if came is not None and came.linear else None

    def space_back(self, kind: str) -> ColourSpace | None:
        """What the values of a result of this kind are, where its file does not say it."""
        from ..pictures.formats import WITH_FLOATS

        return self.space_out(kind, None) if kind in WITH_FLOATS else None


AS_FILES_SAY = Colours()


def _space(name: str | None) -> ColourSpace | None:
    from ..pictures.colour_spaces import space_named

    return None if name is None else space_named(name)
