"""Small parts that the docker's panels are made of: foldable sections, labelled rows, accessible names."""

import html

from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtGui, QtWidgets

PREFIX = "neural_style_"


def named(widget, name, words, tip=""):
    """Give a widget its object name (for tests and style sheets) and its name for a screen reader."""
    widget.setObjectName(PREFIX + name)
    widget.setAccessibleName(words)
    if tip:
        widget.setToolTip(tip)
        widget.setAccessibleDescription(tip)
    return widget


def button(name, words, tip):
    made = named(QtWidgets.QPushButton(words), name, words, tip)
    made.setMinimumWidth(40)
    return made


def remove_button(name, words):
    """A small cross; `words` say to screen readers what it takes away."""
    made = named(QtWidgets.QToolButton(), name, words, words)
    made.setAutoRaise(True)
    made.setText("✕")
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def tab_before(widget, others):
    """Let the tab key come to these, in their order, before a widget: what is made later would else come last."""
    before = widget.previousInFocusChain()
    while before.focusPolicy() == Qt.FocusPolicy.NoFocus:
        before = before.previousInFocusChain()
    for one in others:
        QtWidgets.QWidget.setTabOrder(before, one)
        before = one


def make_bold(widget):
    font = widget.font()
    font.setBold(True)
    widget.setFont(font)


def column(*items, spacing=4):
    """A vertical layout without margins."""
    return _filled(QtWidgets.QVBoxLayout(), items, spacing)


def row(*items, spacing=4):
    return _filled(QtWidgets.QHBoxLayout(), items, spacing)


def _filled(layout, items, spacing):
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for item in items:
        if isinstance(item, QtWidgets.QLayout):
            layout.addLayout(item)
        elif item is None:
            layout.addStretch(1)
        else:
            layout.addWidget(item)
    return layout


def plain_label(words=""):
    """A label that is as high as its text needs. Names of layers and styles may hold what Qt takes for HTML."""
    found = QtWidgets.QLabel(words)
    found.setTextFormat(Qt.TextFormat.PlainText)
    found.setWordWrap(True)
    return found


def tip_of(title, words=""):
    """A tooltip that shows names as they are written."""
    bold = "<b>{}</b>".format(html.escape(title))
    return "{}<br>{}".format(bold, html.escape(words)) if words else bold


def label(words, dim=False):
    """A label that may be narrower than its text."""
    found = plain_label(words)
    found.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred)
    if dim:  # between the theme's text and its ground: readable in dark and light themes
        palette, roles = found.palette(), QtGui.QPalette.ColorRole
        text = mixed(palette.color(roles.WindowText), palette.color(roles.Window), 0.3)
        palette.setColor(roles.WindowText, text)
        found.setPalette(palette)
    return found


def mixed(one, other, share):
    """A colour that has so much of the other."""
    parts = [round(a * (1 - share) + b * share) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3])]
    return QtGui.QColor(*parts)


def choice(name, words, options, tip="", kind=QtWidgets.QComboBox):
    """A combo box of (value, words) whose width does not depend on its longest text."""
    box = named(kind(), name, words, tip)
    box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
    for value, text in options:
        box.addItem(tr(text), value)
    guard_wheel(box)
    return box


def select(box, value):
    """Choose the entry with this value, if there is one."""
    place = box.findData(value)
    if place >= 0:
        box.setCurrentIndex(place)


def form(*pairs):
    """Labels to the left, widgets to the right, in as little width as possible."""
    layout = QtWidgets.QGridLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(6)
    layout.setVerticalSpacing(4)
    layout.setColumnStretch(1, 1)
    for place, (words, widget) in enumerate(pairs):
        text = QtWidgets.QLabel(words)
        if isinstance(widget, QtWidgets.QLayout):
            layout.addLayout(widget, place, 1)
        else:
            text.setBuddy(widget)
            layout.addWidget(widget, place, 1)
        layout.addWidget(text, place, 0)
    return layout


class _WheelGuard(QtCore.QObject):
    """Scrolling the docker must not turn the sliders that pass under the mouse."""

    def eventFilter(self, widget, event):
        if event.type() == QtCore.QEvent.Type.Wheel and not widget.hasFocus():
            event.ignore()
            return True
        return False


_GUARD = _WheelGuard()


def guard_wheel(widget):
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_GUARD)


class Section(QtWidgets.QWidget):
    """A heading that folds what is below it away."""

    folded = QtCore.pyqtSignal()

    def __init__(self, name, words, layout):
        super().__init__()
        self.name = name
        self.heading = named(QtWidgets.QToolButton(), "section_" + name, words, tr("Show or hide this section"))
        self.heading.setText(words)
        self.heading.setCheckable(True)
        self.heading.setAutoRaise(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        make_bold(self.heading)
        self.body = QtWidgets.QWidget()
        layout.setContentsMargins(6, 2, 2, 6)
        self.body.setLayout(layout)
        self.setLayout(column(self.heading, self.body, spacing=0))
        self.heading.toggled.connect(self._fold)
        self._fold(False)

    def set_open(self, is_open):
        self.heading.setChecked(is_open)

    def is_open(self):
        return self.heading.isChecked()

    def _fold(self, is_open):
        self.body.setVisible(is_open)
        arrow = Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow
        self.heading.setArrowType(arrow)
        self.folded.emit()
