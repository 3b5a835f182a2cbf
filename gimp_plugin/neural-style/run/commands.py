"""What each menu entry does, with and without a window."""

import os
from functools import partial

from gi.repository import Gimp

from document import buffers, editor, layers, print_copy
from document.pixels import Picture
from neural_style_client import connect_chosen
from neural_style_client.errors import Cancelled, PainterError
from neural_style_client.make_preset import make_preset_from
from neural_style_client.parameters import Parameters
from neural_style_client.print_size import INCHES, PrintSize
from neural_style_client.tasks import run_to_end
from neural_style_client.translations import tr
from run import arguments, film, job_start, records
from run.layers_run import LayersRun


def stylize(image, drawables, config, run_mode):
    """Paint the layers; the layers that were made."""
    chosen_layers = layers.layers_of(image, drawables)
    if run_mode == Gimp.RunMode.INTERACTIVE:
        return _stylize_in_windows(image, chosen_layers, config)
    start_layer = config.get_property("start-layer")
    parameters = _with_start(arguments.parameters_from(config), start_layer)
    _make_rgb(image, config.get_property("convert-indexed"))
    run = _run_in_window if run_mode == Gimp.RunMode.WITH_LAST_VALS else _run_now
    return run(image, chosen_layers, parameters, start_layer)


def _stylize_in_windows(image, chosen_layers, config, **changes):
    """`changes` to what the dialogue begins with."""
    from ui import stylize_dialog

    _offer_rgb(image)
    last_values = records.LastValues(Gimp.directory())
    remembered = layers.recorded(chosen_layers[0]) or last_values.parameters() or Parameters()
    remembered = remembered.changed(**changes)
    while True:
        chosen, start_layer, is_live = stylize_dialog.ask(image, chosen_layers, remembered, last_values)
        chosen = _with_start(chosen, start_layer)
        last_values.remember(chosen)
        arguments.write_to(config, chosen)
        config.set_property("start-layer", start_layer)
        if not is_live:
            return _run_in_window(image, chosen_layers, chosen, start_layer)
        made = _follow_live(image, chosen_layers[0], chosen, start_layer)
        if made is not None:
            return made
        remembered = chosen


def _follow_live(image, layer, chosen, start_layer):
    """The layers that were made of the live picture, or None where the painter wants other settings. The chosen start
    is for a picture in full size before there is a live one, and for the next time."""
    from document import kept_live
    from ui import live_window, pixbufs

    def act(answer, picture):
        if answer == live_window.KEEP:
            return kept_live.keep(image, layer, picture, chosen, pixbufs.enlarged)
        layers.layers_of(image, [layer])
        return picture

    answer, outcome = live_window.follow(image, layer, chosen, act)
    if answer == live_window.FULL:
        init = outcome and Picture(outcome.width, outcome.height, outcome.format, [outcome.data])
        return _run_in_window(image, [layer], chosen, None if init else start_layer, init=init)
    return outcome if answer == live_window.KEEP else None


def paint_for_print(image, drawables, config, run_mode):
    """Paint the layers in a copy of the image that is as large as its print; the layers that were made there."""
    chosen_layers = layers.layers_of(image, drawables)
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        print_size = PrintSize(config.get_property("width"), "in", config.get_property("resolution"))
    else:
        from ui import print_dialog

        print_size = print_dialog.ask(image)
        layers.layers_of(image, chosen_layers)
        config.set_property("width", print_size.width * INCHES[print_size.unit])
        config.set_property("resolution", print_size.resolution)
    copy = print_copy.PrintCopy(image, print_size)
    try:
        copied = layers.layers_of(copy.image, copy.select(chosen_layers))
        if run_mode != Gimp.RunMode.NONINTERACTIVE:
            copy.show()
            return _stylize_in_windows(copy.image, copied, config, size=0)
        start_layer = config.get_property("start-layer")
        config.set_property("start-layer", start_layer and copy.layer_of(start_layer))
        return stylize(copy.image, copied, config, run_mode)
    except BaseException:
        copy.remove()
        raise


def repeat(image, drawables, config, run_mode):
    """As the selected layer was made, else as the image's last was, else as the last values say."""
    chosen_layers = layers.layers_of(image, drawables)
    last = layers.recorded(chosen_layers[0]) or layers.recorded(image)
    last = last or records.LastValues(Gimp.directory()).parameters()
    if last is None or not last.preset:
        raise PainterError(tr("There is no last style yet. Choose Filters → Neural Style → Stylize Layer… first."))
    start_layer = None
    if last.start == "image":
        start_layer = layers.start_layer_of(image, last)
        last = _with_start(last, start_layer) if start_layer else _started_otherwise(last, run_mode)
    if run_mode != Gimp.RunMode.NONINTERACTIVE:
        _offer_rgb(image)
        return _run_in_window(image, chosen_layers, last, start_layer)
    _make_rgb(image, False)
    return _run_now(image, chosen_layers, last, start_layer)


def more(image, drawables, config, run_mode):
    """More iterations for a result, from where it ended; the layers that were made."""
    layer = layers.layers_of(image, drawables)[0]
    earlier, parameters = layers.earlier_job_of(layer), layers.recorded(layer) or Parameters()
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        window, iterations = None, config.get_property("iterations")
    else:
        from ui import more_dialog

        iterations = more_dialog.ask(layer, earlier)
        layers.layers_of(image, [layer])
        config.set_property("iterations", iterations)
        window = _window(parameters)
    start = job_start.MoreIterations(editor, image, parameters, earlier, iterations)
    return _driven(_new_run(image, [layer], parameters, start, window), window)


def insert(image, drawables, config, run_mode):
    """An earlier result of the image comes back, also one whose layer was deleted; the layers that were made."""
    layer = layers.layers_of(image, drawables)[0]
    results, window = layers.returnable_results(image), None
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        number = config.get_property("result")
    else:
        from ui import insert_dialog

        number = insert_dialog.ask(results, partial(layers.star_result, image), layers.history_is_full(image))
        layers.layers_of(image, [layer])
        config.set_property("result", number)
    if number > len(results):
        raise PainterError(tr("There is no earlier result number {} in this image.", number))
    parameters, earlier = results[number - 1].parameters, results[number - 1].earlier
    if run_mode != Gimp.RunMode.NONINTERACTIVE:
        window = _window(parameters)
    start = job_start.ResultBack(editor, image, parameters, earlier)
    return _driven(_new_run(image, [layer], parameters, start, window), window)


def _driven(run, window):
    return run_to_end(run.task()) if window is None else window.drive(run)


def make_preset(image, drawables, config, run_mode):
    """A style of the painter's own from the first of the selected layers."""
    layer = layers.layers_of(image, drawables)[0]
    if run_mode != Gimp.RunMode.NONINTERACTIVE:
        from ui import preset_dialog

        return preset_dialog.ask_and_make(image, layer)
    picture = run_to_end(buffers.read_style_picture(image, layer))
    make_preset_from(connect_chosen(), picture.pixels(), config.get_property("title"), config.get_property("tags"))
    return None


def animate(image, drawables, config, run_mode):
    """The layers as frames of a film; the layers that were made."""
    if run_mode == Gimp.RunMode.INTERACTIVE:
        return _animate_in_windows(image, drawables)
    last_values = records.LastValues(Gimp.directory())
    if run_mode == Gimp.RunMode.WITH_LAST_VALS:
        chosen = last_values.parameters() or Parameters()
        return _film_in_window(image, chosen, film.Plan())
    plan = film.Plan(config.get_property("result"), config.get_property("frames"), tuple(drawables))
    chosen = arguments.parameters_from(config, is_film=True)
    return run_to_end(film.new_run(image, chosen, plan, connect_chosen).task())


def _animate_in_windows(image, drawables):
    from ui import film_dialog

    last_values = records.LastValues(Gimp.directory())
    chosen, plan = film_dialog.ask(image, drawables, last_values.parameters() or Parameters())
    last_values.remember(chosen)
    return _film_in_window(image, chosen, plan)


def _film_in_window(image, chosen, plan):
    from ui.run_window import RunWindow

    window = RunWindow(chosen, is_film=True)
    return window.drive(film.new_run(image, chosen, plan, connect_chosen, window))


def panel(image, drawables, config, run_mode):
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        raise PainterError(tr("The panel needs a window. Use 'neural-style status' in a terminal."))
    from ui import panel as daemon_panel

    daemon_panel.show()


COMMANDS = {
    "neural-style-stylize": stylize,
    "neural-style-print": paint_for_print,
    "neural-style-repeat": repeat,
    "neural-style-more": more,
    "neural-style-insert": insert,
    "neural-style-make-preset": make_preset,
    "neural-style-animate": animate,
    "neural-style-panel": panel,
}


def _run_now(image, chosen_layers, parameters, start_layer):
    return run_to_end(_new_run(image, chosen_layers, parameters, _new_job(image, parameters, None, start_layer)).task())


def _run_in_window(image, chosen_layers, parameters, start_layer, init=None):
    """Paint in a window, and remember with what."""
    window = _window(parameters)
    try:
        start = _new_job(image, parameters, window, start_layer, init)
        return window.drive(_new_run(image, chosen_layers, parameters, start, window))
    finally:
        kept = parameters.changed(keep_on_cancel=window.keep_on_cancel)
        records.LastValues(Gimp.directory()).remember(kept)


def _window(parameters):
    from ui.run_window import RunWindow

    return RunWindow(parameters)


def _new_job(image, parameters, view, start_layer, init=None):
    name = f"gimp-{os.getpid()}"  # a queue for each process: no editor waits for another's whole batch
    return job_start.NewJob(editor, image, parameters, name, view is not None, start_layer, init)


def _new_run(image, chosen_layers, parameters, start, view=None):
    return LayersRun(editor, image, chosen_layers, parameters, connect_chosen, start, view)


def _with_start(parameters, layer):
    """The parameters, which remember the layer to start from."""
    if layer is None:
        return parameters.changed(start_layer="", start_tattoo=0)
    return parameters.changed(start_layer=layer.get_name(), start_tattoo=layer.get_tattoo())


def _started_otherwise(last, run_mode):
    """The last parameters where their start layer is gone, if the painter agrees."""
    problem = layers.start_layer_gone(last.start_layer)
    if run_mode == Gimp.RunMode.NONINTERACTIVE:
        raise PainterError(problem + " " + tr("Choose Stylize Layer… and start from something else."))
    from ui import questions

    if not questions.start_otherwise(problem):
        raise Cancelled()
    return _with_start(last.changed(start=""), None)


def _make_rgb(image, allowed):
    if buffers.is_indexed(image) and not allowed:
        raise PainterError(
            tr(
                "The image is indexed: its palette has too few colours for a painting. "
                "Choose Image → Mode → RGB, then try again."
            )
        )
    if buffers.is_indexed(image):
        image.convert_rgb()
        Gimp.displays_flush()


def _offer_rgb(image):
    from ui import questions

    if buffers.is_indexed(image) and not questions.convert_to_rgb():
        raise Cancelled()
    _make_rgb(image, True)
