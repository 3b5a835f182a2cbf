"""This document's jobs: go on with one, take its settings again, bring its result back, let it stay in the list."""

from ..neural_style_client.job_history import leaving
from ..neural_style_client.kept_frames import MAX_ITERATIONS
from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtWidgets
from .layout import button, column, guard_wheel, label, named, row, tip_of


class HistoryView(QtWidgets.QWidget):
    """`again(entry)`, `more(entry, iterations)`, `back(entry)` and `starred(entry, wanted)` say what the painter
    wants."""

    again = QtCore.pyqtSignal(object)
    more = QtCore.pyqtSignal(object, int)
    back = QtCore.pyqtSignal(object)
    starred = QtCore.pyqtSignal(object, bool)

    def __init__(self):
        super().__init__()
        self._running = False
        self.list = named(QtWidgets.QListWidget(), "history", tr("Jobs of this picture"))
        self.list.setFixedHeight(92)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda _: self._enable())
        self.nothing = label(tr("Nothing yet. Your jobs on this picture will be listed here."), dim=True)
        words = tr("The list is full: the next job takes the place of the oldest. A star lets one stay.")
        self.leaving = named(label(words, dim=True), "history_leaving", words)
        self.iterations = named(QtWidgets.QSpinBox(), "more_iterations", tr("How many more iterations"))
        self.iterations.setRange(1, MAX_ITERATIONS)
        self.iterations.setValue(100)
        self.iterations.setFixedWidth(64)
        guard_wheel(self.iterations)
        self.more_button = button("more", tr("More iterations"), tr("Go on where this job ended"))
        self.again_button = button("again", tr("Use these settings"), tr("Set everything as it was"))
        self.back_button = button("back", tr("Insert result"), tr("Bring the result back as a new layer"))
        tip = tr("Keep this job in the list, however many follow")
        self.star = named(QtWidgets.QToolButton(), "history_star", tr("Keep in the list"), tip)
        self.star.setCheckable(True)
        self.star.setAutoRaise(True)
        self.star.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        buttons = row(self.iterations, self.more_button, self.star), row(self.again_button, self.back_button)
        self.setLayout(column(self.nothing, self.list, self.leaving, *buttons))
        self.more_button.clicked.connect(lambda: self.more.emit(self.entry(), self.iterations.value()))
        self.again_button.clicked.connect(lambda: self.again.emit(self.entry()))
        self.back_button.clicked.connect(lambda: self.back.emit(self.entry()))
        self.star.clicked.connect(lambda checked: self.starred.emit(self.entry(), checked))
        self.show_entries([])

    def entry(self):
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def show_entries(self, entries):
        chosen = self.entry()
        self.list.clear()
        for entry in entries:
            item = QtWidgets.QListWidgetItem(("★ " if entry.starred else "") + entry.text())
            item.setToolTip(tip_of(entry.text()))
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
            if chosen is not None and chosen.job == entry.job:
                self.list.setCurrentItem(item)
        if entries and self.list.currentItem() is None:
            self.list.setCurrentRow(0)
        self.list.setVisible(bool(entries))
        self.nothing.setVisible(not entries)
        self.leaving.setVisible(leaving(entries) is not None)
        self._enable()

    def set_running(self, running):
        self._running = running
        self._enable()

    def _enable(self):
        entry = self.entry()
        self.again_button.setEnabled(entry is not None)
        self.star.setEnabled(entry is not None)
        self.star.setChecked(entry is not None and entry.starred)
        self.star.setText("★" if self.star.isChecked() else "☆")
        for one in (self.more_button, self.back_button, self.iterations):
            one.setEnabled(entry is not None and entry.has_result and not self._running)
