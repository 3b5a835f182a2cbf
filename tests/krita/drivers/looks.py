"""How the docker looks: narrow, in the theme of this start, in every state; names for screen readers; actions."""

import itertools
import os
from functools import partial

from driving import (
    ARTEFACTS,
    check,
    docker,
    document,
    is_over,
    names,
    narrow,
    paint_layer,
    press,
    result_layer,
    run,
    started,
    stylize,
    widget,
)
from krita import Krita
from neural_style.neural_style_client.regions import Region
from rig_driver import QtCore, QtWidgets, drive, screenshot, until

THEME = os.environ.get("DRIVE_THEME", "dark")
NARROW = 280


def takes_tab(one):
    policy = QtCore.Qt.FocusPolicy
    return one.focusPolicy() in (policy.TabFocus, policy.StrongFocus, policy.WheelFocus)


def shot(name):
    screenshot(os.path.join(ARTEFACTS, f"{name}-{THEME}.png"))


@check
def everything_fits_at_280_pixels():
    made = yield from document(640, 480)
    yield from paint_layer(made)
    narrow("style", "controls")
    yield 1.0
    shot("style")
    assert docker().width() <= NARROW + 40, docker().width()
    area = widget("scroll", QtWidgets.QScrollArea)
    docker().use(docker().chosen().changed(blend={"mosaic": 30, "crayon": 60}, regions=[Region("paint", "mosaic")] * 2))
    for name in ("style", "regions", "controls", "options", "expert", "history"):
        narrow(name)
        yield 0.4
        shot("section-" + name)
        assert area.widget().minimumSizeHint().width() <= NARROW - 24, (name, area.widget().minimumSizeHint().width())
        assert cut_texts() == [] and not area.horizontalScrollBar().isVisible(), (name, cut_texts())
    assert docker().job_panel.minimumSizeHint().width() <= NARROW - 8, docker().job_panel.minimumSizeHint().width()


def cut_texts(whole=None):
    """The visible words of labels and buttons that have less room than they need, in the docker or in a dialog."""
    found = []
    for one in (whole or docker().widget()).findChildren((QtWidgets.QAbstractButton, QtWidgets.QLabel)):
        wraps = isinstance(one, QtWidgets.QLabel) and one.wordWrap()
        frame = 6 if isinstance(one, QtWidgets.QPushButton) else 0
        needed = one.fontMetrics().horizontalAdvance(one.text().replace("&", "")) + frame
        if one.isVisible() and one.text() and not wraps and needed > one.width():
            found.append((one.text(), needed, one.width()))
    return found


@check
def a_running_job_and_the_history_fit():
    made = yield from document(640, 480)
    yield from paint_layer(made)
    yield from stylize()
    docker().use(docker().chosen().changed(iterations=10000))
    press("stylize")
    yield from started()
    assert widget("bar").maximum() > 0, "a moving bar takes half a core, and the daemon needs both"
    yield until(lambda: docker().controller.run.iteration > 12, 60)
    narrow("history")
    yield 0.6
    shot("running")
    assert cut_texts() == [], cut_texts()
    assert docker().job_panel.minimumSizeHint().width() <= NARROW - 8, docker().job_panel.minimumSizeHint().width()
    press("cancel")
    yield until(is_over, 10)


@check
def the_tab_key_goes_from_top_to_bottom():
    docker().use(docker().chosen().changed(blend={"mosaic": 30}, regions=[Region("paint", "mosaic")] * 2))
    narrow("style", "regions", "controls", "options", "expert", "history")
    yield 0.3
    whole = docker().widget()
    scroll = whole.findChild(QtWidgets.QScrollArea)
    top, bottom = scroll.y(), scroll.y() + scroll.height()
    places, one = [], whole.nextInFocusChain()
    while one is not whole:
        wanted = one.isVisibleTo(whole) and one.isEnabled() and takes_tab(one)
        if wanted and whole.isAncestorOf(one) and one.objectName().startswith("neural_style_"):
            middle = one.mapTo(whole, one.rect().center()).y()
            scrolled = scroll.isAncestorOf(one)  # what is scrolled out of sight lies behind what stands below
            seen = min(max(middle, top), bottom) if scrolled else middle
            places.append((seen, middle if scrolled else 0, one.objectName()[13:]))
        one = one.nextInFocusChain()
    assert len(places) > 30, places
    first = places.index(min(places))
    places = places[first:] + places[:first]
    jumps = [(a, b) for a, b in itertools.pairwise(places) if b[0] < a[0] - 8 or 0 < b[1] < a[1] - 8]
    assert jumps == [], jumps


@check
def every_widget_that_can_be_used_has_an_accessible_name():
    yield 0.1
    assert nameless(docker().widget()) == [], nameless(docker().widget())


@check
def dialogs_have_names_for_all_and_cut_no_text():
    made = yield from document()
    yield from paint_layer(made)
    docker().use(docker().chosen().changed(regions=[Region("paint", "mosaic")]))
    narrow("regions")
    yield 0.3
    openers = {
        "film": Krita.instance().action("neural_style_film").trigger,
        "print": Krita.instance().action("neural_style_print").trigger,
        "style_part": widget("region_1_part").click,
    }
    for name, open_dialog in openers.items():
        find = partial(docker().findChild, QtWidgets.QDialog, "neural_style_" + name)
        open_dialog()
        yield until(lambda find=find: find() is not None and find().isVisible(), 5)
        yield 0.3
        picture = getattr(find(), "picture", None)
        yield until(lambda picture=picture: picture is None or picture._pixmap is not None, 10)
        yield 0.3
        find().grab().save(os.path.join(ARTEFACTS, f"{name}-{THEME}.png"))
        assert nameless(find()) == [] and cut_texts(find()) == [], (nameless(find()), cut_texts(find()))
        find().close()
        yield 0.2


def nameless(whole):
    """What can be used and has no name for a screen reader."""
    usable = (QtWidgets.QAbstractButton, QtWidgets.QComboBox, QtWidgets.QAbstractSlider, QtWidgets.QAbstractSpinBox)
    usable += (QtWidgets.QLineEdit, QtWidgets.QListWidget, QtWidgets.QProgressBar)
    found = [
        (type(one).__name__, one.objectName())
        for one in whole.findChildren(QtWidgets.QWidget)
        if isinstance(one, usable)
        and not one.accessibleName()
        and not one.objectName().startswith("qt_")
        and not isinstance(one, QtWidgets.QScrollBar)
        and not isinstance(one.parent(), (QtWidgets.QLineEdit, QtWidgets.QComboBox))
    ]
    return [one for one in found if one[0] not in ("QComboBoxListView",)]


@check
def the_keyboard_reaches_gallery_sliders_and_buttons():
    yield 0.1
    for name in ("search", "gallery", "strength", "stylize"):
        assert takes_tab(widget(name)), name


@check
def search_tags_and_favourites_narrow_the_gallery():
    narrow("style")
    gallery = docker().gallery
    everything = gallery.list.count()
    assert everything == len(docker().controller.presets.known) >= 3
    first = docker().controller.presets.known[0]
    gallery.search.setText(first["title"])
    yield 0.1
    assert 1 <= gallery.list.count() < everything
    gallery.search.setText("zzz nothing is called that")
    yield 0.1
    assert gallery.list.count() == 0 and gallery.nothing.isVisibleTo(docker())
    gallery.search.setText("")
    gallery.choose(first["name"])
    widget("favourite").click()
    yield until(lambda: docker().controller.presets.named(first["name"])["favourite"], 10)
    select_filter("*favourites")
    yield 0.2
    assert gallery.list.count() == 1
    widget("favourite").click()
    yield until(lambda: not docker().controller.presets.named(first["name"])["favourite"], 10)
    select_filter("*all")
    yield 0.1
    assert gallery.list.count() == everything


def select_filter(value):
    box = docker().gallery.narrowed
    box.setCurrentIndex(box.findData(value))


@check
def a_forecast_is_shown_and_follows_the_size():
    made = yield from document(640, 480)
    yield from paint_layer(made)
    words = docker().options.forecast
    docker().use(docker().chosen().changed(size=256))
    yield until(lambda: words.text().startswith("About"), 15)
    before = words.text()
    docker().use(docker().chosen().changed(size=512, iterations=0))
    yield until(lambda: words.text() != before, 15)


@check
def actions_have_shortcuts_and_do_their_work():
    made = yield from document()
    yield from paint_layer(made)
    action = Krita.instance().action
    assert action("neural_style_stylize").shortcut().toString() == "Ctrl+Alt+Shift+S"
    for name in ("stylize", "repeat", "cancel", "show_result"):
        one = action("neural_style_" + name)
        places = one.associatedObjects() if hasattr(one, "associatedObjects") else one.associatedWidgets()  # Qt 6, Qt 5
        menus = [place.title().replace("&", "") for place in places if isinstance(place, QtWidgets.QMenu)]
        assert "Scripts" in menus and not action("neural_style_" + name).shortcut().isEmpty(), (name, menus)
    action("neural_style_stylize").trigger()
    yield from started()
    yield until(is_over, 60)
    yield 0.3
    assert len(names(made)) == 2, names(made)
    action("neural_style_show_result").trigger()
    yield until(lambda: not result_layer().visible(), 3)
    action("neural_style_show_result").trigger()
    yield until(lambda: result_layer().visible(), 3)
    action("neural_style_repeat").trigger()
    yield from started()
    action("neural_style_cancel").trigger()
    yield until(is_over, 10)


@check
def every_state_can_be_read():
    from neural_style.neural_style_client import status

    narrow("style")
    controller, now = docker().controller, status.Connection()
    for state in (status.NOT_INSTALLED, status.STARTING, status.SLOW, status.LOST):
        now.become(state)
        docker().show_status(now.status())
        assert docker().status.next_step.isVisibleTo(docker())  # before the docker looks for the daemon again
        yield 0.15
        shot("state-" + now.state.replace(" ", "-"))
    docker().show_status(controller.connection.status())


def sample_open():
    """The photo of the documentation's pictures, in front; None where there is none."""
    sample = os.environ.get("DRIVE_SAMPLE")
    if not sample:
        return None
    made = Krita.instance().openDocument(sample)
    Krita.instance().activeWindow().addView(made)
    yield 1.5
    Krita.instance().action("zoom_to_fit").trigger()
    yield 0.5
    return made


@check
def a_job_in_the_middle_for_the_picture():
    if (yield from sample_open()) is None:
        return
    controller = docker().controller
    docker().use(docker().chosen().changed(preset="night-swirl", size=384, iterations=60, controls={}))
    narrow("style", "controls")
    press("stylize")
    yield from started()
    yield until(lambda: controller.run.iteration >= 52 or is_over(), 300)
    yield 0.5
    narrow("style", "controls")
    yield 0.5
    shot("picture")


@check
def live_for_the_picture():
    if (yield from sample_open()) is None:
        return
    docker().use(docker().chosen().changed(preset="gouache", controls={}, iterations=60))
    narrow("style")
    widget("live").click()
    yield until(lambda: "up to date" in widget("live_state").text(), 300)
    yield 1.0
    shot("live")


@drive
def test():
    return (yield from run())
