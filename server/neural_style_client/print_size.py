"""The pixels of a print that is so wide on paper, with the picture's own shape; and what both editors call it."""

from dataclasses import dataclass
from typing import Tuple

from .errors import PainterError
from .translations import N_, number, tr

INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4}
UNITS = (("in", N_("Inches")), ("cm", N_("Centimetres")), ("mm", N_("Millimetres")))
RESOLUTION = 300.0
"""Dots per inch, as most printers of photos ask for."""
LOWEST, HIGHEST = 10.0, 2400.0
"""Dots per inch."""

ACTION, BEGIN = N_("Paint for Print…"), N_("Paint")
TIP = N_("A copy of the picture, as large as its print, is painted at full size. Yours stays as it is.")
WIDTH_LABEL, RESOLUTION_LABEL = N_("Width on paper"), N_("Dots per inch")
SUMMARY = N_("{width} × {height} pixels; the height on paper is {height_on_paper}")


@dataclass(frozen=True)
class PrintSize:
    """width: on paper, in `unit`; resolution: dots per inch. The height follows from the picture's shape."""

    width: float
    unit: str = "in"
    resolution: float = RESOLUTION

    def __post_init__(self) -> None:
        if self.unit not in INCHES:
            raise PainterError(tr("There is no unit {unit}.").format(unit=self.unit))
        if not LOWEST <= self.resolution <= HIGHEST:
            said = tr("A print has {lowest:.0f} to {highest:.0f} dots per inch.")
            raise PainterError(said.format(lowest=LOWEST, highest=HIGHEST))

    def pixels(self, size: Tuple[int, int], most: int) -> Tuple[int, int]:
        """(width, height) of the print of a picture of this size. Raises PainterError beyond 1 to `most` a side."""
        width = self.width * INCHES[self.unit] * self.resolution
        found = round(width), round(width * size[1] / size[0])
        if min(found) < 1:
            raise PainterError(tr("The print has no pixels. Give a larger size."))
        if max(found) > most:
            said = tr("The print has {width} × {height} pixels; at most {most} a side can be painted.")
            hint = tr("Give a smaller size, or fewer dots per inch.")
            raise PainterError("{} {}".format(said.format(width=found[0], height=found[1], most=most), hint))
        return found

    def summary(self, size: Tuple[int, int], most: int) -> str:
        """What will be painted, in words. Raises PainterError as `pixels` does."""
        width, height = self.pixels(size, most)
        on_paper = "{} {}".format(number(self.height(size), 1), self.unit)
        return tr(SUMMARY).format(width=width, height=height, height_on_paper=on_paper)

    def height(self, size: Tuple[int, int]) -> float:
        """On paper, in `unit`."""
        return self.width * size[1] / size[0]


def printed_now(size: Tuple[int, int], resolution: float, unit: str) -> PrintSize:
    """How a picture of this many pixels is printed as it is; a resolution that no print has becomes the nearest."""
    resolution = min(max(resolution, LOWEST), HIGHEST)
    return PrintSize(round(size[0] / resolution / INCHES[unit], 2), unit, resolution)
