"""The presets as pictures, with search, tags, favourites and recent ones."""

from ..neural_style_client import preset_filters
from ..neural_style_client.translations import tr
from ..qt import Qt, QtCore, QtWidgets
from .layout import choice, column, label, make_bold, named, row, tip_of
from .thumbnails import ICON

CELL = QtCore.QSize(75, 96)


class Gallery(QtWidgets.QWidget):
    """`chosen(name)`: another preset was clicked; `favoured(name, bool)`: its star was."""

    chosen = QtCore.pyqtSignal(str)
    favoured = QtCore.pyqtSignal(str, bool)

    def __init__(self, thumbnails):
        super().__init__()
        self._presets = []
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(self._show_thumbnail)
        self.name = ""
        self._make()
        self.setLayout(column(row(self.search, self.narrowed), self.list, row(self.words, self.star), self.nothing))

    def _make(self):
        self.search = named(QtWidgets.QLineEdit(), "search", tr("Search styles"))
        self.search.setPlaceholderText(tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(60)
        self.search.textChanged.connect(self._fill)
        self.narrowed = choice("filter", tr("Which styles are shown"), preset_filters.filters([]))
        self.narrowed.currentIndexChanged.connect(self._fill)
        self.list = named(QtWidgets.QListWidget(), "gallery", tr("Styles"))
        self._dress(self.list)
        self.list.currentItemChanged.connect(self._choose)
        self.words = label("")
        make_bold(self.words)
        tip = tr("Keep this style among the favourites")
        self.star = named(QtWidgets.QToolButton(), "favourite", tr("Favourite"), tip)
        self.star.setCheckable(True)
        self.star.setAutoRaise(True)
        self.star.setText("☆")
        self.star.clicked.connect(lambda checked: self.favoured.emit(self.name, checked))
        self.nothing = label(tr("No style matches. Clear the search to see all."), dim=True)
        self.nothing.setVisible(False)

    def _dress(self, view):
        view.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        view.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        view.setMovement(QtWidgets.QListView.Movement.Static)
        view.setUniformItemSizes(True)
        view.setIconSize(ICON)
        view.setGridSize(CELL)
        view.setWordWrap(True)
        view.setTextElideMode(Qt.TextElideMode.ElideRight)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setVerticalScrollMode(QtWidgets.QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setMinimumSize(CELL.width() * 2, CELL.height() * 2 + 10)
        view.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Expanding)

    def show_presets(self, found):
        """Show these; what was chosen stays chosen."""
        self._presets = found
        wanted = self.narrowed.currentData()
        self.narrowed.blockSignals(True)
        self.narrowed.clear()
        for value, words in preset_filters.filters(found):
            self.narrowed.addItem(words, value)
        self.narrowed.setCurrentIndex(max(0, self.narrowed.findData(wanted)))
        self.narrowed.blockSignals(False)
        self._fill()

    def _show_thumbnail(self, name):
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) == name:
                item.setIcon(self._thumbnails.icon(name))

    def choose(self, name):
        """Make this the chosen preset, visible in the list or not."""
        self.name = name
        self._mark()

    def _items(self):
        return [self.list.item(place) for place in range(self.list.count())]

    def _fill(self, *_):
        self.list.blockSignals(True)
        self.list.clear()
        narrowed = self.narrowed.currentData() or preset_filters.ALL
        shown = preset_filters.shown(self._presets, narrowed, self.search.text())
        for preset in shown:
            self.list.addItem(self._item(preset))
        self.nothing.setVisible(bool(self._presets) and not shown)
        self.list.blockSignals(False)
        self._mark()

    def _item(self, preset):
        title = preset_filters.title(preset)
        star = "★ " if preset.get("favourite") else ""
        item = QtWidgets.QListWidgetItem(self._thumbnails.icon(preset["name"]), star + title)
        item.setData(Qt.ItemDataRole.UserRole, preset["name"])
        item.setData(Qt.ItemDataRole.AccessibleTextRole, title)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, preset_filters.description(preset))
        item.setToolTip(tip_of(title, preset_filters.description(preset)))
        item.setSizeHint(CELL)
        return item

    def _mark(self):
        """Let list, words and star say which preset is chosen."""
        self.list.blockSignals(True)
        self.list.setCurrentItem(None)
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) == self.name:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        preset = next((one for one in self._presets if one["name"] == self.name), None)
        title = preset_filters.title(preset) if preset else tr("Choose a style")
        self.words.setText(title)
        self.words.setToolTip(tip_of(title, preset_filters.description(preset)) if preset else "")
        favourite = bool(preset and preset.get("favourite"))
        self.star.setEnabled(preset is not None)
        self.star.setChecked(favourite)
        self.star.setText("★" if favourite else "☆")

    def _choose(self, item, _):
        if item is not None:
            self.name = item.data(Qt.ItemDataRole.UserRole)
            self._mark()
            self.chosen.emit(self.name)
