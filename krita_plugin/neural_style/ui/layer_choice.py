"""A drop-down list of the document's layers: Krita tells nobody when they change, so it looks when it is used."""

from ..neural_style_client.translations import tr
from ..qt import Qt, QtWidgets
from .layout import choice


class _Box(QtWidgets.QComboBox):
    about_to_choose = None

    def showPopup(self):
        self.about_to_choose()
        super().showPopup()

    def focusInEvent(self, event):
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # else the open list closes: its choice is still to come
            self.about_to_choose()
        super().focusInEvent(event)


class LayerChoice:
    """`box` is the widget; `look()` gives what can be chosen as (identity, name) pairs."""

    def __init__(self, name, words, look, tip=""):
        self.box = choice(name, words, [], tip, _Box)
        self.box.about_to_choose = self.refill
        self.box.setPlaceholderText(tr("Choose a layer"))
        self._look = look
        self._wanted = ("", "")
        self.box.currentIndexChanged.connect(self._keep)

    @property
    def chosen(self):
        """(identity, name); empty before there is one."""
        return self._wanted

    def choose(self, identity, name):
        """One that is not in this document is still shown, by its name."""
        self._wanted = (identity, name)
        self.refill()

    def refill(self):
        """Offer the layers that there are now; what was chosen stays chosen."""
        found = list(self._look())
        identity, name = self._wanted
        same = [one for one in found if one[0] == identity] or [one for one in found if name and one[1] == name]
        if not same and name:
            same = [self._wanted]
            found.append(self._wanted)
        if same:
            self._wanted = tuple(same[0])
        self.box.blockSignals(True)
        self.box.clear()
        for one in found:
            self.box.addItem(one[1], tuple(one))
        self.box.setCurrentIndex(found.index(same[0]) if same else -1)
        self.box.blockSignals(False)

    def _keep(self, place):
        if place >= 0:
            self._wanted = tuple(self.box.itemData(place))
