"""The one place that imports Qt: PyQt5 in Krita 5, PyQt6 in Krita 6. Both understand enums with their scope."""

try:
    from PyQt5 import QtCore, QtGui, QtWidgets
except ImportError:
    from PyQt6 import QtCore, QtGui, QtWidgets

Qt = QtCore.Qt
QByteArray = QtCore.QByteArray
QTimer = QtCore.QTimer

__all__ = ["QByteArray", "QTimer", "Qt", "QtCore", "QtGui", "QtWidgets"]
