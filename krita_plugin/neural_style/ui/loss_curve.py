"""The live loss curve: how far each term has fallen, against iterations, on a logarithmic scale."""

import math

from ..neural_style_client.translations import N_, tr
from ..qt import Qt, QtCore, QtGui, QtWidgets
from .layout import mixed, named

TERMS = ("total", "content", "style", "tv")
WORDS = {"total": N_("total"), "content": N_("content"), "style": N_("style"), "tv": N_("smoothness")}
MAX_POINTS = 600
HEIGHT = 72


class Series:
    """Points of every term; when there are too many, every other one goes."""

    def __init__(self):
        self.points = {term: [] for term in TERMS}

    def add(self, iteration, losses):
        for term in TERMS:
            value = losses.get(term)
            if isinstance(value, (int, float)) and value > 0 and math.isfinite(value):
                self.points[term].append((iteration, math.log10(value)))
        for term, points in self.points.items():
            if len(points) > MAX_POINTS:
                self.points[term] = points[::2] + points[-1:]

    def bounds(self):
        """(first, last iteration, lowest, highest power of ten), or None without points."""
        known = [point for points in self.points.values() for point in points]
        if not known:
            return None
        iterations, powers = zip(*known)
        low, high = min(powers), max(powers)
        return min(iterations), max(iterations), low, max(high, low + 0.1)


class LossCurve(QtWidgets.QWidget):
    """Painted with the theme's colours; screen readers are told the last numbers."""

    def __init__(self):
        super().__init__()
        named(self, "curve", tr("Loss curve"))
        self.setFixedHeight(HEIGHT)
        self.series = Series()

    def clear(self):
        self.series = Series()
        self.update()

    def add(self, iteration, losses):
        self.series.add(iteration, losses)
        words = ", ".join("{} {:.3g}".format(tr(WORDS[term]), losses[term]) for term in TERMS if losses.get(term))
        self.setAccessibleDescription(words)
        self.setToolTip(tr("Loss at iteration {}: {}", iteration, words))
        self.update()

    def paintEvent(self, _):
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        ground = self.palette().color(QtGui.QPalette.ColorRole.Base)
        painter.fillRect(self.rect(), ground)
        bounds = self.series.bounds()
        if bounds is None:
            painter.setPen(mixed(self._colour("total"), ground, 0.35))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("The loss curve appears here"))
            return
        for place, term in enumerate(TERMS):
            self._draw(painter, term, self._colour(term), bounds)
            self._legend(painter, place, term)

    def _colour(self, term):
        """Distinct hues of the lightness that the theme needs."""
        palette, roles = self.palette(), QtGui.QPalette.ColorRole
        if term == "total":
            return palette.color(roles.Text)
        dark = palette.color(roles.Base).lightness() < 128
        hue = {"content": 205, "style": 30, "tv": 130}[term]
        return QtGui.QColor.fromHsl(hue, 170, 165 if dark else 95)

    def _draw(self, painter, term, colour, bounds):
        points = self.series.points[term]
        if not points:
            return
        first, last, low, high = bounds
        box = QtCore.QRectF(self.rect()).adjusted(5, 16, -5, -5)
        across = box.width() / max(1, last - first)
        up = box.height() / (high - low)
        line = QtGui.QPolygonF(
            [QtCore.QPointF(box.left() + (x - first) * across, box.bottom() - (y - low) * up) for x, y in points]
        )
        painter.setPen(QtGui.QPen(colour, 2.0 if term == "total" else 1.2))
        if len(points) == 1:
            painter.drawEllipse(line.first(), 1.5, 1.5)
        painter.drawPolyline(line)

    def _legend(self, painter, place, term):
        font = painter.font()
        font.setPointSizeF(max(6.5, self.font().pointSizeF() - 1.5))
        painter.setFont(font)
        painter.setPen(self._colour(term))
        width = (self.width() - 10) / len(TERMS)
        painter.drawText(QtCore.QRectF(5 + place * width, 1, width, 14), Qt.AlignmentFlag.AlignVCenter, tr(WORDS[term]))
