"""Two windows of one Krita: both show the one job, which stays with the other when one is closed."""

from driving import (
    becomes,
    check,
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
    state_of,
)
from krita import Krita
from rig_driver import drive, until

LONG = 10000


def second_window(made):
    """Generator: another window that shows the picture, and its docker."""
    window = Krita.instance().openWindow()
    window.qwindow().show()
    yield until(lambda: len(Krita.instance().windows()) == 2, 30)
    other = next(one for one in window.dockers() if one.objectName() == "neural_style")
    yield until(lambda: other.gallery.list.count() > 0, 30)
    window.addView(made)
    yield 1.0
    return window, other


def is_shown(one):
    return one.job_panel.running.isVisibleTo(one) and not one.job_panel.stylize.isVisibleTo(one)


@check
def a_job_is_in_both_windows_and_stays_when_the_one_it_was_begun_in_is_closed():
    made = yield from document()
    yield from paint_layer(made)
    mine = docker()
    window, other = yield from second_window(made)
    assert other is not mine
    other.use(mine.chosen().changed(iterations=LONG))
    other.job_panel.stylize.click()
    yield until(lambda: not is_over() or problem(), 5)
    yield from painted(made)
    identity = job()
    assert is_shown(other) and is_shown(mine)
    assert [one.history.entry().state for one in (other, mine)] == ["running", "running"]
    made.setModified(False)
    window.qwindow().close()
    yield until(lambda: len(Krita.instance().windows()) == 1, 30)
    yield 0.5
    assert state_of(identity) == "running" and not is_over() and docker() is mine and is_shown(mine)
    words = docker().job_panel.words.text()
    yield until(lambda: docker().job_panel.words.text() != words, 30)
    press("cancel")
    yield becomes(identity, "cancelled", 10)
    yield until(lambda: names(made) == ["paint"], 10)


@drive
def test():
    return (yield from run())
