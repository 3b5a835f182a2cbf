"""Runs in GIMP: what takes more than one call; the findings go to the report."""

import importlib
import os
import sys

sys.path.insert(0, os.environ["GIMP_SCRIPTS"])
import inside
from gi.repository import Gimp, Gio

WIDTH, HEIGHT = 64, 48
found = {}


def painted(image, size=(WIDTH, HEIGHT), offsets=(0, 0), name="paint"):
    layer = inside.new_layer(image, size, offsets, name=name)
    inside.write(layer, inside.picture(*size))
    return layer


def several_layers():
    image = inside.new_image(WIDTH, HEIGHT)
    sky, sea = painted(image, name="sky"), painted(image, (40, 30), (5, 6), name="sea")
    status, error, _ = inside.stylize(image, [sky, sea])
    found["several"] = dict(
        status=status,
        error=error,
        names=inside.names(image.get_layers()),
        offsets=[list(layer.get_offsets())[1:] for layer in image.get_layers()],
    )


def repeat_nothing():
    image = inside.new_image(WIDTH, HEIGHT)
    found["nothing to repeat"] = inside.call("neural-style-repeat", image, [painted(image)])[:2]


def repeat_in_a_later_session():
    """The file is written, closed and opened again; then the parasite alone knows the style."""
    image = inside.new_image(WIDTH, HEIGHT)
    layer = painted(image)
    chosen = {"strength": 70, "seed": 1234, "iterations": 2}
    _, error, first = inside.stylize(image, [layer], **chosen)
    assert first is not None, error
    before = inside.read(first)
    again = saved_and_opened_again(image)
    old, source = again.get_layers()
    status, error, second = inside.call("neural-style-repeat", again, [source])
    found["repeat"] = dict(
        status=status,
        error=error,
        names=inside.names(again.get_layers()),
        reloaded=inside.read(old) == before,
        same_seed_same_picture=second is not None and inside.read(second) == before,
    )
    for layer in (old, second):
        again.remove_layer(layer)
    again = saved_and_opened_again(again)
    found["deleted results"] = [(name, made.seed, made.controls) for name, made in module("layers").results_of(again)]


def module(name):
    """One of the plug-in's own."""
    sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
    return importlib.import_module(f"document.{name}")


def saved_and_opened_again(image):
    path = Gio.File.new_for_path(os.environ["GIMP_REPORT"] + ".xcf")
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, path, None)
    image.delete()
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, path)


def repeat_from_a_start_layer():
    """The start layer is looked up again: as it was, under another name, and gone."""
    image = inside.new_image(WIDTH, HEIGHT)
    layer, ground = painted(image, name="sky"), inside.new_layer(image, (WIDTH, HEIGHT), name="ground")
    inside.write(ground, bytes((200, 30, 30, 255)) * (WIDTH * HEIGHT))
    chosen = {"start": "image", "start_layer": ground, "seed": 5, "iterations": 2, "strength": 20}
    _, error, first = inside.stylize(image, [layer], **chosen)
    assert first is not None, error
    picture = inside.read(first)
    other = inside.new_image(WIDTH, HEIGHT)
    inside.stylize(other, [painted(other)], **dict(chosen, start="", start_layer=None))
    steps = {"the start matters": inside.read(other.get_layers()[0]) != picture}
    image = saved_and_opened_again(image)
    source = next(one for one in image.get_layers() if one.get_name() == "sky")
    ground = next(one for one in image.get_layers() if one.get_name() == "ground")

    def again(what):
        status, error, made = inside.call("neural-style-repeat", image, [source])
        steps[what] = [status, error, made is not None and inside.read(made) == picture]

    again("as it was")
    ground.set_name("earth")
    again("renamed")
    image.remove_layer(ground)
    count = len(image.get_layers())
    again("gone")
    steps["nothing inserted"] = len(image.get_layers()) == count
    found["start layer"] = steps


def more_iterations_in_a_later_session():
    """Painted within a selection, written, opened again: the parasite knows the job and where it painted."""
    image = inside.new_image(WIDTH, HEIGHT)
    layer = painted(image, (40, 30), (5, 6), name="sea")
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 20, 20)
    _, error, first = inside.stylize(image, [layer], seed=3)
    assert first is not None, error
    again = saved_and_opened_again(image)
    result, source = again.get_layers()
    sys.path.insert(0, os.path.join(Gimp.directory(), "plug-ins", "neural-style"))
    from document import layers

    earlier = [(name, parameters.preset, parameters.seed) for name, parameters in layers.results_of(again)]
    status, error, more = inside.call("neural-style-more", again, [result], iterations=3)
    assert more is not None, error
    before, now = inside.read(source), inside.read(more)
    beside = [at for at in range(0, len(now), 4) if not (5 <= at // 4 % 40 < 25 and 4 <= at // 160 < 24)]
    found["more"] = dict(
        status=status,
        names=[name.split(": ")[-1] for name in inside.names(again.get_layers())],
        offsets=list(more.get_offsets())[1:],
        mask=more.get_mask() is not None,
        rest_is_the_same=all(before[at : at + 4] == now[at : at + 4] for at in beside),
        went_on=inside.read(result) != now,
        earlier=earlier,
        no_result=inside.call("neural-style-more", again, [source], iterations=3)[:2],
    )


def an_earlier_result_comes_back():
    """Painted within a selection, deleted, written, opened again."""
    image = inside.new_image(WIDTH, HEIGHT)
    layer = painted(image, (40, 30), (5, 6), name="sea")
    nothing = inside.call("neural-style-insert", image, [layer])[:2]
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 20, 20)
    _, error, first = inside.stylize(image, [layer], seed=8)
    assert first is not None, error
    before = look_of(first)
    image.remove_layer(first)
    again = saved_and_opened_again(image)
    (source,) = again.get_layers()
    status, error, back = inside.call("neural-style-insert", again, [source])
    assert back is not None, error
    names, is_same = inside.names(again.get_layers()), look_of(back) == before
    again.scale(2 * WIDTH, 2 * HEIGHT)
    found["back"] = dict(
        nothing=nothing,
        status=status,
        names=[name.split(": ")[-1] for name in names],
        is_same=is_same,
        no_such=inside.call("neural-style-insert", again, [source], result=3)[:2],
        scaled=inside.call("neural-style-insert", again, [source])[:2],
    )


def look_of(layer):
    return inside.read(layer), inside.read(layer.get_mask(), "Y u8"), list(layer.get_offsets())[1:]


def effects():
    """A layer with an effect of GIMP 3 is painted as it is seen."""
    image = inside.new_image(WIDTH, HEIGHT)
    layer = painted(image)
    effect = Gimp.DrawableFilter.new(layer, "gegl:invert-gamma", "invert")
    layer.append_filter(effect)
    before = inside.read(layer)
    status, error, result = inside.stylize(image, [layer], strength=0)
    found["effects"] = dict(
        status=status,
        error=error,
        untouched=inside.read(layer) == before and len(layer.get_filters()) == 1,
        source=before.hex(),
        result=inside.read(result).hex() if result else "",
    )


def source_of(image, layer):
    run_to_end = importlib.import_module("neural_style_client.tasks").run_to_end
    return run_to_end(module("buffers").read_source(image, layer))


def a_live_layer():
    """The plug-in's own module, as it works on the canvas while a painter goes on."""
    layers = module("layers")
    image = inside.new_image(WIDTH, HEIGHT)
    sky, sea = painted(image, name="sky"), painted(image, name="sea")
    image.set_selected_layers([sky])
    image.clean_all()
    steps = found["live"] = {}

    def look(what):
        selected = inside.names(image.get_selected_layers())
        steps[what] = [inside.names(image.get_layers()), selected, image.is_dirty()]

    live = sky.copy()
    live.set_name("live")
    layers.show_live(image, live, source_of(image, sea))
    look("shown")
    layers.remove_live(live)
    look("taken out")
    live = sky.copy()
    live.set_name("live")
    layers.show_live(image, live, source_of(image, sky))
    image.set_selected_layers([live])
    layers.remove_live(live)
    look("taken out while selected")


def make_a_preset():
    image = inside.new_image(WIDTH, HEIGHT)
    layer = painted(image)
    made = inside.call("neural-style-make-preset", image, [layer], title="My Stripes", tags="own, stripes")
    again = inside.stylize(image, [layer], preset="my-stripes")
    image.select_rectangle(Gimp.ChannelOps.REPLACE, -5, 10, 45, 36)
    part = inside.call("neural-style-make-preset", image, [layer], title="A Part")
    Gimp.Selection.none(image)
    nameless = inside.call("neural-style-make-preset", image, [layer], title="")
    found["preset"] = dict(
        made=made[:2], used=again[:2], part=part[:2], nameless=nameless[:2], names=inside.names(image.get_layers())
    )


def the_panel_has_no_place_without_a_window():
    image = inside.new_image(WIDTH, HEIGHT)
    found["panel"] = inside.call("neural-style-panel", image, [painted(image)])[:2]


repeat_nothing()
several_layers()
repeat_in_a_later_session()
repeat_from_a_start_layer()
more_iterations_in_a_later_session()
an_earlier_result_comes_back()
effects()
a_live_layer()
make_a_preset()
the_panel_has_no_place_without_a_window()
inside.report(**found)
