"""What a client may ask of a sequence: the bodies of its requests, as spec.py has those of jobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from ..field_types import Choice, ListOf, MaybeAbsent, OrNull
from ..validation import Model
from .spec import DISCONNECTS, Blend, ImageId, Name, PaintOptions

MOST_SEQUENCE_FRAMES, MOST_KEYS = 1_000_000, 300

FrameNumber = Annotated[int, Field(ge=1, le=MOST_SEQUENCE_FRAMES)]
"""Of a frame in its sequence, from 1."""


class KeySpec(Model):
    """A painted key frame: the result of the frame with this number is the given picture. With its `content` image the
    frames before are drawn to it."""

    frame: FrameNumber
    image: ImageId
    content: ImageId | None = None


class DrawnToSpec(Model):
    """A painted picture `image` of another frame, whose content image is `content`, so many frames away. Where frames
    are shown for different times, one of these is as long as from the frame before to this one."""

    image: ImageId
    content: ImageId
    frames: Annotated[float, Field(gt=0, le=1e12)]


def _one_of_each(keys: tuple[KeySpec, ...]) -> tuple[KeySpec, ...]:
    numbers = [key.frame for key in keys]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise ValueError(f"must name each frame only once; frame {twice} is there twice")
    return keys


Keys = Annotated[ListOf[KeySpec], Field(max_length=MOST_KEYS)]


class SequenceSpec(PaintOptions):
    """The body of `POST /v1/sequences`."""

    keys: Annotated[OrNull[Keys], AfterValidator(_one_of_each)] = ()
    """up to 300 of `{frame, image, content?}`: pictures of the frames' size that are the results of these frames,
    numbered from 1. The frames after follow them; with a key's `content` image those before are drawn to it, too"""

    on_disconnect: OrNull[Annotated[str, Choice(DISCONNECTS)]] = "continue"
    """`continue`, or `cancel`: its unfinished frames are cancelled when nobody has followed any of them for a second,
    or for 5 s since one began"""


class SequenceChangeSpec(Model):
    """The body of `PATCH /v1/sequences/{id}`: all of its keys, instead of those before."""

    keys: Annotated[Keys, AfterValidator(_one_of_each)]


class SequenceFrameSpec(Model):
    """The body of `POST /v1/sequences/{id}/frames`."""

    content: ImageId
    """id of the content image"""

    mask: ImageId | None = None
    """id of a picture of the content's size; its grey value times alpha counts"""

    key: ImageId | None = None
    """id of a picture of the content's size that is this frame's result"""

    drawn_to: MaybeAbsent[DrawnToSpec] = None
    """`{image, content, frames}`: a painted picture of another frame, such as the next key, with that frame's content
    image, so many frames away"""

    preset: MaybeAbsent[Name] = None
    """of this frame, where it is another than the sequence's"""

    blend: MaybeAbsent[Blend] = None
    """of this frame, where it is another than the sequence's"""


class AgainSpec(Model):
    """The body of `POST /v1/sequences/{id}/again`."""

    frame: FrameNumber
    """the first that is painted again"""

    last: FrameNumber | None = None
    """the last one; all after `frame`, if not given"""
