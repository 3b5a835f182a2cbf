"""No daemon runs when Krita starts: the docker starts one, says so all the way, and paints."""

from driving import check, docker, document, is_over, names, paint_layer, painted, press, problem, run, started
from rig_driver import drive, until

from neural_style.ui.status_line import StatusLine

WARM_S = 120


TITLES = []
"""What the status line has said, in order, from the docker's first moment on."""


def _listened(self, status):
    _show_status(self, status)
    if self.title.text() not in TITLES[-1:]:
        TITLES.append(self.title.text())


_show_status, StatusLine.show_status = StatusLine.show_status, _listened


@check
def a_job_asked_for_while_the_daemon_starts_is_painted():
    made = yield from document()
    yield from paint_layer(made)
    assert docker().controller.connection.state == "warming up", docker().controller.connection.state
    press("stylize")
    yield from started()
    yield from painted(made, timeout_s=WARM_S)
    yield until(is_over, 60)
    assert problem() == "", problem()
    assert len(names(made)) == 2, names(made)


@check
def every_state_on_the_way_was_shown():
    yield until(lambda: docker().controller.connection.state == "ready", 20)
    yield 0.1
    assert TITLES[:2] == ["Starting", "Warming up"] and TITLES[-1].startswith("Ready on"), TITLES


@drive
def test():
    return (yield from run())
