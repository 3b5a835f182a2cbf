"""Names of the layers that results come in."""

from typing import Iterable

from ..neural_style_client.translations import tr


def result_name(title: str, source: str, taken: Iterable[str] = ()) -> str:
    """`Night Swirl – Portrait`, numbered when that is taken."""
    name, known, number = "{} – {}".format(title, source) if source else title, set(taken), 2
    if name not in known:
        return name
    while "{} {}".format(name, number) in known:
        number += 1
    return "{} {}".format(name, number)


def kept_name(iteration: int) -> str:
    return tr("iteration {}", iteration)


def frame_name(title: str, first: int, last: int) -> str:
    return tr("{} – frames {} to {}", title, first, last)


def live_name(title: str) -> str:
    return tr("Live: {}", title)
