"""A long job, begun and left alone: the test outside ends the daemon, or Krita itself."""

import os

from driving import (
    ITERATIONS,
    check,
    choose,
    docker,
    document,
    is_over,
    job,
    names,
    paint_layer,
    painted,
    press,
    problem,
    run,
    started,
    stylize,
    widget,
)
from krita import Krita
from rig_driver import drive, until

HOW = os.environ["DRIVE_HOW"]


def tell(name, value=""):
    """Leave a file for the test outside."""
    path = os.path.join(os.environ["DRIVE_FOLDER"], name)
    with open(path + ".new", "w") as file:
        file.write(value)
    os.replace(path + ".new", path)


def begun():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(iterations=10000))
    press("stylize")
    yield from started()
    yield from painted(made)
    tell("begun", job())
    return made


def live_goes_on():
    """The daemon is killed outside: Krita starts another, and Live comes back by itself."""
    made = yield from document(192, 128)
    yield from paint_layer(made, bytes((120, 130, 140, 255)))
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    widget("live").click()
    state, session = widget("live_state"), lambda: docker().controller.live.run.session
    yield until(lambda: state.text() == "Live: up to date", 120)
    shown = made.topLevelNodes()[1]
    before, first = bytes(shown.pixelData(0, 0, 192, 128)), session().job
    tell("begun", first)
    yield until(lambda: session().job not in (first, "") and state.text() == "Live: up to date", 150)
    assert bytes(shown.pixelData(0, 0, 192, 128)) == before and len(names(made)) == 2, names(made)


@check
def ended_in_the_middle():
    if HOW == "live":
        yield from live_goes_on()
        return
    made = yield from begun()
    if HOW == "quit":
        made.setModified(False)
        tell("quitting")
        Krita.instance().action("file_quit").trigger()
        yield 60
    yield until(is_over, 30)
    assert problem(), "the painter is told"
    yield until(lambda: names(made) == ["paint"], 10)  # Krita takes its time over the layer
    yield until(lambda: docker().controller.connection.state == "lost connection", 10)
    tell("over")
    yield until(lambda: docker().controller.connection.state == "ready", 60)
    docker().use(docker().chosen().changed(iterations=ITERATIONS))
    yield from choose(made, made.topLevelNodes()[0])
    yield from stylize()
    assert problem() == "", problem()
    assert len(names(made)) == 2, names(made)


@drive
def test():
    return (yield from run())
