"""What a job is painted with: a second style, a style made of a layer, another start, regions."""

import os

from driving import (
    ARTEFACTS,
    check,
    choose,
    client,
    docker,
    document,
    is_over,
    job,
    names,
    paint_layer,
    pixel,
    press,
    problem,
    result_layer,
    run,
    stylize,
    widget,
)
from krita import Krita, Selection
from neural_style.neural_style_client.job_history import History
from neural_style.neural_style_client.regions import Region
from rig_driver import QtCore, QtTest, QtWidgets, drive, screenshot, until

from neural_style.run.settings import FIRST

NARROW = 280


def shot(name):
    screenshot(os.path.join(ARTEFACTS, name + ".png"))


def narrow(*open_sections):
    """The docker as narrow as it must be usable, with these sections open."""
    window = Krita.instance().activeWindow().qwindow()
    window.showMaximized()
    for one in Krita.instance().dockers():
        one.setVisible(one.objectName() in ("neural_style", "KisLayerBox"))
    for section in docker().sections:
        section.set_open(section.name in open_sections)
    window.resizeDocks([docker()], [NARROW], QtCore.Qt.Orientation.Horizontal)
    layers = [one for one in Krita.instance().dockers() if one.objectName() == "KisLayerBox"]
    window.resizeDocks([*layers, docker()], [120, 600], QtCore.Qt.Orientation.Vertical)


def key(name, *keys):
    """Keys for a widget that has the focus."""
    one = widget(name)
    one.setFocus()
    for code in keys:
        QtTest.QTest.keyClick(one, code)


def request():
    return client().job(job())["request"]


def fits():
    area = widget("scroll", QtWidgets.QScrollArea)
    return area.widget().minimumSizeHint().width() <= NARROW - 24 and not area.horizontalScrollBar().isVisible()


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
    yield 0.2
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
def regions_are_marked_by_masks_and_layers():
    made = yield from document()
    layer = yield from paint_layer(made, bytes((60, 120, 180, 255)), x=8, y=4, width=80, height=56)
    left = Selection()
    left.select(0, 0, 30, 64, 255)
    left.feather(3)
    mask = made.createSelectionMask("left")
    mask.setSelection(left)
    layer.addChildNode(mask, None)
    dots = yield from paint_layer(made, bytes((0, 0, 0, 255)), x=60, y=0, width=200, height=20, name="dots")
    dots.setVisible(False)
    nothing = made.createNode("nothing", "paintlayer")
    made.rootNode().addChildNode(nothing, None)
    yield from choose(made, layer)
    narrow("regions")
    for number, name in enumerate(("left – paint", "dots", "nothing"), start=1):
        key("region_add", QtCore.Qt.Key.Key_Space)
        yield 0.2
        box = widget(f"region_{number}")
        box.setCurrentIndex(box.findText(name))
        style = widget(f"region_{number}_style")
        style.setCurrentIndex(number)
    widget("region_2_weight").setValue(50)
    yield 0.5
    shot("regions")
    assert fits()
    session = docker().controller.run
    yield from stylize()
    done = docker().controller.run
    assert done is not session and "Nothing is marked here by “nothing”" in problem(), problem()
    marked = {one.region.layer: one.weights for one in done._pictures.marked}
    width, area = done.area.width, done.area
    at = lambda name, x, y: marked[name][(y - area.y) * width + x - area.x]  # noqa: E731
    assert (at("left – paint", 10, 30), at("left – paint", 70, 30)) == (255, 0)
    assert 0 < at("left – paint", 30, 30) < 255, "soft edges count"
    assert (at("dots", 70, 10), at("dots", 70, 40), at("dots", 20, 10)) == (255, 0, 0)
    styles = [one["preset"] for one in request()["regions"]]
    assert styles == [one.preset for one in docker().chosen().regions[:2]] + [docker().chosen().preset], styles
    assert pixel(result_layer(), 12, 30) != pixel(result_layer(), 80, 50)
    regions = docker().chosen().regions
    docker().use(docker().chosen().changed(regions=()))
    widget("section_history").setChecked(True)
    yield 0.1
    press("again")
    yield 0.1
    assert docker().chosen().regions == regions
    mask.remove()
    yield from choose(made, layer)
    press("stylize")
    yield until(lambda: "“left – paint”, which marks a region, is not in this picture" in problem(), 3)
    press("region_1_remove")
    yield 0.1
    assert [one.layer for one in docker().chosen().regions] == ["dots", "nothing"]
    docker().use(docker().chosen().changed(regions=()))


@check
def regions_of_another_colour_model_and_a_deep_one_count_the_same():
    made = yield from document(model="CMYKA", profile="")
    layer = yield from paint_layer(made, bytes((10, 90, 60, 20, 255)) * (96 * 64))
    yield from paint_layer(made, bytes((0, 0, 0, 0, 255)) * (48 * 64), 0, 0, 48, 64, "half")
    yield from choose(made, layer)
    docker().use(docker().chosen().changed(regions=[Region("half", "mosaic")]))
    yield from stylize()
    assert problem() == "", problem()
    weights = docker().controller.run._pictures.marked[0].weights
    assert (weights[10], weights[80]) == (255, 0), (weights[10], weights[80])
    docker().use(docker().chosen().changed(regions=()))


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


@drive
def test():
    return (yield from run())
