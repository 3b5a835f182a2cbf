"""A few fields below the gallery: a style of the painter's own from the current layer."""

from ..neural_style_client.translations import tr
from ..qt import QtCore, QtWidgets
from .layout import button, column, form, label, named, row


class PresetMakerView(QtWidgets.QWidget):
    """`wanted(title, tags)`: the painter wants a style of this name."""

    wanted = QtCore.pyqtSignal(str, str)

    def __init__(self):
        super().__init__()
        tip = tr("Make a style from the current layer, or from the selected part of it")
        self.opener = button("make_preset", tr("Make a style from the layer"), tip)
        self.title = named(QtWidgets.QLineEdit(), "make_title", tr("Name of the new style"))
        self.tags = named(QtWidgets.QLineEdit(), "make_tags", tr("Tags, with commas between"))
        self.tags.setPlaceholderText(tr("ink, portrait"))
        self.make = button("make", tr("Make"), tip)
        self.cancel = button("make_cancel", tr("Cancel"), tr("Make no style"))
        self.problem = label("")
        self.problem.setObjectName("neural_style_make_problem")
        self._fields = QtWidgets.QWidget()
        fields = form((tr("Name"), self.title), (tr("Tags"), self.tags))
        self._fields.setLayout(column(fields, self.problem, row(self.make, self.cancel)))
        self.setLayout(column(self.opener, self._fields))
        self.make.clicked.connect(self._make)
        self.title.returnPressed.connect(self._make)
        self.tags.returnPressed.connect(self._make)
        self.cancel.clicked.connect(self.close_fields)
        self.close_fields()

    def ask(self, layer):
        """Ask for a name; that of the layer is the first proposal."""
        self.title.setText(layer)
        self.title.selectAll()
        self._show(True)
        self.title.setFocus()

    @property
    def is_waiting(self):
        """Whether the style that is being made was asked for here."""
        return self._fields.isVisibleTo(self) and not self.make.isEnabled()

    def close_fields(self):
        self._show(False)

    def show_problem(self, words):
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.make.setEnabled(True)

    def _show(self, asking):
        self.opener.setVisible(not asking)
        self._fields.setVisible(asking)
        self.show_problem("")

    def _make(self):
        self.show_problem("")
        self.make.setEnabled(False)
        self.wanted.emit(self.title.text(), self.tags.text())
