"""Where to paint: this computer, or one of those that `neural-style remote add` has named. Shown where there is one."""

from ..neural_style_client import remotes
from ..neural_style_client.translations import tr
from ..qt import QtCore, QtWidgets
from .layout import choice, row, select


class Where(QtWidgets.QWidget):
    """`chosen` says the name that the painter has chosen, "" for this computer."""

    chosen = QtCore.pyqtSignal(str)

    def __init__(self):
        super().__init__()
        tip = tr("The computer that paints; the styles are those that it has")
        self.box = choice("where", tr("Paint on"), [], tip)
        layout = row(QtWidgets.QLabel(tr("Paint on")), self.box)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.box.activated.connect(lambda place: self.chosen.emit(self.box.itemData(place)))
        self.refill()

    def refill(self):
        """Offer the computers that are known now."""
        names = remotes.names()
        self.box.clear()
        self.box.addItem(tr("this computer"), "")
        for name in names:
            self.box.addItem(name, name)
        select(self.box, remotes.chosen())
        self.setVisible(bool(names))
