"""The painted keys of a sequence: which frame is drawn to which, and what a change of them makes new."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator

from .sequence_spec import DrawnToSpec, KeySpec, SequenceSpec


class Keys:
    """Those of a sequence, by their frames."""

    def __init__(self, spec: SequenceSpec) -> None:
        self._keys = sorted(spec.keys, key=lambda key: key.frame)
        self._frames = [key.frame for key in self._keys]
        self._at = dict(zip(self._frames, self._keys, strict=True))

    def __iter__(self) -> Iterator[KeySpec]:
        return iter(self._keys)

    @property
    def images(self) -> list[str]:
        """The ids of all their pictures."""
        return [image for key in self._keys for image in (key.image, key.content) if image is not None]

    def at(self, frame: int) -> KeySpec | None:
        return self._at.get(frame)

    def drawing(self, frame: int) -> DrawnToSpec | None:
        """What draws a frame that is no key: the first key after it, if that is known with its content."""
        place = bisect_right(self._frames, frame)
        after = self._keys[place] if place < len(self._keys) else None
        if after is None or after.content is None:
            return None
        return DrawnToSpec(image=after.image, content=after.content, frames=after.frame - frame)


def changed_frames(
    before: Keys,
    now: Keys,
    own: Collection[int],
    last: int,
    *,
    first: Collection[int] = (),
    drawn: Collection[int] = (),
) -> list[int]:
    """The frames up to `last` whose results are others with the keys `now`: those that come to be keys or cease to be,
    those that are drawn to others, and all that follow one of them. `own` are frames that have brought their keys,
    `drawn` those that have brought what they are drawn to, and `first` those that follow none."""
    found, follows = [], False
    for frame in range(1, last + 1):
        former, key = before.at(frame), now.at(frame)
        follows = follows and frame not in first
        if frame in own:
            follows = False
        elif former is None and key is None:
            follows = follows or (frame not in drawn and before.drawing(frame) != now.drawing(frame))
        else:
            follows = former is None or key is None or former.image != key.image
        if follows:
            found.append(frame)
    return found
