"""The buttons of a job and its progress."""

from ..neural_style_client import wording
from ..neural_style_client.translations import tr
from ..qt import QtWidgets
from ..run import job_run
from .layout import button, column, label, make_bold, named, row
from .loss_curve import LossCurve


class JobPanel(QtWidgets.QWidget):
    """Buttons, bar, iteration, time left and loss curve; always in sight below the rest."""

    def __init__(self):
        super().__init__()
        self.stylize = button("stylize", tr("Stylize"), tr("Paint the current layer in the chosen style"))
        self.stylize.setDefault(True)
        make_bold(self.stylize)
        self.stylize.setMinimumHeight(30)
        self.pause = button("pause", tr("Pause"), tr("Hold the job; it goes on where it was"))
        self.keep = button("keep_now", tr("Stop here and keep"), tr("End the job with the picture as it is now"))
        self.keep.setMinimumWidth(self.keep.sizeHint().width())
        self.cancel = button("cancel", tr("Cancel"), tr("End the job and take its layer away"))
        self.bar = named(QtWidgets.QProgressBar(), "bar", tr("Progress"))
        self.bar.setTextVisible(True)
        self.bar.setMaximumHeight(18)
        self.words = label("")
        self.words.setObjectName("neural_style_words")
        self.problem = label("")
        self.problem.setObjectName("neural_style_problem")
        self.problem.setVisible(False)
        self.curve = LossCurve()
        self.running = QtWidgets.QWidget()
        self.running.setLayout(column(row(self.pause, self.keep, self.cancel), self.bar, self.words))
        self.setLayout(column(self.problem, self.running, self.curve, self.stylize))
        self.show_run(None)

    def showEvent(self, event):
        """Dress what is still hidden now, not at the moment when the painter presses the button."""
        super().showEvent(event)
        for widget in self.running.findChildren(QtWidgets.QWidget):
            widget.ensurePolished()

    def show_problem(self, words):
        self.problem.setText(_marked(words))
        self.problem.setVisible(bool(words))

    def withdraw_problem(self, words):
        """It has passed; another that was shown since stays."""
        if self.problem.text() == _marked(words):
            self.show_problem("")

    def show_run(self, now):
        """Buttons and words for where this run stands; None before the first."""
        is_running = now is not None and now.phase != job_run.OVER
        self.running.setVisible(is_running)
        self.curve.setVisible(is_running or self.curve.series.bounds() is not None)
        self.stylize.setVisible(not is_running)
        if not is_running:
            return
        for one in (self.pause, self.keep):
            one.setEnabled(bool(now.record) and now.phase in (job_run.RUNNING, job_run.PAUSED))
        self.pause.setText(tr("Resume") if now.phase == job_run.PAUSED else tr("Pause"))
        self.pause.setAccessibleName(self.pause.text())
        if now.phase != job_run.RUNNING or not self.words.text():
            self.words.setText(tr(wording.STATES.get(now.state, now.state)))

    def begin(self):
        """Nothing is known yet. No moving bar: its animation takes half a core, and the daemon needs both."""
        self.curve.clear()
        self.bar.setRange(0, 1)
        self.bar.setValue(0)
        self.words.setText("")

    def show_progress(self, value):
        iteration, iterations = int(value.get("iteration") or 0), int(value.get("iterations") or 0)
        self.bar.setRange(0, max(1, iterations))
        self.bar.setValue(min(iteration, iterations))
        self.words.setText(wording.progress(value))
        self.curve.add(iteration, value.get("loss") or {})


def _marked(words):
    return "⚠ " + words if words else ""
