"""Asks for the part of a style image that a region is painted with: a rectangle, drawn or moved on the image."""

from ..neural_style_client import preset_filters
from ..neural_style_client.style_part import SIDE, WHOLE_STYLE, between
from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtGui, QtWidgets
from .layout import button, column, label, named, plain_label, row

LONGEST = 400
STEP = 2
"""How far an arrow key moves or resizes, in percent."""

_MOVES = {
    Qt.Key.Key_Left: (-STEP, 0),
    Qt.Key.Key_Right: (STEP, 0),
    Qt.Key.Key_Up: (0, -STEP),
    Qt.Key.Key_Down: (0, STEP),
}


class PartDialog(QtWidgets.QDialog):
    """`picture.part` is what the painter has chosen once it is accepted."""

    def __init__(self, parent, preset, part):
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        named(self, "style_part", tr("Part of the style image"))
        self.setWindowTitle(tr("Part of the style image"))
        title = preset_filters.title(preset)
        about = plain_label(tr("Draw a rectangle around the part of “{}” that the region is painted with.", title))
        self.picture = PartPicture(part)
        self.place = QtWidgets.QLabel(part.place_words())
        keys = label(tr("Arrow keys move it, with Shift they change its size."), dim=True)
        many = label("", dim=True)
        count = len(preset["images"])
        if count > 1:
            many.setText(tr("This style has {} images; the same part is taken of each. The first is shown.", count))
        many.setVisible(count > 1)
        self.problem = plain_label("")
        self.problem.setObjectName("neural_style_style_part_problem")
        self.problem.setVisible(False)
        whole = button("style_part_whole", tr("Whole image"), tr("Paint with the whole style image"))
        cancel = button("style_part_cancel", tr("Cancel"), tr("Leave it as it was"))
        use = button("style_part_use", tr("Use this part"), tr("Paint the region with this part"))
        use.setDefault(True)
        buttons = row(whole, None, cancel, use)
        layout = column(about, self.picture, self.place, keys, many, self.problem, buttons, spacing=8)
        layout.setAlignment(self.picture, Qt.AlignmentFlag.AlignHCenter)
        layout.setContentsMargins(12, 12, 12, 12)
        self.setLayout(layout)
        self.picture.changed.connect(lambda: self.place.setText(self.picture.part.place_words()))
        whole.clicked.connect(lambda: self.picture.show_part(WHOLE_STYLE))
        cancel.clicked.connect(self.reject)
        use.clicked.connect(self.accept)
        self._is_open = True
        self.finished.connect(self._close_down)
        self.picture.setFocus()

    def show_picture(self, data):
        if self._is_open:
            self.picture.show_picture(data)
            self.adjustSize()

    def show_problem(self, text):
        if self._is_open:
            self.problem.setText("⚠ {}".format(text))
            self.problem.setVisible(True)

    def _close_down(self, _):
        self._is_open = False


class PartPicture(QtWidgets.QWidget):
    """The style image, dark beside the part. `changed` when the painter draws, moves or resizes it."""

    changed = QtCore.pyqtSignal()

    def __init__(self, part):
        super().__init__()
        self.part = part
        self._pixmap = None
        self._start = self._dragged = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedSize(LONGEST, LONGEST * 3 // 4)
        self._tell()

    def show_picture(self, data):
        """`data`: a PNG file's bytes."""
        found = QtGui.QPixmap()
        if not found.loadFromData(data):
            return
        modes = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        self._pixmap = found.scaled(LONGEST, LONGEST, *modes)
        self.setFixedSize(self._pixmap.size())
        self.update()

    def show_part(self, part):
        self.part = part
        self.update()
        self._tell()
        self.changed.emit()

    def _tell(self):
        named(self, "style_part_picture", tr("Part of the style image"))
        self.setAccessibleDescription(self.part.place_words())

    def paintEvent(self, event):
        if self._pixmap is None:
            return
        painter = QtGui.QPainter(self)
        painter.drawPixmap(0, 0, self._pixmap)
        painter.fillRect(self.rect(), QtGui.QColor(20, 20, 20, 170))
        inside = QtCore.QRect(*self.part.box(self.width(), self.height()))
        painter.drawPixmap(inside, self._pixmap, inside)
        white, focused = QtGui.QColor(255, 255, 255), self.palette().color(QtGui.QPalette.ColorRole.Highlight)
        painter.setPen(QtGui.QPen(focused if self.hasFocus() else white, 2))
        painter.drawRect(inside.adjusted(1, 1, -1, -1))
        painter.end()

    def _place_of(self, event):
        """In percent of the image."""
        return SIDE * event.pos().x() / self.width(), SIDE * event.pos().y() / self.height()

    def mousePressEvent(self, event):
        self._start = self._place_of(event)
        inside = not self.part.is_whole and self.part.holds(self._start)
        self._dragged = self.part if inside else None

    def mouseMoveEvent(self, event):
        if self._start is None:
            return
        place = self._place_of(event)
        if self._dragged is None:
            self.show_part(between(self._start, place))
        else:
            way = [round(here - there) for here, there in zip(place, self._start)]
            self.show_part(self._dragged.moved(*way))

    def mouseReleaseEvent(self, event):
        self._start = self._dragged = None

    def keyPressEvent(self, event):
        way = _MOVES.get(event.key())
        if way is None:
            super().keyPressEvent(event)
            return
        resizes = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.show_part((self.part.grown if resizes else self.part.moved)(*way))
