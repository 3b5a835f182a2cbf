"""Registers the docker and the actions with Krita.

Their default shortcuts are in `neural_style.action`, which is installed into Krita's `actions` folder.
"""

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from .neural_style_client.print_size import TIP
from .neural_style_client.translations import N_, best_language, tr, use
from .qt import QtCore
from .ui.docker import DOCKER_ID, NeuralStyleDocker
from .ui.film_dialog import ask_for_film
from .ui.print_dialog import ask_for_print

MENU = "tools/scripts"
ACTIONS = (
    (
        "neural_style_stylize",
        N_("Neural Style: Stylize"),
        N_("Paint the current layer in the chosen style"),
        lambda docker: docker.stylize(),
    ),
    (
        "neural_style_repeat",
        N_("Neural Style: Repeat Last"),
        N_("Paint the current layer with the settings of the last job"),
        lambda docker: docker.repeat(),
    ),
    (
        "neural_style_make_preset",
        N_("Neural Style: Make a Style from the Layer"),
        N_("Make a style from the current layer, or from the selected part of it"),
        lambda docker: docker.ask_for_preset(),
    ),
    (
        "neural_style_film",
        N_("Neural Style: Paint Animation…"),
        N_("Paint a range of frames without flicker, into a new animated layer"),
        ask_for_film,
    ),
    (
        "neural_style_print",
        N_("Neural Style: Paint for Print…"),
        TIP,
        ask_for_print,
    ),
    (
        "neural_style_cancel",
        N_("Neural Style: Cancel"),
        N_("Stop the running job and take its layer away"),
        lambda docker: docker.controller.cancel(),
    ),
    (
        "neural_style_show_result",
        N_("Neural Style: Show or Hide the Result"),
        N_("Compare the result with what is below it"),
        lambda docker: docker.controller.toggle_result(),
    ),
)
"""(name, text, tip, call); in English text and tip are in `neural_style.action`, too."""


class NeuralStyleExtension(Extension):
    """Krita calls `createActions` for every window."""

    def setup(self):
        """Krita calls this once, before there is a window; there is nothing to do yet."""

    def createActions(self, window):
        for name, text, tip, call in ACTIONS:
            action = window.createAction(name, tr(text), MENU)
            action.setToolTip(tr(tip))
            action.triggered.connect(lambda _=False, call=call: _with_docker(call))


def _with_docker(call):
    """The docker of the window in front; the window that `createActions` was given does not live on."""
    window = Krita.instance().activeWindow()
    dockers = window.dockers() if window is not None else []
    for docker in dockers:
        if docker.objectName() == DOCKER_ID:
            docker.controller.soon(call, docker)


def register():
    """Add all to Krita, which keeps it until it ends."""
    use(best_language(QtCore.QLocale().uiLanguages()))  # that of Krita's own settings, else the system's
    krita = Krita.instance()
    krita.addExtension(NeuralStyleExtension(krita))
    factory = DockWidgetFactory(DOCKER_ID, DockWidgetFactoryBase.DockPosition.DockRight, NeuralStyleDocker)
    krita.addDockWidgetFactory(factory)
