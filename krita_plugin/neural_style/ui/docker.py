"""The docker: panels from top to bottom, wired to the controller. No pixel and no network here."""

from functools import lru_cache

from krita import DockWidget, Krita

from ..controller import Controller
from ..document import marks
from ..neural_style_client.parameters import Parameters, restored
from ..neural_style_client.translations import tr
from ..qt import Qt, QtWidgets
from ..run.settings import FIRST, Settings
from .blend import Blend
from .dockers import Dockers
from .film_dialog import ask_for_film
from .gallery import Gallery
from .history_view import HistoryView
from .job_panel import JobPanel
from .layout import Section, column, named
from .live_switch import LiveSwitch
from .options import Expert, Options
from .preset_maker import PresetMakerView
from .print_dialog import ask_for_print
from .regions import Regions
from .sliders import Sliders
from .status_line import StatusLine
from .thumbnails import Thumbnails
from .where import Where

DOCKER_ID = "neural_style"


@lru_cache(maxsize=None)
def shared_controller():
    """The one of all windows; begun with the first."""
    krita = Krita.instance()
    controller = Controller(Dockers(), Settings(krita.readSetting, krita.writeSetting))
    QtWidgets.QApplication.instance().aboutToQuit.connect(controller.stop)
    controller.start()
    return controller


class NeuralStyleDocker(DockWidget):
    """Created by Krita once for every window."""

    def __init__(self):
        super().__init__()
        self.setWindowTitle(tr("Neural Style"))
        self.controller = shared_controller()
        self.is_seen = False
        self.thumbnails = Thumbnails()
        self.gallery, self.blend = Gallery(self.thumbnails), Blend(self.thumbnails)
        self.sliders, self.options = Sliders(), Options()
        self.regions = Regions(self.thumbnails, self._markers, self.controller.presets.fetch_style)
        self.preset_maker = PresetMakerView()
        self.expert, self.history, self.job_panel = Expert(self._layers), HistoryView(), JobPanel()
        self.status, self.where, self.live_switch = StatusLine(), Where(), LiveSwitch()
        self.show_status, self.show_history = self.status.show_status, self.history.show_entries
        self.show_thumbnail, self.show_forecast = self.thumbnails.add, self.options.forecast.setText
        self.show_problem, self.show_progress = self.job_panel.show_problem, self.job_panel.show_progress
        self.withdraw_problem = self.job_panel.withdraw_problem
        self.show_maker_problem = self.preset_maker.show_problem
        self.show_live = self.live_switch.show_live
        self._restoring = False
        self._lay_out()
        self._connect()
        self.use(self.controller.settings.last.changed(regions=()))  # they were another document's
        self.controller.welcome(self)

    def _lay_out(self):
        self.sections = [
            Section("style", tr("Style"), column(self.gallery, self.blend, self.preset_maker)),
            Section("regions", tr("Regions"), column(self.regions)),
            Section("controls", tr("Controls"), column(self.sliders)),
            Section("options", tr("Size, frames and seed"), column(self.options)),
            Section("expert", tr("Expert"), column(self.expert)),
            Section("history", tr("History"), column(self.history)),
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
        layout = column(self.status, self.where, scroll, self.live_switch, self.job_panel)
        layout.setContentsMargins(4, 2, 4, 4)
        layout.setStretch(2, 1)
        whole.setLayout(layout)
        self.setWidget(whole)
        self._inner = inner
        for section in self.sections:
            section.set_open(section.name in self.controller.settings.open_sections())
            section.folded.connect(self._remember_sections)
        self._share_height()

    def _connect(self):
        controller, panel, history = self.controller, self.job_panel, self.history
        self.gallery.chosen.connect(self._choose)
        self.gallery.favoured.connect(controller.presets.set_favourite)
        self.preset_maker.opener.clicked.connect(self.ask_for_preset)
        self.preset_maker.wanted.connect(lambda *words: controller.soon(controller.preset_maker.make, *words))
        for one in (self.blend, self.regions, self.sliders, self.options, self.expert):
            one.changed.connect(self._changed)
        self.options.print_wanted.connect(lambda: controller.soon(ask_for_print, self))
        self.expert.film_wanted.connect(lambda: controller.soon(ask_for_film, self))
        panel.stylize.clicked.connect(lambda: controller.soon(self.stylize))
        panel.pause.clicked.connect(lambda: controller.soon(controller.pause_or_resume))
        panel.keep.clicked.connect(lambda: controller.soon(controller.keep))
        panel.cancel.clicked.connect(lambda: controller.soon(controller.cancel))
        history.again.connect(lambda entry: self.use(restored(entry.parameters, FIRST)))
        history.more.connect(lambda entry, more: controller.soon(controller.begin.follow, entry, more))
        history.back.connect(lambda entry: controller.soon(controller.begin.follow, entry, 0))
        history.starred.connect(lambda entry, wanted: controller.soon(controller.history.star, entry, wanted))
        live = self.live_switch
        live.switched.connect(lambda wanted: controller.soon(controller.live.switch, wanted))
        live.keep.clicked.connect(lambda: controller.soon(controller.live.keep))
        live.full.clicked.connect(lambda: controller.soon(controller.begin.full_size, self.chosen))
        self.status.button.clicked.connect(lambda: controller.daemon.look_again())
        self.where.chosen.connect(lambda name: controller.soon(controller.paint_on, name))
        self.visibilityChanged.connect(self._see)

    def _see(self, is_seen):
        """It was shown or hidden, also behind another docker."""
        self.is_seen = is_seen
        self.controller.attend()
        if is_seen:
            self.where.refill()

    def chosen(self):
        values = dict(self.options.values(), **self.expert.values())
        values.update(controls=self.sliders.values(), blend=self.blend.values(), regions=self.regions.values())
        values.update(region_result=self.regions.chosen_result())
        return Parameters(preset=self.gallery.name, **values)

    def use(self, chosen):
        """Set everything as in these parameters."""
        self._restoring = True
        self.gallery.choose(chosen.preset)
        self._show_first(chosen.preset)
        self.blend.show_values(chosen.blend)
        self.regions.show_result(chosen.region_result)
        self.regions.show_values(chosen.regions)
        self.sliders.show_preset(self.controller.presets.named(chosen.preset), chosen.controls)
        self.options.show_values(chosen)
        self.expert.show_values(chosen)
        self._restoring = False
        self._changed()

    def stylize(self):
        self.controller.begin.stylize(self.chosen)

    def repeat(self):
        """The last job's settings on the current layer."""
        self.use(self.controller.settings.last)
        self.stylize()

    def ask_for_preset(self):
        """Show the fields for a style of the painter's own."""
        document = Krita.instance().activeDocument()
        node = document.activeNode() if document is not None else None
        self.sections[0].set_open(True)
        self.preset_maker.ask(node.name() if node is not None else "")

    def show_made(self, preset):
        """The new style is the chosen one where it was asked for; its picture comes with the next list."""
        if not self.preset_maker.is_waiting:
            return
        self.preset_maker.close_fields()
        self.gallery.choose(preset["name"])
        self._choose(preset["name"])

    def _show_first(self, name):
        """What stands beside the first style has to know which that is."""
        self.blend.show_first(name)
        self.regions.show_first(name)

    def _choose(self, name):
        self._show_first(name)
        self.sliders.show_preset(self.controller.presets.named(name), self.controller.settings.controls_of(name))

    def _changed(self):
        if not self._restoring:
            self.controller.forecasts.want()
            self.controller.live.want()

    def _share_height(self):
        """What the sections leave of the docker's height is the gallery's, if that is open."""
        style = self.sections[0]
        self._inner.layout().setStretchFactor(style, 1 if style.is_open() else 0)

    def _remember_sections(self):
        self._share_height()
        self.controller.settings.set_open_sections([one.name for one in self.sections if one.is_open()])

    def show_presets(self, presets):
        waiting = self.controller.settings.last
        name = self.gallery.name or waiting.preset
        gone = name if presets and not self.controller.presets.named(name) else ""
        if presets and not self.controller.presets.named(name):
            name = presets[0]["name"]
        self.gallery.show_presets(presets)
        self.gallery.choose(name)
        self.blend.show_presets(presets)
        self.regions.show_presets(presets)
        self._show_first(name)
        changed = waiting.controls if name == waiting.preset else self.controller.settings.controls_of(name)
        if self.sliders.shows(name):  # the list is only newer: what the painter has moved stays
            changed = self.sliders.values()
        self.sliders.show_preset(self.controller.presets.named(name), changed)
        if gone:
            self.controller.refuse(tr("The style “{}” is no longer there. Choose another.", gone))

    def show_run(self, run):
        if run.phase == "reading":
            self.job_panel.begin()
        self.job_panel.show_run(run)
        self.history.set_running(self.controller.is_running)
        self.where.setEnabled(not self.controller.is_running)

    def _layers(self):
        """What can be started from in the document in front."""
        document = Krita.instance().activeDocument()
        return marks.layers(document) if document is not None else []

    def _markers(self):
        """What can mark a region in the document in front."""
        document = Krita.instance().activeDocument()
        return marks.markers(document) if document is not None else []

    def canvasChanged(self, canvas):
        """Krita calls this when another picture, or none, comes to the front."""
        self.controller.soon(self._visit)

    def _visit(self):
        document = Krita.instance().activeDocument()
        self.controller.visited(document)
