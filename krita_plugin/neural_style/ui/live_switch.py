"""The switch of Live and where it stands; always in sight, as the buttons of a job are."""

from ..neural_style_client import live_session as live
from ..neural_style_client.translations import N_, tr
from ..qt import QtCore, QtWidgets
from .layout import button, column, label, named, row

WORDS = {
    live.WORKING: N_("Live: working…"),
    live.UP_TO_DATE: N_("Live: up to date"),
    live.WAITING: N_("Live: waiting."),
}
COLOURS = {live.WORKING: (70, 130, 200), live.UP_TO_DATE: (80, 170, 90), live.WAITING: (215, 160, 50)}


class LiveSwitch(QtWidgets.QWidget):
    """`switched(bool)`; `keep` and `full` are buttons that are there while Live is on."""

    switched = QtCore.pyqtSignal(bool)

    def __init__(self):
        super().__init__()
        tip = tr("The style follows your brush: a preview above the current layer keeps up with what you paint")
        self.box = named(QtWidgets.QCheckBox(tr("&Live")), "live", tr("Live"), tip)
        self.box.clicked.connect(self.switched)
        self.dot = QtWidgets.QLabel("●")
        self.words = named(label(""), "live_state", tr("State of Live"))
        self.keep = button("live_keep", tr("Keep"), tr("Switch Live off; its picture stays as an ordinary layer"))
        tip = tr("Switch Live off, and paint the layer with the size that is chosen above, from where Live stands")
        self.full = button("live_full", tr("Paint full size"), tip)
        self.buttons = QtWidgets.QWidget()
        self.buttons.setLayout(row(self.keep, self.full))
        self.setLayout(column(row(self.box, self.dot, self.words), self.buttons))
        self.layout().itemAt(0).layout().setStretch(2, 1)
        self.show_live(False, live.State(live.GONE))

    def show_live(self, is_on, state):
        """`state`: of the session; what it says is read out as the description of the words."""
        self.box.setChecked(is_on)
        self.buttons.setVisible(is_on)
        self.dot.setVisible(is_on)
        if is_on:
            self.dot.setStyleSheet("color: rgb({}, {}, {})".format(*COLOURS[state.word]))
        words = "{} {}".format(tr(WORDS[state.word]) if is_on else "", state.why).strip()
        self.words.setText(words)
        self.words.setAccessibleDescription(words)
