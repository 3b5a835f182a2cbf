"""Proves that the rig runs the real editors: pixels, windows, exit statuses, and nothing left behind."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.hosts import fixtures, rig
from tests.hosts.rig import Gimp, Krita

ORANGE = (240, 120, 30, 255)

MAKE_AN_IMAGE = """
import gi
gi.require_version("Gimp", "3.0")
gi.require_version("Gegl", "0.4")
from gi.repository import Gegl, Gimp

image = Gimp.Image.new(64, 48, Gimp.ImageBaseType.RGB)
layer = Gimp.Layer.new(image, "paint", 64, 48, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL)
image.insert_layer(layer, None, 0)
buffer = layer.get_buffer()
buffer.set(Gegl.Rectangle.new(0, 0, 64, 48), "R'G'B'A u8", bytes((240, 120, 30, 255)) * 64 * 48)
buffer.flush()
pixel = buffer.get(Gegl.Rectangle.new(63, 47, 1, 1), 1.0, "R'G'B'A u8", Gegl.AbyssPolicy.CLAMP)
print("pixel", *pixel)
"""

ASK_THE_DAEMON = """
import os, urllib.request
print("answer", urllib.request.urlopen(os.environ["DAEMON"]).read().decode())
"""

GREETER = """#!/usr/bin/env python3
import sys
import gi
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, GLib

class Greeter(Gimp.PlugIn):
    def do_set_i18n(self, name):
        return False

    def do_query_procedures(self):
        return ["rig-greeter"]

    def do_create_procedure(self, name):
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        procedure.set_image_types("*")
        procedure.set_menu_label("Greet the rig")
        procedure.add_menu_path("<Image>/Filters/Rig")
        return procedure

    def run(self, procedure, run_mode, image, drawables, config, data):
        Gimp.message(f"Hello from {image.get_width()} pixels")
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())

Gimp.main(Greeter.__gtype__, sys.argv)
"""

FIND_THE_GREETER = """
from gi.repository import Gimp
print("found", Gimp.get_pdb().lookup_procedure("rig-greeter") is not None)
"""

HANG = """
import pathlib, time
pathlib.Path({!r}).touch()
time.sleep(600)
"""

READ_PIXELS = """
from krita import Krita
from rig_driver import documents, drive, finish, screenshot

@drive
def test():
    document = Krita.instance().activeDocument()
    assert document.fileName() == documents()[0]
    yield 1
    screenshot(documents()[0] + ".screen.png")
    blue, green, red, alpha = bytes(document.pixelData(63, 47, 1, 1))
    finish(7, {"pixel": [red, green, blue, alpha], "size": [document.width(), document.height()]})
"""

DOCKER = """
from krita import DockWidget, DockWidgetFactory, DockWidgetFactoryBase, Krita
try:
    from PyQt5.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
except ImportError:
    from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

class Counter(DockWidget):
    def __init__(self):
        super().__init__()
        self.setWindowTitle("Counter")
        panel = QWidget()
        label = QLabel("0", panel, objectName="label")
        button = QPushButton("Count", panel, objectName="button")
        button.clicked.connect(lambda: label.setText(str(int(label.text()) + 1)))
        layout = QVBoxLayout(panel)
        layout.addWidget(label)
        layout.addWidget(button)
        self.setWidget(panel)

    def canvasChanged(self, canvas):
        pass

factory = DockWidgetFactory("rig_counter", DockWidgetFactoryBase.DockPosition.DockRight, Counter)
Krita.instance().addDockWidgetFactory(factory)
"""

CLICK_IN_THE_DOCKER = """
from rig_driver import QtWidgets, drive, find_docker

@drive
def test():
    docker = find_docker("rig_counter")
    docker.findChild(QtWidgets.QPushButton, "button").click()
    label = docker.findChild(QtWidgets.QLabel, "label")
    yield lambda: label.text() == "1"
    return label.text()
"""

FAIL_IN_A_STEP = """
from rig_driver import drive, until

@drive
def test():
    yield until(lambda: False, 0.2)
"""


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "documents" / "photo.png"
    path.parent.mkdir()
    Image.new("RGBA", (64, 48), ORANGE).save(path)
    return path


@pytest.fixture
def daemon() -> Iterator[str]:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"here I am")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, name="daemon")
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def colours(picture: Path) -> int:
    with Image.open(picture) as image:
        return len(image.convert("RGB").getcolors(1 << 24) or [])


def processes_with(variable: str) -> list[int]:
    """The living processes, of this user, whose environment holds a variable."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if variable.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.mark.gimp
def test_gimp_makes_an_image_and_reads_a_pixel(gimp: Gimp) -> None:
    done = gimp.batch(MAKE_AN_IMAGE)
    assert done.returncode == 0, done.stderr
    assert "pixel 240 120 30 255" in done.stdout


@pytest.mark.gimp
def test_an_exception_in_gimp_arrives_outside(gimp: Gimp) -> None:
    done = gimp.batch("raise ValueError('the paint is dry')")
    assert done.returncode == 64
    assert "the paint is dry" in done.stdout + done.stderr


@pytest.mark.gimp
def test_a_daemon_outside_answers_gimp(gimp: Gimp, daemon: str) -> None:
    gimp.environment["DAEMON"] = daemon
    done = gimp.batch(ASK_THE_DAEMON)
    assert "answer here I am" in done.stdout, done.stderr


@pytest.mark.gimp
def test_gimp_that_hangs_is_ended_with_all_it_started(gimp: Gimp, tmp_path: Path) -> None:
    gimp.environment["RIG_MARK"] = mark = f"mark-{os.getpid()}-{id(gimp)}"
    with pytest.raises(TimeoutError, match="not finished"):
        gimp.batch(HANG.format(str(tmp_path / "hanging")), timeout_s=10)
    assert (tmp_path / "hanging").exists()
    assert processes_with(mark) == []


@pytest.mark.gimp
def test_gimp_shows_a_window_and_leaves_nothing_behind(gimp: Gimp, photo: Path, tmp_path: Path) -> None:
    gimp.environment["RIG_MARK"] = mark = f"mark-{os.getpid()}-{id(gimp)}"
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        window = session.screenshot(tmp_path / "window.png")
        assert processes_with(mark)
    assert colours(window) > 100
    assert processes_with(mark) == []
    assert str(rig.ensure_editors()) not in Path("/proc/self/mounts").read_text()


@pytest.mark.gimp
def test_gimp_finds_a_placed_plug_in_and_runs_it_from_its_search(gimp: Gimp, photo: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "rig_greeter.py").write_text(GREETER)
    gimp.place(source)
    assert "found True" in gimp.batch(FIND_THE_GREETER).stdout
    with gimp.interactive(photo) as session:
        session.wait_window("photo")
        session.run_action("greet the rig")
        session.wait_window("GIMP Message")
        assert colours(session.screenshot(tmp_path / "greeting.png")) > 100


@pytest.mark.krita
def test_krita_opens_a_document_and_reads_pixels(krita: Krita, photo: Path) -> None:
    code, result = krita.run(READ_PIXELS, documents=[photo])
    assert code == 7, krita.log
    assert result == {"pixel": list(ORANGE), "size": [64, 48]}
    assert colours(photo.with_name("photo.png.screen.png")) > 100


@pytest.mark.krita
def test_a_docker_of_another_plug_in_can_be_used(krita: Krita, tmp_path: Path) -> None:
    plug_in = tmp_path / "source" / "rig_counter"
    plug_in.mkdir(parents=True)
    (plug_in / "__init__.py").write_text(DOCKER)
    code, result = krita.run(CLICK_IN_THE_DOCKER, extra_plugins=[plug_in])
    assert (code, result) == (0, "1"), krita.log


@pytest.mark.krita
def test_krita_can_be_looked_at_from_outside(krita: Krita, tmp_path: Path) -> None:
    session = krita.start("")
    session.wait_window("Krita")
    assert colours(session.screenshot(tmp_path / "krita.png")) > 10
    assert krita.result() is None


@pytest.mark.krita
def test_an_exception_in_krita_arrives_outside(krita: Krita) -> None:
    code, result = krita.run(FAIL_IN_A_STEP)
    assert code == 1, krita.log
    assert result["error"].startswith("TimeoutError")
    assert "until(lambda: False" in result["traceback"]


@pytest.mark.parametrize(
    ("ci", "editors", "outcome"),
    [
        ("", "", pytest.skip.Exception),
        ("true", "", pytest.fail.Exception),
        ("true", "newest", pytest.skip.Exception),
    ],
)
def test_missing_editors_skip_but_fail_in_ci(
    ci: str, editors: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable() -> Path:
        raise rig.EditorsUnavailable("No room.")

    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("NEURAL_STYLE_TEST_EDITORS", editors)
    monkeypatch.setattr(fixtures, "ensure_editors", unavailable)
    with pytest.raises(outcome, match="cannot be had here: No room"):
        fixtures.editors_or_stop()


def test_settings_of_krita_survive_enabling_plug_ins(tmp_path: Path) -> None:
    krita = Krita(tmp_path)
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config/kritarc").write_text("[theme]\nname=dark\n\n[python]\nenable_old=true\n\n[z]\na=1\n")
    krita.enable(["new"])
    settings = (tmp_path / ".config/kritarc").read_text()
    assert "[theme]\nname=dark\n" in settings and "[z]\na=1\n" in settings
    assert "enable_new=true" in settings and "enable_old" not in settings
