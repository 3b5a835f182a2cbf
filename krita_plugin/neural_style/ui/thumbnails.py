"""Small pictures of the presets, shared by all who show them: each is fetched and cut once."""

from ..neural_style_client import preset_filters
from ..qt import Qt, QtCore, QtGui, QtWidgets
from .layout import choice, select

ICON = QtCore.QSize(64, 64)
SMALL = 24


class Thumbnails(QtCore.QObject):
    """`arrived(name)`: that preset has a picture now."""

    arrived = QtCore.pyqtSignal(str)

    def __init__(self):
        super().__init__()
        self._icons = {}

    def add(self, name, data):
        """`data`: a PNG file's bytes."""
        picture = QtGui.QPixmap()
        if picture.loadFromData(data):
            self._icons[name] = QtGui.QIcon(_square(picture))
            self.arrived.emit(name)

    def icon(self, name):
        """A preset's picture; grey as long as there is none."""
        return self._icons.get(name) or _blank()


class PresetChoice(QtCore.QObject):
    """A drop-down list of all presets with their pictures; `box` is the widget, which takes it along when it goes."""

    def __init__(self, name, words, thumbnails, tip=""):
        box = choice(name, words, [], tip)
        super().__init__(box)
        self.box = box
        self.box.setIconSize(QtCore.QSize(SMALL, SMALL))
        self._thumbnails = thumbnails
        self._wanted = ""
        self.box.currentIndexChanged.connect(self._keep)
        thumbnails.arrived.connect(self._show_thumbnail)

    @property
    def name(self):
        """The chosen preset; "" before there is one."""
        return self._wanted

    def show_presets(self, presets):
        """Offer these; what was chosen stays chosen, and is told by its name where it is gone."""
        self.box.blockSignals(True)
        self.box.clear()
        for preset in sorted(presets, key=lambda one: preset_filters.title(one).lower()):
            name = preset["name"]
            self.box.addItem(self._thumbnails.icon(name), preset_filters.title(preset), name)
        self.box.blockSignals(False)
        self.choose(self._wanted)

    def choose(self, name):
        self.box.blockSignals(True)
        if name and self.box.count() and self.box.findData(name) < 0:
            self.box.addItem(self._thumbnails.icon(name), name, name)
        self.box.setCurrentIndex(-1)
        select(self.box, name)
        self.box.blockSignals(False)
        self._wanted = name

    def _keep(self, _):
        self._wanted = self.box.currentData() or ""

    def _show_thumbnail(self, name):
        place = self.box.findData(name)
        if place >= 0:
            self.box.setItemIcon(place, self._thumbnails.icon(name))


class Picture(QtWidgets.QLabel):
    """One preset's picture, small; screen readers are told its title beside it."""

    def __init__(self, thumbnails):
        super().__init__()
        self._thumbnails = thumbnails
        self._name = ""
        self.setFixedSize(SMALL, SMALL)
        thumbnails.arrived.connect(self._show_again)  # Qt lets go of a method of what is gone, not of a function
        self.show_preset("")

    def show_preset(self, name):
        self._name = name
        self.setPixmap(self._thumbnails.icon(name).pixmap(SMALL, SMALL))

    def _show_again(self, _):
        self.show_preset(self._name)


def _blank():
    picture = QtGui.QPixmap(ICON)
    picture.fill(QtGui.QColor(128, 128, 128, 60))
    return QtGui.QIcon(picture)


def _square(picture):
    """The middle of a picture, cut square, so that all have the same size."""
    side = min(picture.width(), picture.height())
    cut = picture.copy((picture.width() - side) // 2, (picture.height() - side) // 2, side, side)
    return cut.scaled(ICON * 2, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
