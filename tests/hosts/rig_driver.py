"""Drives Krita from within, for tests: the rig lays this module beside the test's plug-in.

    from krita import Krita
    from rig_driver import documents, drive, screenshot

    @drive                          # runs once Krita's window is there and the documents are open
    def test():
        node = Krita.instance().activeDocument().topLevelNodes()[0]
        yield 0.5                   # seconds for Krita's own event loop
        yield lambda: node.bounds().width() == 64          # until this is true, 10 s at most
        yield until(lambda: node.bounds().height() == 64, 30)
        return {"width": node.bounds().width()}            # the result, exit status 0

An exception ends Krita with status 1 and the result {"error": …, "traceback": …}; `finish(code, result)` ends
it at once. Krita's calls spin its event loop, so the next step is only scheduled when one has returned.
"""

import inspect
import json
import os
import subprocess
import time
import traceback

from krita import Krita

try:
    from PyQt5 import QtCore, QtGui, QtTest, QtWidgets
except ImportError:  # Krita 6
    from PyQt6 import QtCore, QtGui, QtTest, QtWidgets

__all__ = ["QtCore", "QtGui", "QtTest", "QtWidgets"]  # for drivers: the Qt of this Krita
QTimer = QtCore.QTimer

POLL_MS = 50
PATIENCE_S = 10.0
_alive = []  # Python must not collect what Qt calls back


class until:
    """What a step yields to wait for a condition longer, or shorter, than `PATIENCE_S`."""

    def __init__(self, condition, timeout_s=PATIENCE_S):
        self.condition = condition
        self.deadline = time.monotonic() + timeout_s


def drive(function):
    """Run a function, or a generator function step by step, in Krita; see the module's docstring."""
    notifier = Krita.instance().notifier()
    notifier.setActive(True)
    run = _Run(function)
    notifier.windowCreated.connect(run.start)
    _alive.extend([notifier, run])
    return function


def documents():
    """The paths of the documents that the test named."""
    return json.loads(os.environ["RIG_DOCUMENTS"])


def open_document(path):
    """Open a document in Krita's window."""
    document = Krita.instance().openDocument(str(path))
    if document is None:
        raise OSError(f"Krita could not open {path}")
    Krita.instance().activeWindow().addView(document)
    return document


def find_docker(object_name):
    """The docker with the id that its factory was given."""
    for docker in Krita.instance().dockers():
        if docker.objectName() == object_name:
            return docker
    known = sorted(docker.objectName() for docker in Krita.instance().dockers())
    raise LookupError(f"no docker {object_name!r} among {known}")


def screenshot(path):
    """Write a picture of the whole screen."""
    subprocess.run(["import", "-window", "root", str(path)], check=True, timeout=30)


def finish(code, result=None):
    """Hand the result to the test and end Krita with this status (its own way out crashes it)."""
    with open(os.environ["RIG_RESULT"], "w", encoding="utf-8") as file:
        json.dump(result, file, default=str)
    os._exit(code)


class _Run:
    def __init__(self, function):
        self.function = function
        self.started = False

    def start(self):
        if not self.started:
            self.started = True
            self.steps = _with_documents(self.function)
            self._later(self._step)

    def _later(self, call, seconds=POLL_MS / 1000):
        QTimer.singleShot(int(seconds * 1000), call)

    def _step(self, error=None):
        try:
            wish = self.steps.throw(error) if error else next(self.steps)
        except StopIteration as end:
            finish(0, end.value)
        except BaseException as failure:
            finish(1, {"error": f"{type(failure).__name__}: {failure}", "traceback": traceback.format_exc()})
        if callable(wish):
            wish = until(wish)
        if isinstance(wish, until):
            self._poll(wish)
        else:
            self._later(self._step, wish or 0)

    def _poll(self, wish):
        try:
            done = wish.condition()
        except Exception as failure:
            return self._step(failure)
        if done:
            return self._step()
        if time.monotonic() > wish.deadline:
            return self._step(TimeoutError("what was waited for did not happen"))
        return self._later(lambda: self._poll(wish))


def _with_documents(function):
    yield until(lambda: Krita.instance().activeWindow() is not None, 60)
    for path in documents():
        open_document(path)
        yield 0.2
    if not inspect.isgeneratorfunction(function):
        return function()
    return (yield from function())
