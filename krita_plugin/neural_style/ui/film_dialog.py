"""Asks which frames of the current layer are painted; the rest is as the docker says."""

from ..document import key_frames, open_documents
from ..document.film_frames import end_of, frames_of, key_layers
from ..neural_style_client.errors import PainterError
from ..neural_style_client.parameters import START_LAYER
from ..neural_style_client.translations import N_, tr
from ..qt import Qt, QtWidgets
from ..run.film import FilmRun, Shot
from .layer_dialog import show_for_layer
from .layout import button, choice, column, form, named, plain_label, row
from .options import number


def ask_for_film(docker):
    show_for_layer(docker, FilmDialog)


class FilmDialog(QtWidgets.QDialog):
    """A range of frames of one layer; closed, and deleted, as soon as the painting begins."""

    def __init__(self, docker, document, node):
        super().__init__(docker)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._docker, self._document, self._node = docker, document, node
        named(self, "film", tr("Paint Animation"))
        self.setWindowTitle(tr("Paint Animation"))
        words = tr("“{}” becomes a new animated layer in the docker's style and settings.", node.name())
        self.first = number("film_first", tr("First frame"), 0, 100000)
        self.last = number("film_last", tr("Last frame"), 0, 100000)
        first, last = key_frames.range_of(document)
        self.first.setValue(first)
        self.last.setValue(last)
        tip = tr("For a group or a mask that moves between its key frames; frames that look alike are painted once")
        self.every = named(QtWidgets.QCheckBox(tr("Every frame, also between key frames")), "film_every", tip, tip)
        tip = tr("An animated layer that you have painted: its drawings stay, and the other frames follow them")
        self.keys = choice("film_keys", tr("Use as keys"), [("", N_("No layer"))], tip)
        for one in key_layers(document, node):
            self.keys.addItem(one.name(), one.uniqueId().toString())
        self.problem = plain_label("")
        self.problem.setObjectName("neural_style_film_problem")
        self.problem.setVisible(False)
        self.paint = button("film_paint", tr("Paint"), tr("Paint these frames"))
        self.paint.setDefault(True)
        close = button("film_close", tr("Close"), tr("Paint nothing"))
        frames = row(self.first, QtWidgets.QLabel("–"), self.last)
        fields = form((tr("Frames"), frames), (tr("Use as keys"), self.keys))
        layout = column(plain_label(words), fields, self.every, self.problem, row(None, close, self.paint), spacing=8)
        layout.setContentsMargins(12, 12, 12, 12)
        self.setLayout(layout)
        self.setMinimumWidth(340)
        self.paint.clicked.connect(lambda: docker.controller.soon(self._begin))
        close.clicked.connect(self.close)

    def _begin(self):
        controller = self._docker.controller
        try:
            if controller.is_running:
                raise PainterError(tr("Something is being painted. Wait for it, or cancel it first."))
            controller.begin.film(self._film(controller))
        except PainterError as problem:
            self.problem.setText("⚠ {}".format(problem))
            self.problem.setVisible(True)
            self.adjustSize()
        else:
            self.close()

    def _film(self, controller):
        chosen, node = self._docker.chosen(), self._node
        if not chosen.preset:
            raise PainterError(tr("No style is chosen. Click one in the gallery."))
        if chosen.regions:
            raise PainterError(tr("An animation cannot have regions. Take them away in the docker, then begin again."))
        if chosen.start == START_LAYER[0]:
            raise PainterError(tr("An animation cannot start from another layer. Choose another start image."))
        if not open_documents.is_open(self._document) or not open_documents.is_within(self._document, node):
            raise PainterError(tr("The layer is no longer there. Choose another one, and begin again."))
        first, last, every = self.first.value(), self.last.value(), self.every.isChecked()
        keys = self._key_layer()
        frames = frames_of(node, first, last, every, keys)
        shot = Shot(node, frames, end_of(self._document, node, last, every), keys)
        return FilmRun(self._document, shot, chosen, controller.presets.title_of(chosen), controller)

    def _key_layer(self):
        """None where no layer was chosen. Raises PainterError where it is gone."""
        wanted = self.keys.currentData()
        if not wanted:
            return None
        found = [one for one in key_layers(self._document, self._node) if one.uniqueId().toString() == wanted]
        if not found:
            raise PainterError(tr("The layer with the keys is no longer there. Choose another one, or none."))
        return found[0]
