"""A live picture, which is small, made a layer of the image."""

from document import buffers, layer_names, layers
from neural_style_client.errors import PainterError
from neural_style_client.tasks import run_to_end
from neural_style_client.translations import tr
from run import records


def keep(image, layer, picture, parameters, enlarged):
    """Insert it above its layer, as large as that, in one undo step; the new layers. `enlarged(pixels, width, height)`
    scales it. Raises PainterError."""
    if picture is None:
        raise PainterError(tr("Nothing is painted yet. Wait for the first picture."))
    if not image.is_valid():
        raise PainterError(tr("The image was closed. Close this window, too."))
    layers.layers_of(image, [layer])
    if buffers.is_indexed(image):
        raise PainterError(tr("The image is indexed. Choose Image → Mode → RGB, then try again."))
    source = run_to_end(buffers.read_source(image, layer))
    made = run_to_end(buffers.new_layer(source, layer_names.group(parameters.style)))
    run_to_end(buffers.write_frame(source, made, enlarged(picture, layer.get_width(), layer.get_height())))
    record = records.pack(parameters, records.EarlierJob("", 0, 0, parameters.seed, source.box))
    finished = layers.FinishedLayer(made, layer_names.group(parameters.style), record)
    return layers.insert_results(image, [(source, [finished])], layer_names.group(parameters.style))
