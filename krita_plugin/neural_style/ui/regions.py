"""Parts of the picture in styles of their own: a short list of what marks each, its style, what of the style's image it
is painted with, and its weight."""

from ..neural_style_client.regions import MOST_REGIONS, ONE, RESULTS, WHOLE, Region
from ..neural_style_client.style_part import WHOLE_STYLE
from ..neural_style_client.translations import tr
from ..qt import QtCore, QtWidgets
from .layer_choice import LayerChoice
from .layout import button, choice, column, form, guard_wheel, label, named, remove_button, row, select, tab_before
from .style_part import PartDialog
from .thumbnails import PresetChoice


class RegionRow(QtWidgets.QWidget):
    """`removed` when the painter wants it no longer, `part_wanted` when they want to choose one."""

    changed = QtCore.pyqtSignal()
    removed = QtCore.pyqtSignal()
    part_wanted = QtCore.pyqtSignal()

    def __init__(self, number, thumbnails, look):
        super().__init__()
        name, words = "region_{}".format(number), tr("Region {}", number)
        tip = tr("The mask or layer that marks it. A hidden one marks, too")
        self.layer = LayerChoice(name, words, look, tip)
        self.remove = remove_button(name + "_remove", tr("Take {} away", words))
        self.style = PresetChoice(name + "_style", tr("Style of {}", words), thumbnails)
        tip = tr("Less than 100 mixes it with the style above")
        self.weight = named(QtWidgets.QSpinBox(), name + "_weight", tr("Weight of {}", words), tip)
        self.weight.setRange(1, WHOLE)
        self.weight.setValue(WHOLE)
        self.weight.setSuffix(" %")
        self.weight.setFixedWidth(64)
        guard_wheel(self.weight)
        self._words = words
        self.part = WHOLE_STYLE
        self.part_button = button(name + "_part", "", tr("Choose a part of the style image"))
        rows = row(self.layer.box, self.remove), row(self.style.box, self.weight), self.part_button
        self.setLayout(column(*rows, spacing=2))
        self.show_part(WHOLE_STYLE)
        self.layer.box.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.style.box.currentIndexChanged.connect(self._change_style)
        self.weight.valueChanged.connect(lambda _: self.changed.emit())
        self.remove.clicked.connect(self.removed)
        self.part_button.clicked.connect(self.part_wanted)

    def show_region(self, region):
        self.layer.choose(region.mark, region.layer)
        self.style.choose(region.preset)
        self.weight.setValue(round(region.weight))
        self.show_part(region.part)

    def show_part(self, part):
        self.part = part
        self.part_button.setText(part.words())
        self.part_button.setAccessibleName(tr("Style image of {}: {}", self._words, part.words()))
        self.part_button.setAccessibleDescription(part.place_words())

    def _change_style(self, _):
        self.show_part(WHOLE_STYLE)  # another style has another picture
        self.changed.emit()

    def region(self):
        identity, name = self.layer.chosen
        return Region(name, self.style.name, self.weight.value(), identity, self.part)


class Regions(QtWidgets.QWidget):
    """`look()` gives what can mark one; `fetch(preset, show, failed)` calls `show` with the PNG of a style image.
    `changed` when the painter chose, added or removed one."""

    changed = QtCore.pyqtSignal()

    def __init__(self, thumbnails, look, fetch):
        super().__init__()
        self._thumbnails, self._look, self._fetch = thumbnails, look, fetch
        self._presets = []
        self._first = ""
        self._rows = []
        tip = tr("Paint a part of the picture in another style. A mask or a layer marks it")
        self.about = label(tr("What no region marks is painted in the style above."), dim=True)
        self.add = button("region_add", tr("Add a region"), tip)
        tip = tr("In a group each region can be hidden, faded and painted over by itself")
        self.result = choice("region_result", tr("Result"), RESULTS, tip)
        self.result_row = QtWidgets.QWidget()
        self.result_row.setLayout(form((tr("Result"), self.result)))
        self._list = column(spacing=8)
        self.setLayout(column(self._list, self.about, self.add, self.result_row))
        self.add.clicked.connect(self._add)
        self.result.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.show_values(())

    def show_presets(self, presets):
        self._presets = presets
        for one in self._rows:
            one.style.show_presets(presets)

    def show_first(self, name):
        """Which style the rest is painted in: a new region is offered another."""
        self._first = name

    def show_result(self, result):
        select(self.result, result)

    def show_values(self, regions):
        """Show these; as many rows as there are regions."""
        while len(self._rows) > len(regions):
            gone = self._rows.pop()
            gone.setParent(None)
            gone.deleteLater()
        while len(self._rows) < len(regions):
            self._rows.append(self._made(len(self._rows) + 1))
        for one, region in zip(self._rows, regions):
            one.show_region(region)
        self.add.setEnabled(len(self._rows) < MOST_REGIONS)
        self.result_row.setVisible(bool(regions))
        self.changed.emit()

    def values(self):
        return tuple(one.region() for one in self._rows)

    def chosen_result(self):
        return self.result.currentData() or ONE

    def _made(self, number):
        made = RegionRow(number, self._thumbnails, self._look)
        made.style.show_presets(self._presets)
        made.changed.connect(self.changed)
        made.removed.connect(lambda: self._remove(made))
        made.part_wanted.connect(lambda: self._ask_for_part(made))
        self._list.addWidget(made)
        tab_before(self.add, (made.layer.box, made.remove, made.style.box, made.weight, made.part_button))
        return made

    def _add(self):
        known = self.values()
        marked, taken = {one.mark for one in known}, {self._first, *(one.preset for one in known)}
        found = list(self._look())
        mark = next(iter([one for one in found if one[0] not in marked] or found), ("", ""))
        style = next((one["name"] for one in self._presets if one["name"] not in taken), self._first)
        self.show_values([*known, Region(mark[1], style, mark=mark[0])])
        self._rows[-1].layer.box.setFocus()

    def _ask_for_part(self, asking):
        """Let the painter choose what of the style's image a region is painted with."""
        preset = next((one for one in self._presets if one["name"] == asking.style.name), None)
        if preset is None:
            return
        dialog = PartDialog(self, preset, asking.part)
        dialog.accepted.connect(lambda: self._take_part(asking, preset["name"], dialog.picture.part))
        dialog.open()
        self._fetch(preset["name"], dialog.show_picture, dialog.show_problem)

    def _take_part(self, asking, preset, part):
        if asking in self._rows and asking.style.name == preset:
            asking.show_part(part)
            self.changed.emit()

    def _remove(self, gone):
        self.show_values([one.region() for one in self._rows if one is not gone])
        self.add.setFocus()
