"""What a job is painted with: a second style, a style made of a layer, another start."""

import os

from driving import (
    check,
    choose,
    client,
    docker,
    document,
    fits,
    is_over,
    job,
    key,
    names,
    narrow,
    paint_layer,
    pixel,
    press,
    problem,
    request,
    result_layer,
    run,
    shot,
    stylize,
    widget,
)
from krita import Krita, Selection
from neural_style.neural_style_client.job_history import History
from rig_driver import QtCore, QtTest, drive, until

from neural_style.run.settings import FIRST


@check
def a_second_style_is_blended_by_keyboard():
    made = yield from document()
    yield from paint_layer(made)
    narrow("style")
    key("blend_add", QtCore.Qt.Key.Key_Space)
    yield 0.2
    assert widget("blend_1").isVisibleTo(docker())
    key("blend_1", QtCore.Qt.Key.Key_Down)
    key("blend_1_share", *[QtCore.Qt.Key.Key_Right] * 11)
    press("blend_add")
    yield 0.5
    assert fits() and not widget("blend_add").isVisibleTo(docker())
    shot("blend")
    press("blend_2_remove")
    yield 0.1
    chosen = docker().chosen()
    ((other, share),) = chosen.blend.items()
    assert share == 61 and other != chosen.preset, chosen
    yield from stylize()
    assert problem() == "", problem()
    assert request()["blend"] == [{"preset": other, "weight": round(61 / 39, 4)}], request()["blend"]
    assert " + " in names(made)[1] and pixel(result_layer(), 5, 5)[3] == 255, names(made)


@check
def a_style_that_is_blended_with_itself_is_refused_in_words():
    made = yield from document()
    yield from paint_layer(made)
    preset = docker().chosen().preset
    docker().use(docker().chosen().changed(blend={preset: 50}))
    press("stylize")
    yield until(lambda: "blended with itself" in problem(), 3)
    assert names(made) == ["paint"]
    docker().use(docker().chosen().changed(blend={}))


@check
def a_selected_part_of_a_layer_becomes_a_style_that_is_used():
    made = yield from document(160, 120)
    yield from paint_layer(made, name="stripes")
    chosen = Selection()
    chosen.select(20, 10, 80, 64, 255)
    made.setSelection(chosen)
    yield 0.2
    narrow("style")
    key("make_preset", QtCore.Qt.Key.Key_Space)
    yield 0.3
    assert widget("make_title").text() == "stripes"
    QtTest.QTest.keyClicks(widget("make_title"), "My Stripes")
    QtTest.QTest.keyClicks(widget("make_tags"), "own, stripes")
    assert fits()
    shot("make-preset")
    key("make_title", QtCore.Qt.Key.Key_Return)
    yield until(lambda: docker().gallery.name == "my-stripes", 10)
    yield until(lambda: docker().controller.presets.named("my-stripes"), 10)
    assert not widget("make_title").isVisibleTo(docker()) and widget("make_preset").isVisibleTo(docker())
    found = client().preset("my-stripes")
    assert (found["title"], found["tags"]) == ("My Stripes", ["own", "stripes"]), found
    yield from stylize()
    assert problem() == "" and request()["preset"] == "my-stripes", problem()


@check
def a_style_without_a_name_or_a_layer_is_refused_in_words():
    made = yield from document()
    layer = made.createNode("nothing", "paintlayer")
    made.rootNode().addChildNode(layer, None)
    yield from choose(made, layer)
    Krita.instance().action("neural_style_make_preset").trigger()
    yield until(lambda: widget("make").isVisibleTo(docker()), 3)
    press("make")
    yield until(lambda: "is empty" in widget("make_problem").text(), 3)
    yield from paint_layer(made)
    widget("make_title").setText(" ")
    press("make")
    yield until(lambda: "has no name" in widget("make_problem").text(), 5)
    press("make_cancel")


@check
def a_job_starts_from_another_layer_also_a_hidden_one():
    made = yield from document()
    ground = yield from paint_layer(made, bytes((30, 30, 200, 255)), name="ground")
    ground.setVisible(False)
    layer = yield from paint_layer(made, name="sky")
    narrow("expert")
    docker().use(docker().chosen().changed(start="image", iterations=1, seed=3, controls={"strength": 10}))
    press("stylize")
    yield until(lambda: "Choose the layer to start from" in problem(), 3)
    key("start_layer", QtCore.Qt.Key.Key_Down)
    box = widget("start_layer")
    box.setCurrentIndex(box.findText("ground"))
    yield until(lambda: problem() == "", 3)
    yield 0.3
    shot("start-layer")
    assert fits() and docker().chosen().start_layer == "ground"
    yield from stylize()
    assert problem() == "", problem()
    first, red = pixel(result_layer(), 5, 5), request()
    assert red["init"] and red["method"]["start"] == "image"
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(start=""))
    yield from stylize()
    assert pixel(result_layer(), 5, 5) != first, "the start matters"
    docker().use(docker().chosen().changed(start="image", start_id="", start_layer="gone"))
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "“gone” to start from is not in this picture" in problem(), 3)


@check
def settings_come_back_with_the_saved_picture_after_the_daemon_has_forgotten_the_job():
    made = yield from document()
    layer = yield from paint_layer(made)
    path = os.path.join(os.environ["DRIVE_FOLDER"], "saved.kra")
    chosen = docker().chosen().changed(seed=77, controls={"strength": 33}, blend={"mosaic": 20})
    docker().use(chosen)
    yield from stylize()
    assert problem() == "", problem()
    chosen, before = docker().chosen(), bytes(result_layer().pixelData(0, 0, 96, 64))
    client().delete_job(job())
    made.setBatchmode(True)
    assert made.saveAs(path)
    made.waitForDone()
    made.close()
    yield 0.3
    docker().controller.history._history = History(None)  # as on another computer
    docker().use(FIRST)
    again = Krita.instance().openDocument(path)
    Krita.instance().activeWindow().addView(again)
    yield until(lambda: Krita.instance().activeDocument() == again)
    yield until(lambda: docker().history.entry() is not None, 5)
    narrow("history")
    yield 0.3
    press("more")
    yield until(lambda: "has this painting no longer" in problem(), 10)
    yield until(is_over, 5)
    press("again")
    yield 0.2
    assert docker().chosen() == chosen, (docker().chosen(), chosen)
    layer = next(node for node in again.topLevelNodes() if node.name() == "paint")
    yield from choose(again, layer)
    yield from stylize()
    assert problem() == "" and bytes(result_layer().pixelData(0, 0, 96, 64)) == before
    again.setModified(False)


@check
def a_style_that_vanishes_is_said_and_its_name_is_shown_as_it_is_written():
    yield from document()
    client().create_preset({"name": "passing", "copy_of": "mosaic"})
    client().change_preset("passing", {"title": "<i>Sky</i> & sea"})
    presets = docker().controller.presets
    presets.look(now=True)
    yield until(lambda: presets.named("passing"), 5)
    docker().use(docker().chosen().changed(preset="passing"))
    shown = docker().gallery.words
    assert shown.text() == "<i>Sky</i> & sea" and shown.textFormat() == QtCore.Qt.TextFormat.PlainText
    assert "&lt;i&gt;Sky" in shown.toolTip()
    assert docker().job_panel.problem.textFormat() == QtCore.Qt.TextFormat.PlainText
    client().delete_preset("passing")
    presets.look(now=True)
    yield until(lambda: "The style “passing” is no longer there. Choose another." in problem(), 5)


@drive
def test():
    return (yield from run())
