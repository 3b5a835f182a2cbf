"""The docker: panels from top to bottom, wired to the studio. No pixel and no network here."""

from krita import DockWidget, Krita

from . import animation, parameters
from .controls import Controls
from .gallery import Gallery
from .memory import Memory
from .options import Expert, Options
from .past import Past
from .problems import Problem
from .progress import Progress
from .qt import Qt, QtWidgets
from .sections import Section, column, named
from .statusline import StatusLine
from .studio import Studio
from .words import tr

DOCKER_ID = "neural_style"


class NeuralStyleDocker(DockWidget):
    """Created by Krita once for every window."""

    def __init__(self):
        super().__init__()
        self.setWindowTitle(tr("Neural Style"))
        krita = Krita.instance()
        self.studio = Studio(self, Memory(krita.readSetting, krita.writeSetting))
        self.gallery, self.controls, self.options = Gallery(), Controls(), Options()
        self.expert, self.past, self.progress = Expert(), Past(), Progress()
        self.status = StatusLine()
        self._restoring = False
        self._lay_out()
        self._connect()
        self.use(self.studio.settings.last)
        self.studio.open()

    def _lay_out(self):
        self.sections = [
            Section("style", tr("Style"), column(self.gallery)),
            Section("controls", tr("Controls"), column(self.controls)),
            Section("options", tr("Size, frames and seed"), column(self.options)),
            Section("expert", tr("Expert"), column(self.expert)),
            Section("history", tr("History"), column(self.past)),
        ]
        inner = QtWidgets.QWidget()
        inner.setLayout(column(*self.sections, None, spacing=2))
        scroll = named(QtWidgets.QScrollArea(), "scroll", tr("Settings"))
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the tab key stops at what is in it, not at itself
        scroll.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        scroll.setWidget(inner)
        inner.setMinimumWidth(200)
        whole = QtWidgets.QWidget()
        layout = column(self.status, scroll, self.progress)
        layout.setContentsMargins(4, 2, 4, 4)
        layout.setStretch(1, 1)
        whole.setLayout(layout)
        self.setWidget(whole)
        self._inner = inner
        for section in self.sections:
            section.set_open(section.name in self.studio.settings.open_sections())
            section.folded.connect(self._remember_sections)
        self._share_height()

    def _connect(self):
        studio, progress, past = self.studio, self.progress, self.past
        self.gallery.chosen.connect(self._choose)
        self.gallery.favoured.connect(studio.catalogue.set_favourite)
        for panel in (self.controls, self.options, self.expert):
            panel.changed.connect(self._changed)
        progress.stylize.clicked.connect(lambda: studio.soon(self.stylize))
        progress.pause.clicked.connect(lambda: studio.soon(studio.pause_or_resume))
        progress.keep.clicked.connect(lambda: studio.soon(studio.keep))
        progress.cancel.clicked.connect(lambda: studio.soon(studio.cancel))
        past.again.connect(lambda entry: self.use(parameters.from_dict(entry.parameters)))
        past.more.connect(lambda entry, more: studio.soon(studio.follow, entry, more))
        past.back.connect(lambda entry: studio.soon(studio.follow, entry, 0))
        self.status.button.clicked.connect(lambda: studio.courier.look_again())
        self.visibilityChanged.connect(studio.attend)
        application = QtWidgets.QApplication.instance()
        application.aboutToQuit.connect(studio.close)

    # what the painter chose

    def chosen(self):
        return parameters.Parameters(
            preset=self.gallery.name,
            controls=self.controls.values(),
            **self.options.values(),
            **self.expert.values(),
        )

    def use(self, chosen):
        """Set everything as in these parameters."""
        self._restoring = True
        self.gallery.choose(chosen.preset)
        self.controls.show_preset(self.studio.catalogue.preset(chosen.preset) or {}, chosen.controls)
        self.options.show_values(chosen)
        self.expert.show_values(chosen)
        self._restoring = False
        self._changed()

    def stylize(self):
        try:
            frames = None
            if self.expert.range.isChecked():
                frames = animation.frames_between(self.expert.first.value(), self.expert.last.value())
            self.studio.stylize(self.chosen(), frames)
        except Problem as problem:
            self.show_problem(str(problem))

    def repeat(self):
        """The last job's settings on the current layer."""
        self.use(self.studio.settings.last)
        self.stylize()

    def _choose(self, name):
        self.controls.show_preset(self.studio.catalogue.preset(name) or {}, self.studio.settings.controls_of(name))

    def _changed(self):
        if not self._restoring:
            self.studio.want_forecast(self.chosen())

    def _share_height(self):
        """What the sections leave of the docker's height is the gallery's, if that is open."""
        style = self.sections[0]
        self._inner.layout().setStretchFactor(style, 1 if style.is_open() else 0)

    def _remember_sections(self):
        self._share_height()
        self.studio.settings.set_open_sections([one.name for one in self.sections if one.is_open()])

    # what the studio shows

    def show_status(self, status):
        self.status.show_status(status)

    def show_presets(self, presets):
        waiting = self.studio.settings.last
        name = self.gallery.name or waiting.preset
        if presets and self.studio.catalogue.preset(name) is None:
            name = presets[0]["name"]
        self.gallery.show_presets(presets, self.studio.settings.recent)
        self.gallery.choose(name)
        changed = waiting.controls if name == waiting.preset else self.studio.settings.controls_of(name)
        self.controls.show_preset(self.studio.catalogue.preset(name) or {}, changed)

    def show_thumbnail(self, name, data):
        self.gallery.show_thumbnail(name, data)

    def show_forecast(self, words):
        self.options.forecast.setText(words)

    def show_problem(self, words):
        self.progress.show_problem(words)

    def show_run(self, run):
        if run.phase == "reading":
            self.progress.begin()
        self.progress.show_run(run)
        self.past.set_running(self.studio.is_running)

    def show_progress(self, value):
        self.progress.show_progress(value)

    def show_history(self, entries):
        self.past.show_entries(entries)

    # what Krita tells

    def canvasChanged(self, canvas):
        """Krita calls this when another picture, or none, comes to the front."""
        self.studio.soon(self._visit)

    def _visit(self):
        document = Krita.instance().activeDocument()
        self.studio.visited(document)
        if document is not None:
            self.expert.show_range(*animation.range_of(document))
