"""Which layers are painted as a film, and where the painted ones go."""

import os
from typing import Any, NamedTuple, Sequence

from document import animation, buffers, layer_names
from neural_style_client.errors import PainterError
from neural_style_client.parameters import START_LAYER
from neural_style_client.translations import tr
from run.arguments import ALL_LAYERS, GROUP, NEW_IMAGE, SELECTED_LAYERS
from run.film_run import FilmRun


class Plan(NamedTuple):
    """`result` and `frames` are of `arguments`; `selected` are the layers that the painter has chosen."""

    result: str = NEW_IMAGE
    frames: str = ALL_LAYERS
    selected: Sequence[Any] = ()

    def check(self, image, parameters):
        """Raises PainterError for what cannot be painted."""
        if self.result not in (NEW_IMAGE, GROUP):
            raise PainterError(tr("The result must be “{}” or “{}”, not “{}”.", NEW_IMAGE, GROUP, self.result))
        if self.frames not in (ALL_LAYERS, SELECTED_LAYERS):
            raise PainterError(
                tr("The frames must be “{}” or “{}”, not “{}”.", ALL_LAYERS, SELECTED_LAYERS, self.frames)
            )
        if self.result == GROUP and buffers.is_indexed(image):
            raise PainterError(
                tr("The image is indexed. Choose a new image for the result, or Image → Mode → RGB first.")
            )
        if parameters.start == START_LAYER[0]:
            raise PainterError(tr("An animation cannot start from another layer. Choose another start image."))


def new_run(image, parameters, plan, find, view=None):
    """The FilmRun for a plan. Raises PainterError."""
    if not image.is_valid():
        raise PainterError(tr("The image was closed. Open it again and run it once more."))
    plan.check(image, parameters)
    frames = animation.Frames(image, plan.selected if plan.frames == SELECTED_LAYERS else ())
    if plan.result == GROUP:
        result = animation.NewGroup(image, layer_names.group(parameters.style))
    else:
        result = animation.NewImage(frames, is_shown=view is not None)
    return FilmRun(frames, result, parameters, find, view, f"gimp-{os.getpid()}")
