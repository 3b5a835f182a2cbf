"""What each menu entry does, with and without a window."""

import os

import gi

gi.require_version("Gimp", "3.0")
import canvas  # noqa: E402
import client  # noqa: E402
import complaints  # noqa: E402
import editor  # noqa: E402
import parameters as parameters_  # noqa: E402
import procedures  # noqa: E402
import records  # noqa: E402
import stack  # noqa: E402
from complaints import Cancelled, PainterError  # noqa: E402
from gi.repository import Gimp  # noqa: E402
from runner import Run, drive_now  # noqa: E402


def stylize(image, drawables, config, run_mode):
    """Paint the layers; the layers that were made."""
    layers = stack.layers_of(image, drawables)
    if run_mode == Gimp.RunMode.INTERACTIVE:
        return _stylize_in_windows(image, layers, config)
    start_layer = config.get_property("start-layer")
    parameters = _with_start(procedures.parameters_from(config), start_layer)
    _make_rgb(image, config.get_property("convert-indexed"))
    if run_mode == Gimp.RunMode.WITH_LAST_VALS:
        return _in_window(image, layers, parameters, start_layer)
    return _run_now(image, layers, parameters, start_layer)


def _stylize_in_windows(image, layers, config):
    import dialog

    _offer_rgb(image)
    memory = records.Memory(Gimp.directory())
    remembered = stack.recorded(layers[0]) or memory.parameters() or parameters_.Parameters()
    chosen, start_layer = dialog.ask(image, layers, remembered, memory)
    chosen = _with_start(chosen, start_layer)
    memory.remember(chosen)
    procedures.write_to(config, chosen)
    config.set_property("start-layer", start_layer)
    return _in_window(image, layers, chosen, start_layer)


def repeat(image, drawables, interactive):
    """As the selected layer was made, else as the image's last was, else as the last values say."""
    layers = stack.layers_of(image, drawables)
    last = stack.recorded(layers[0]) or stack.recorded(image) or records.Memory(Gimp.directory()).parameters()
    if last is None or not last.preset:
        raise PainterError(
            "There is no last style yet. Choose Filters → Neural Style → Stylize Layer… first."
        )
    start_layer = None
    if last.start == "image":
        start_layer = stack.start_layer_of(image, last)
        last = _with_start(last, start_layer) if start_layer else _started_otherwise(last, interactive)
    if interactive:
        _offer_rgb(image)
        return _in_window(image, layers, last, start_layer)
    _make_rgb(image, False)
    return _run_now(image, layers, last, start_layer)


def make_preset(image, drawables, config, interactive):
    """A style of the painter's own from the first of the selected layers."""
    import presetting

    layer = stack.layers_of(image, drawables)[0]
    if interactive:
        import presetting_dialog

        return presetting_dialog.ask_and_make(image, layer)
    picture = drive_now(canvas.read_swatch(image, layer))
    presetting.make(client.connect(), picture, config.get_property("title"), config.get_property("tags"))
    return None


def panel(interactive):
    if not interactive:
        raise PainterError("The panel needs a window. Use 'neural-style status' in a terminal.")
    import panel as panel_

    panel_.show()


def _run_now(image, layers, parameters, start_layer):
    run = Run(
        editor, image, layers, parameters, find=client.connect, init_layer=start_layer, client_name=_name()
    )
    return drive_now(run.steps())


def _in_window(image, layers, parameters, start_layer):
    import progress_window

    window = progress_window.ProgressWindow(parameters)
    run = Run(
        editor,
        image,
        layers,
        parameters,
        find=client.connect,
        view=window,
        init_layer=start_layer,
        client_name=_name(),
    )
    try:
        return window.drive(run)
    finally:
        kept = parameters.changed(keep_on_cancel=window.keep_on_cancel)
        records.Memory(Gimp.directory()).remember(kept)


def _with_start(parameters, layer):
    """The parameters, which remember the layer to start from."""
    if layer is None:
        return parameters.changed(start_layer="", start_tattoo=0)
    return parameters.changed(start_layer=layer.get_name(), start_tattoo=layer.get_tattoo())


def _started_otherwise(last, interactive):
    """The last parameters where their start layer is gone, if the painter agrees."""
    problem = complaints.start_layer_gone(last.start_layer)
    if not interactive:
        raise PainterError(f"{problem} Choose Stylize Layer… and start from something else.")
    import questions

    if not questions.start_otherwise(problem):
        raise Cancelled()
    return _with_start(last.changed(start=""), None)


def _name():
    """One queue for each plug-in's process, so that no editor has to wait for another's whole batch."""
    return f"gimp-{os.getpid()}"


def _make_rgb(image, allowed):
    if not canvas.is_indexed(image):
        return
    if not allowed:
        raise PainterError(
            "The image is indexed: its palette has too few colours for a painting. "
            "Choose Image → Mode → RGB, then try again."
        )
    image.convert_rgb()


def _offer_rgb(image):
    if not canvas.is_indexed(image):
        return
    import questions

    if not questions.convert_to_rgb():
        raise Cancelled()
    image.convert_rgb()
    Gimp.displays_flush()
