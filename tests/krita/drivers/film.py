"""Moving pictures: a range of frames through one sequence, into a new animated layer."""

import os
import zipfile
from contextlib import contextmanager
from xml.etree import ElementTree

from driving import (
    check,
    client,
    docker,
    document,
    is_over,
    names,
    paint_layer,
    press,
    problem,
    run,
    stylize,
    widget,
)
from krita import Krita, Selection
from neural_style.neural_style_client import film_sender
from rig_driver import QtWidgets, drive, until

SIDE = 48
BELOW = bytes((10, 20, 30, 255))
RESULT = "frames 0 to 3"


def animated(made):
    """Drawings on frames 0, 1 and 3: what is on 1 is held on 2, and a layer of the painter's own lies below."""
    yield from paint_layer(made, BELOW, name="below")
    layer = yield from paint_layer(made, name="walk")
    yield 0.3
    layer.enableAnimation()
    for time in (0, 1, 3):
        made.setCurrentTime(time)
        yield 0.2
        Krita.instance().action("add_blank_frame").trigger()
        yield 0.3
        layer.setPixelData(bytes((60 + 40 * time, 90, 140, 255)) * (24 * SIDE), 4 * time, 0, 24, SIDE)
    made.setCurrentTime(2)
    yield 0.3
    made.waitForDone()
    return layer


def film(made, layer, iterations=4):
    """A document of three drawings, the docker's settings, and the dialog in front."""
    docker().use(docker().chosen().changed(iterations=iterations, size=48, seed=5))
    made.setActiveNode(layer)
    yield until(lambda: made.activeNode() == layer)
    Krita.instance().action("neural_style_film").trigger()
    yield until(lambda: dialogs() or problem(), 5)


def dialogs():
    return [one for one in docker().findChildren(QtWidgets.QDialog, "neural_style_film") if one.isVisible()]


def ask(first, last):
    dialogs()[0].first.setValue(first)
    dialogs()[0].last.setValue(last)
    before = docker().controller.run
    dialogs()[0].paint.click()
    yield until(lambda: docker().controller.run is not before or dialogs()[0].problem.text(), 5)


def keys_of(node, count=6):
    return [time for time in range(count) if node.hasKeyframeAtTime(time)]


def looks_of(node, times=(0, 1, 3)):
    """The drawings; where one is held Krita has no pixels of its own."""
    looks = [bytes(node.pixelDataAtTime(0, 0, SIDE, SIDE, time)) for time in times]
    assert all(len(look) == 4 * SIDE * SIDE for look in looks), [len(look) for look in looks]
    return looks


def result_of(made):
    found = [node for node in made.topLevelNodes() if RESULT in node.name()]
    assert len(found) == 1, names(made)
    return found[0]


@contextmanager
def listening(sent):
    """What the daemon is asked for."""
    body_of = film_sender.frame_body

    def heard(*words):
        sent.append(body_of(*words))
        return sent[-1]

    film_sender.frame_body = heard
    try:
        yield
    finally:
        film_sender.frame_body = body_of


def saved_layers(made, name):
    """The path of the document as Krita saves it, and its list of layers there."""
    path = os.path.join(os.environ["DRIVE_FOLDER"], name)
    made.setBatchmode(True)
    assert made.saveAs(path)
    made.waitForDone()
    with zipfile.ZipFile(path) as saved:
        return path, saved.read("maindoc.xml").decode()


def with_onion_skins(path, layers):
    """Python has no call that shows them, so the file is made to say so."""
    shown = path.replace(".kra", "-shown.kra")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(shown, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, layers.replace('onionskin="0"', 'onionskin="1"') if name == "maindoc.xml" else data)
    return shown


@check
def a_film_becomes_an_animated_layer():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    before = looks_of(layer)
    jobs = {one["id"] for one in client().jobs()}
    yield from film(made, layer)
    yield from ask(0, 3)
    yield until(is_over, 240)
    yield 0.3
    assert problem() == "" and not dialogs(), problem()
    result = result_of(made)
    assert result.animated() and keys_of(result) == [0, 1, 3], keys_of(result)
    looks = looks_of(result)
    assert len(set(looks)) == 3
    assert not set(looks) & set(before), "a frame is not painted"
    assert looks_of(layer) == before and keys_of(layer) == [0, 1, 3]
    assert names(made)[:2] == ["below", "walk"] and not made.topLevelNodes()[0].animated()
    assert bytes(made.topLevelNodes()[0].pixelData(0, 0, SIDE, SIDE)) == BELOW * (SIDE * SIDE)
    assert made.currentTime() == 2 and made.activeNode() == layer, (made.currentTime(), made.activeNode().name())
    assert {one["id"] for one in client().jobs()} == jobs and client().sequences.all() == []
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["below", "walk"])
    assert looks_of(layer) == before


@check
def onion_skins_stay_as_they_are():
    made = yield from document(SIDE, SIDE)
    yield from animated(made)
    path = with_onion_skins(*saved_layers(made, "film.kra"))
    made.close()
    yield 0.3
    again = Krita.instance().openDocument(path)
    Krita.instance().activeWindow().addView(again)
    yield until(lambda: Krita.instance().activeDocument() == again)
    layer = next(node for node in again.topLevelNodes() if node.name() == "walk")
    yield from film(again, layer)
    yield from ask(0, 3)
    yield until(is_over, 240)
    yield 0.3
    assert problem() == "", problem()
    layers = ElementTree.fromstring(saved_layers(again, "after.kra")[1]).iter()
    shown = {one.get("name"): one.get("onionskin") for one in layers if one.get("keyframes")}
    assert shown.pop("walk") == "1" and list(shown.values()) == ["0"], shown


@check
def painted_keys_stay_and_the_frames_between_follow_them():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    keys = yield from paint_layer(made, name="keys")
    yield 0.3
    keys.enableAnimation()
    green, blue = bytes((60, 190, 40, 255)), bytes((190, 40, 60, 255))
    for time, colour in ((0, green), (3, blue)):
        made.setCurrentTime(time)
        yield 0.2
        if not keys.hasKeyframeAtTime(time):
            Krita.instance().action("add_blank_frame").trigger()
            yield 0.3
        keys.setPixelData(colour * (SIDE * SIDE), 0, 0, SIDE, SIDE)
    made.setCurrentTime(2)
    yield 0.3
    made.waitForDone()
    before = looks_of(keys, (0, 3))
    yield from film(made, layer)
    choice = dialogs()[0].keys
    assert [choice.itemText(place) for place in range(choice.count())] == ["No layer", "keys"]
    choice.setCurrentIndex(1)
    sent = []
    with listening(sent):
        yield from ask(0, 3)
        yield until(is_over, 240)
    yield 0.3
    assert problem() == "", problem()
    assert [body["drawn_to"]["frames"] for body in sent if "drawn_to" in body] == [2.0], "1 to 3 is twice 0 to 1"
    result = result_of(made)
    assert keys_of(result) == [0, 1, 3], keys_of(result)
    first, between, last = looks_of(result)
    assert (first, last) == tuple(before) and between not in before
    assert looks_of(keys, (0, 3)) == before and made.currentTime() == 2


@check
def the_docker_leads_to_the_film_and_stylize_paints_the_current_frame():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    docker().use(docker().chosen().changed(iterations=4, size=48, seed=5))
    made.setActiveNode(layer)
    yield until(lambda: made.activeNode() == layer)
    widget("section_expert").setChecked(True)
    press("paint_animation")
    yield until(dialogs, 5)
    dialogs()[0].close()
    yield until(lambda: not dialogs(), 5)
    done = yield from stylize()
    assert problem() == "" and done.frame is None, problem()
    assert made.currentTime() == 2 and len(names(made)) == 3, names(made)


@check
def what_the_painter_does_meanwhile_stays_in_the_undo_history():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    yield from film(made, layer, iterations=30)
    yield from ask(0, 3)
    yield until(lambda: docker().controller.run.frame == 1, 120)
    extra = made.createNode("extra", "paintlayer")
    made.rootNode().addChildNode(extra, None)
    yield until(is_over, 240)
    yield 0.5
    assert "undo steps" in problem(), problem()
    assert "extra" in names(made) and keys_of(result_of(made)) == [0, 1, 3]


@check
def cancelling_keeps_what_is_done():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    before = looks_of(layer)
    yield from film(made, layer, iterations=30)
    yield from ask(0, 3)
    yield until(lambda: docker().controller.run.frame == 1 and "Frame 2 of 3" in docker().job_panel.words.text(), 120)
    press("cancel")
    yield until(is_over, 20)
    yield 0.3
    assert problem() == "⚠ 1 of 3 frames are painted; undo takes them away.", problem()
    result = result_of(made)
    assert keys_of(result) == [0, 1] and made.currentTime() == 2, (keys_of(result), made.currentTime())
    assert not any(looks_of(result, [1])[0]), "what is not painted is hidden"
    assert looks_of(layer) == before and client().sequences.all() == []
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["below", "walk"])


@check
def a_group_is_painted_from_a_held_frame_within_the_selection():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    group = made.createGroupLayer("group")
    made.rootNode().addChildNode(group, None)
    layer.remove()
    group.addChildNode(layer, None)
    yield 0.5
    made.waitForDone()
    selection = Selection()
    selection.select(0, 0, SIDE, 20, 255)
    made.setSelection(selection)
    before = looks_of(layer)
    yield from film(made, group)
    yield from ask(2, 2)
    yield until(is_over, 240)
    yield 0.3
    made.setSelection(None)
    assert problem() == "", problem()
    result = next(node for node in made.topLevelNodes() if "frames 2 to 2" in node.name())
    assert set(keys_of(result)) - {0} == {2, 3} and not any(looks_of(result, [3])[0]), keys_of(result)
    look = looks_of(result, [2])[0]
    assert any(look[: 4 * SIDE * 20]) and not any(look[4 * SIDE * 20 :])
    assert looks_of(layer) == before and made.currentTime() == 2


@check
def of_every_frame_those_that_are_alike_are_painted_once():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    yield from film(made, layer)
    dialogs()[0].every.setChecked(True)
    yield from ask(1, 2)
    yield until(is_over, 240)
    yield 0.3
    assert problem() == "", problem()
    result = next(node for node in made.topLevelNodes() if "frames 1 to 2" in node.name())
    assert set(keys_of(result)) - {0} == {1, 3}, keys_of(result)
    assert any(looks_of(result, [1])[0]) and not any(looks_of(result, [3])[0])


@check
def a_frame_that_fails_is_named_and_what_is_painted_stays():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    yield from film(made, layer, iterations=30)
    yield from ask(0, 3)
    now = docker().controller.run
    yield until(lambda: now.frame == 1 and now.iteration > 1 and now.phase == "running", 120)
    press("pause")
    yield until(lambda: now.phase == "paused", 20)
    press("pause")
    yield until(lambda: now.phase == "running", 20)
    client().cancel(now.record["id"])
    yield until(is_over, 30)
    yield 0.3
    assert problem().startswith("⚠ Frame 1: It was cancelled elsewhere."), problem()
    assert "1 of 3 frames are painted" in problem(), problem()
    assert keys_of(result_of(made)) == [0, 1] and made.currentTime() == 2


@check
def closing_the_picture_ends_the_film():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    yield from film(made, layer, iterations=200)
    yield from ask(0, 3)
    yield until(lambda: docker().controller.run.iteration > 1, 120)
    made.waitForDone()
    made.setModified(False)
    made.close()
    yield until(is_over, 20)
    assert "The picture was closed" in problem(), problem()
    yield until(lambda: client().sequences.all() == [], 10)


@check
def a_layer_without_frames_is_refused():
    made = yield from document(SIDE, SIDE)
    layer = yield from paint_layer(made)
    yield from film(made, layer)
    yield from ask(0, 3)
    assert "“paint” has no frames" in dialogs()[0].problem.text(), dialogs()[0].problem.text()
    dialogs()[0].close()
    assert is_over() and names(made) == ["paint"] and client().sequences.all() == []


@check
def one_thing_is_painted_at_a_time():
    made = yield from document(SIDE, SIDE)
    layer = yield from animated(made)
    yield from film(made, layer, iterations=200)
    yield from ask(0, 3)
    docker().stylize()
    Krita.instance().action("neural_style_film").trigger()
    yield until(lambda: "Something is being painted" in problem(), 5)
    assert not dialogs() and widget("cancel").isVisibleTo(docker())
    press("cancel")
    yield until(is_over, 20)
    assert names(made) == ["below", "walk"] and made.currentTime() == 2, (names(made), made.currentTime())


@drive
def test():
    return (yield from run())
