"""One line that always says where the daemon stands, and what the painter can do about it."""

from ..neural_style_client import status as states
from ..neural_style_client.translations import tr
from ..qt import QtWidgets
from .layout import column, label, named, row

COLOURS = {
    states.READY: (80, 170, 90),
    states.BUSY: (70, 130, 200),
    states.SLOW: (215, 160, 50),
    states.STARTING: (215, 160, 50),
    states.WARMING_UP: (215, 160, 50),
    states.LOST: (205, 80, 70),
    states.NOT_INSTALLED: (205, 80, 70),
}


class StatusLine(QtWidgets.QWidget):
    """A coloured dot, the state in words, the next step and, where there is one, its button."""

    def __init__(self):
        super().__init__()
        self.dot = QtWidgets.QLabel("●")
        self.dot.setSizePolicy(QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Fixed)
        self.title = named(label(""), "status", tr("Status of the daemon"))
        self.next_step = label("", dim=True)
        self.next_step.setObjectName("neural_style_next_step")
        self.button = named(QtWidgets.QPushButton(), "status_button", tr("Try again"))
        self.setLayout(column(row(self.dot, self.title, self.button), self.next_step, spacing=1))

    def show_status(self, status):
        short = status.state == states.READY
        self.title.setText("{} {}".format(status.title, status.next_step).strip() if short else status.title)
        self.title.setAccessibleDescription(status.next_step)
        self.next_step.setText(status.next_step)
        self.next_step.setVisible(bool(status.next_step) and not short)
        self.button.setText(status.button)
        self.button.setAccessibleName(status.button or tr("Try again"))
        self.button.setVisible(bool(status.button))
        self.dot.setStyleSheet("color: rgb({}, {}, {})".format(*COLOURS[status.state]))
