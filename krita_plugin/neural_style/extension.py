"""Registers the docker and the actions with Krita.

Their default shortcuts are in `neural_style.action`, which is installed into Krita's `actions` folder.
"""

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from .neural_style_client.translations import tr, translate_with
from .qt import QtCore
from .ui.docker import DOCKER_ID, NeuralStyleDocker
from .ui.film_dialog import ask_for_film

CONTEXT = "NeuralStyle"
MENU = "tools/scripts"
ACTIONS = (
    ("neural_style_stylize", "Neural Style: Stylize", lambda docker: docker.stylize()),
    ("neural_style_repeat", "Neural Style: Repeat Last", lambda docker: docker.repeat()),
    ("neural_style_make_preset", "Neural Style: Make a Style from the Layer", lambda docker: docker.ask_for_preset()),
    ("neural_style_film", "Neural Style: Paint Animation…", ask_for_film),
    ("neural_style_cancel", "Neural Style: Cancel", lambda docker: docker.controller.cancel()),
    ("neural_style_show_result", "Neural Style: Show or Hide the Result", lambda it: it.controller.toggle_result()),
)


class NeuralStyleExtension(Extension):
    """Krita calls `createActions` for every window."""

    def setup(self):
        """Krita calls this once, before there is a window; there is nothing to do yet."""

    def createActions(self, window):
        for name, text, call in ACTIONS:
            action = window.createAction(name, tr(text), MENU)
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
    translate_with(lambda text: QtCore.QCoreApplication.translate(CONTEXT, text))
    krita = Krita.instance()
    krita.addExtension(NeuralStyleExtension(krita))
    factory = DockWidgetFactory(DOCKER_ID, DockWidgetFactoryBase.DockPosition.DockRight, NeuralStyleDocker)
    krita.addDockWidgetFactory(factory)
