"""Animation documents: the current frame, or a range of frames with the same seed."""

from driving import (
    check,
    client,
    daemon_result,
    docker,
    document,
    is_over,
    names,
    paint_layer,
    painted,
    press,
    problem,
    result_layer,
    run,
    started,
    stylize,
    widget,
)
from krita import Krita
from rig_driver import drive, until


def animated(made):
    """A layer with three frames of different colours."""
    layer = yield from paint_layer(made)
    yield 0.3
    layer.enableAnimation()
    for time_ in (0, 1, 2):
        made.setCurrentTime(time_)
        yield 0.2
        Krita.instance().action("add_blank_frame").trigger()
        yield 0.3
        layer.setPixelData(bytes((60 + 60 * time_, 90, 140, 255)) * (96 * 64), 0, 0, 96, 64)
    return layer


def ask_for_range(first, last):
    widget("section_expert").setChecked(True)
    docker().expert.range.setChecked(True)
    docker().expert.first.setValue(first)
    docker().expert.last.setValue(last)


@check
def a_range_of_frames_becomes_an_animated_layer():
    made = yield from document()
    layer = yield from animated(made)
    made.setCurrentTime(0)
    yield 0.2
    made.setActiveNode(layer)
    ask_for_range(0, 2)
    before = {one["id"] for one in client().jobs()}
    yield 0.1
    press("stylize")
    yield from started()
    yield until(lambda: is_over() and docker().controller.animation.frame_range is None, 240)
    yield 0.5
    assert problem() == "", problem()
    results = [node for node in made.topLevelNodes() if "frames" in node.name()]
    assert len(results) == 1 and results[0].animated(), names(made)
    assert [results[0].hasKeyframeAtTime(one) for one in range(4)] == [True, True, True, False]
    seen = {bytes(results[0].pixelDataAtTime(5, 5, 1, 1, one)) for one in range(3)}
    assert len(seen) == 3 and made.currentTime() == 0
    seeds = [one["seed"] for one in client().jobs() if one["id"] not in before]
    assert len(seeds) == 3 and len(set(seeds)) == 1, seeds
    yield from undo_takes_the_range_back(made, layer)


def undo_takes_the_range_back(made, layer):
    """One step for all frames; redo brings them back."""
    yield until(lambda: made.activeNode() == layer)
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["paint"])
    redo = Krita.instance().action("edit_redo")
    made.waitForDone()
    yield until(redo.isEnabled)
    yield 0.5  # Krita is still busy with the undone frames
    redo.trigger()
    yield until(lambda: len(names(made)) == 2, 30)
    again = made.topLevelNodes()[1]
    assert [again.hasKeyframeAtTime(one) for one in range(4)] == [True, True, True, False]
    assert len({bytes(again.pixelDataAtTime(5, 5, 1, 1, one)) for one in range(3)}) == 3


@check
def what_the_painter_does_meanwhile_stays_in_the_undo_history():
    made = yield from document()
    layer = yield from animated(made)
    made.setCurrentTime(0)
    yield 0.2
    made.setActiveNode(layer)
    yield 0.2
    ask_for_range(0, 2)
    press("stylize")
    yield from started()
    yield from painted(made)
    yield until(lambda: docker().controller.run.frame == 1, 120)
    extra = made.createNode("extra", "paintlayer")
    made.rootNode().addChildNode(extra, None)
    yield until(lambda: is_over() and docker().controller.animation.frame_range is None, 240)
    yield 0.5
    assert "undo steps" in problem(), problem()
    results = [node for node in made.topLevelNodes() if "frames" in node.name()]
    assert len(results) == 1 and "extra" in names(made)
    assert [results[0].hasKeyframeAtTime(one) for one in range(4)] == [True, True, True, False]
    assert len({bytes(results[0].pixelDataAtTime(5, 5, 1, 1, one)) for one in range(3)}) == 3


@check
def stopping_in_the_middle_keeps_the_frames_so_far():
    made = yield from document()
    layer = yield from animated(made)
    made.setCurrentTime(0)
    yield 0.2
    made.setActiveNode(layer)
    yield 0.2
    ask_for_range(0, 2)
    docker().use(docker().chosen().changed(iterations=30))
    press("stylize")
    yield from started()
    yield until(lambda: docker().controller.run.frame == 1 and docker().controller.run.iteration > 2, 120)
    press("keep_now")
    yield until(lambda: is_over() and docker().controller.animation.frame_range is None, 90)
    yield 0.5
    assert problem() == "", problem()
    results = [node for node in made.topLevelNodes() if "frames" in node.name()]
    assert [results[0].hasKeyframeAtTime(one) for one in range(4)] == [True, True, False, False]
    assert len({bytes(results[0].pixelDataAtTime(5, 5, 1, 1, one)) for one in range(2)}) == 2
    Krita.instance().action("edit_undo").trigger()
    yield until(lambda: names(made) == ["paint"])


@check
def without_a_range_the_current_frame_is_painted():
    made = yield from document()
    layer = yield from animated(made)
    made.setCurrentTime(1)
    yield 0.3
    made.setActiveNode(layer)
    yield 0.2
    done = yield from stylize()
    assert problem() == "", problem()
    assert done.frame is None and len(names(made)) == 2
    _, expected = daemon_result(done.record["id"])
    assert bytes(result_layer().pixelData(5, 5, 1, 1)) == expected[(5 * 96 + 5) * 4 :][:4]


@check
def a_cancelled_range_leaves_nothing():
    made = yield from document()
    layer = yield from animated(made)
    made.setCurrentTime(0)
    yield 0.2
    made.setActiveNode(layer)
    yield 0.2
    ask_for_range(0, 2)
    press("stylize")
    yield from started()
    yield from painted(made)
    press("cancel")
    yield until(is_over, 5)
    yield 0.5
    assert names(made) == ["paint"] and made.currentTime() == 0, (names(made), made.currentTime())


@drive
def test():
    return (yield from run())
