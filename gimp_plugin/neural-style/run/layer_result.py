"""What one painted layer brings: its live layer, its kept frames, and the layers of its regions.

Nothing of it is in the undo history before the run inserts the finished layers.
"""

from document import layer_names
from run import records


class LayerResult:
    """`editor` is the module that touches GIMP, `source` what it read of the layer. `keep`, `write`, `finish` and `cut`
    make tasks; whoever drives them may stop between two steps, but not within the latter two."""

    def __init__(self, editor, image, source, parameters):
        self.source = source
        self.regions = []  # where it is to become a group of their layers
        self.job, self.seed, self.last_event = "", 0, 0
        self.is_whole = False  # its last picture was written
        self.is_shown = False  # the live layer is in the image
        self._editor, self._image, self._parameters = editor, image, parameters
        self._live = None
        self._kept = []  # (layer, iteration)
        self._parts = []
        self._iteration = 0

    def fits(self, pixels):
        """Whether they are as large as what was read."""
        return (pixels.width, pixels.height) == (self.source.picture.width, self.source.picture.height)

    def keep(self, frame):
        """Make a layer of its own of a frame."""
        layer = yield from self._new_layer()
        self._kept.append((layer, frame.iteration))
        yield from self._editor.write_frame(self.source, layer, frame.pixels)

    def write(self, frame):
        """Write a frame into the live layer, which is there from the first one on."""
        if self._live is None:
            self._live = yield from self._new_layer()
        yield from self._editor.write_frame(self.source, self._live, frame.pixels)
        self._iteration, self.is_whole = frame.iteration, frame.final

    def show(self):
        """Put the live layer into the image."""
        self._live = self._editor.show_live(self._image, self._live, self.source)
        self.is_shown = True

    def finish(self):
        """After the last picture: what is left to be made of it."""
        self._drop_double()
        yield from self.cut()

    def cut(self):
        """Make the layers of the regions from the last picture, as soon as that is known."""
        if self.regions and not self._parts and self.is_painted():
            self._parts = yield from self._editor.cut(self._live, self.regions, self._parameters.style)

    def is_painted(self):
        """Whether there is something to insert."""
        return self._live is not None and self._live.is_valid()

    def was_deleted(self):
        """Whether the painter took the live layer away."""
        return self.is_shown and not self._editor.stands_in(self._live, self._image)

    def finished_layers(self, instead):
        """What is to be inserted, upwards; `instead`: in the place of the painted layer. Takes the live layer out."""
        final = self._live
        if self._editor.stands_in(final, self._image):
            final = self._live.copy()
            self._editor.remove_live(self._live)
        made = [self._finished(layer, iteration) for layer, iteration in [*self._kept, (final, self._iteration)]]
        return [*made[:-1], made[-1]._replace(parts=self._parts, instead=instead)]

    def remove(self):
        """Leave nothing of it. Layers of a closed image are gone already."""
        for layer in [*(layer for layer, _ in self._kept), *self._parts, self._live]:
            if layer is not None and self._image.is_valid():
                self._editor.remove_live(layer)

    def _new_layer(self):
        return self._editor.new_layer(self.source, layer_names.live(self._parameters.style))

    def _drop_double(self):
        """A kept frame of the last iteration is the result; one layer is enough."""
        for layer, iteration in list(self._kept):
            if iteration == self._iteration:
                self._kept.remove((layer, iteration))
                self._editor.remove_live(layer)

    def _finished(self, layer, iteration):
        """With what its parasite says, so that its job can go on."""
        box, place, canvas = map(tuple, (self.source.box, self.source.place, self.source.canvas))
        earlier = records.EarlierJob(self.job, self.last_event, iteration, self.seed, box, place, canvas)
        name = layer_names.layer(self._parameters.style, iteration)
        return self._editor.FinishedLayer(layer, name, records.pack(self._parameters, earlier))


class ReturnedResult(LayerResult):
    """One that comes back: nothing of the image was read for it."""

    def select(self, weights):
        """One byte for each pixel, which become the layer's mask."""
        self.source = self.source._replace(weights=weights)

    def _new_layer(self):
        return self._editor.new_returned(self.source, layer_names.live(self._parameters.style))
