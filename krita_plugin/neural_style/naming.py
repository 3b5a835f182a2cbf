"""Names of the layers that results come in."""

from typing import Iterable

from .words import tr


def result_name(title: str, source: str, taken: Iterable[str] = ()) -> str:
    """`Night Swirl – Portrait`, numbered when that is taken."""
    return _free("{} – {}".format(title, source) if source else title, taken)


def kept_name(iteration: int) -> str:
    return tr("iteration {}", iteration)


def frame_name(title: str, first: int, last: int) -> str:
    return tr("{} – frames {} to {}", title, first, last)


def _free(name: str, taken: Iterable[str]) -> str:
    known = set(taken)
    if name not in known:
        return name
    number = 2
    while "{} {}".format(name, number) in known:
        number += 1
    return "{} {}".format(name, number)
