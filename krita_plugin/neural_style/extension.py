"""Registers the docker and the actions with Krita; nothing else does.

The actions' default shortcuts are in `neural_style.action`, which belongs into Krita's `actions` folder.
"""

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from . import words
from .docker import DOCKER_ID, NeuralStyleDocker
from .qt import QtCore
from .words import tr

MENU = "tools/scripts"
ACTIONS = (
    ("neural_style_stylize", "Neural Style: Stylize", lambda docker: docker.stylize()),
    ("neural_style_repeat", "Neural Style: Repeat Last", lambda docker: docker.repeat()),
    ("neural_style_cancel", "Neural Style: Cancel", lambda docker: docker.studio.cancel()),
    (
        "neural_style_show_result",
        "Neural Style: Show or Hide the Result",
        lambda docker: docker.studio.toggle_result(),
    ),
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
            docker.studio.soon(call, docker)


def register():
    """Add all to Krita, which keeps it until it ends."""
    words.translate_with(lambda text: QtCore.QCoreApplication.translate(words.CONTEXT, text))
    krita = Krita.instance()
    krita.addExtension(NeuralStyleExtension(krita))
    factory = DockWidgetFactory(DOCKER_ID, DockWidgetFactoryBase.DockPosition.DockRight, NeuralStyleDocker)
    krita.addDockWidgetFactory(factory)
