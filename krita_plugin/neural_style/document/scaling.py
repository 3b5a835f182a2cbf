"""Pictures made smaller and larger by Qt, a band at a time, in Krita's order of 8-bit channels (B, G, R, A)."""

from typing import Tuple

from ..neural_style_client.changed_area import Rectangle
from ..qt import QtCore, QtGui

_STRAIGHT = QtGui.QImage.Format.Format_ARGB32
_PREMULTIPLIED = QtGui.QImage.Format.Format_ARGB32_Premultiplied
_GREY = QtGui.QImage.Format.Format_Grayscale8


def reduced(data: bytes, size: Tuple[int, int], wanted: Tuple[int, int]) -> bytes:
    """A picture of `size` (width, height) at the smaller size `wanted`, averaged."""
    if size == wanted:
        return data
    image = QtGui.QImage(data, size[0], size[1], 4 * size[0], _STRAIGHT)
    return _bytes(_scaled(image, wanted).convertToFormat(_STRAIGHT), 4)


def reduced_weights(data: bytes, size: Tuple[int, int], wanted: Tuple[int, int]) -> bytes:
    """The same of one byte for each pixel."""
    if size == wanted:
        return data
    image = QtGui.QImage(data, size[0], size[1], size[0], _GREY)
    return _bytes(_scaled(image, wanted).convertToFormat(_GREY), 1)


def picture_of(data: bytes, width: int, height: int) -> QtGui.QImage:
    """For `enlarged`; it holds its own pixels."""
    return QtGui.QImage(data, width, height, 4 * width, _STRAIGHT).convertToFormat(_PREMULTIPLIED)


def enlarged(picture: QtGui.QImage, whole: Tuple[int, int], part: Rectangle) -> bytes:
    """A part of what the picture is at the larger size `whole`. Parts that touch show no seam."""
    band = QtGui.QImage(part.width, part.height, _PREMULTIPLIED)
    band.fill(QtCore.Qt.GlobalColor.transparent)
    painter = QtGui.QPainter(band)
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.setCompositionMode(QtGui.QPainter.CompositionMode.CompositionMode_Source)
    painter.translate(-part.x, -part.y)
    painter.scale(whole[0] / picture.width(), whole[1] / picture.height())
    painter.drawImage(0, 0, picture)
    painter.end()
    return _bytes(band.convertToFormat(_STRAIGHT), 4)


def _scaled(image: QtGui.QImage, wanted: Tuple[int, int]) -> QtGui.QImage:
    Qt = QtCore.Qt
    modes = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return image.scaled(wanted[0], wanted[1], *modes)


def _bytes(image: QtGui.QImage, pixel_bytes: int) -> bytes:
    """Without what Qt adds to the end of its rows."""
    row, padded = image.width() * pixel_bytes, image.bytesPerLine()
    data = image.constBits().asstring(padded * image.height())
    if row == padded:
        return data
    return b"".join(data[start : start + row] for start in range(0, len(data), padded))
