"""A copy of an image, as large as its print. The painter's own stays as it is, with its undo history."""

from gi.repository import Gimp

from document import buffers, layers
from neural_style_client.errors import PainterError
from neural_style_client.parameters import MAX_SIZE
from neural_style_client.print_size import printed_now
from neural_style_client.translations import tr


def size_of(image):
    return image.get_width(), image.get_height()


def printed_size(image, unit):
    """How the image is printed as it is."""
    return printed_now(size_of(image), tuple(image.get_resolution())[-2], unit)


class PrintCopy:
    """Raises PainterError, before there is a copy, for a print that cannot be painted."""

    def __init__(self, image, print_size):
        size = print_size.pixels(size_of(image), MAX_SIZE)
        self.image, self._display = image.duplicate(), None
        pairs = zip(layers.all_layers(image), layers.all_layers(self.image))
        self._layers = {layer.get_id(): copied for layer, copied in pairs}
        try:
            self._enlarge(size, print_size.resolution)
        except BaseException:
            self.remove()
            raise

    def show(self):
        self._display = Gimp.Display.new(self.image)
        Gimp.displays_flush()

    def layer_of(self, layer):
        """The copy of a layer; one of another image is itself."""
        return self._layers.get(layer.get_id(), layer)

    def select(self, chosen):
        """The copies of the layers, chosen there as these are here."""
        copied = [self.layer_of(layer) for layer in chosen]
        self.image.set_selected_layers(copied)
        return copied

    def remove(self):
        """Unless the painter sees it, and something was painted or changed in it."""
        if not self.image.is_valid():
            return
        if self._display is None:
            self.image.delete()
        elif self._display.is_valid() and not self.image.is_dirty():
            self._display.delete()

    def _enlarge(self, size, resolution):
        self.image.undo_disable()  # there is nothing to go back to, and it would take as much memory again
        if buffers.is_indexed(self.image):
            self.image.convert_rgb()  # between the colours of a palette there are none
        Gimp.context_push()
        Gimp.context_set_interpolation(Gimp.InterpolationType.CUBIC)  # NoHalo takes minutes for a large print
        try:
            is_scaled = self.image.scale(*size)
        finally:
            Gimp.context_pop()
        if not is_scaled:
            reason = Gimp.get_pdb().get_last_error()
            raise PainterError(tr("GIMP could not make a copy of that size ({}). Give a smaller size.", reason))
        self.image.set_resolution(resolution, resolution)
        self.image.undo_enable()
        self.image.clean_all()
