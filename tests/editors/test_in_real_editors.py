"""What `install-plugins` leaves is what the real editors load, in a folder with blanks and foreign letters.

The plug-ins are stand-ins of a few lines: whether the real ones work is proved beside them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hosts.rig import Gimp, Krita

from neural_style_server.editors.archives import archive
from neural_style_server.editors.install import install, uninstall
from neural_style_server.editors.profiles import Machine

PLUGIN = """#!/usr/bin/env python3
import sys
import gi
gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, GLib
import neural_style_client as client

class StandIn(Gimp.PlugIn):
    def do_query_procedures(self):
        return ["neural-style-stand-in"]

    def do_create_procedure(self, name):
        procedure = Gimp.Procedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        procedure.set_documentation(client.daemon_command()[-1], "", name)
        return procedure

    def run(self, procedure, config, data):
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())

Gimp.main(StandIn.__gtype__, sys.argv)
"""

ASK = """
from gi.repository import Gimp
found = Gimp.get_pdb().lookup_procedure("neural-style-stand-in")
print("found", found.get_blurb() if found else None)
"""

DOCKER = """
import json, os
from . import neural_style_client as client
with open(os.path.join(os.path.dirname(__file__), "loaded.json"), "w") as file:
    json.dump(client.daemon_command(), file)
"""

END_AT_ONCE = "from rig_driver import drive\n\n@drive\ndef test():\n    yield 0\n"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.gimp
def test_gimp_finds_the_plugin_until_it_is_uninstalled(editors: Path, tmp_path: Path) -> None:
    gimp = Gimp(tmp_path / "Zoë von Größe")
    gimp.batch("print('first start')").check_returncode()
    write(tmp_path / "source/neural-style/neural-style.py", PLUGIN)
    machine = Machine("linux", {}, gimp.profile)

    (installed,) = install(["gimp"], machine, sources={"gimp": tmp_path / "source"})
    with_it = gimp.batch(ASK)
    uninstall(["gimp"], machine)
    without_it = gimp.batch(ASK)
    gimp.close()

    assert installed.state == "installed"
    assert "found 1800" in with_it.stdout, with_it.stderr
    assert "found None" in without_it.stdout, without_it.stderr


@pytest.mark.krita
def test_krita_loads_the_plugin_without_a_visit_to_its_settings(
    editors: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    krita = Krita(tmp_path / "Zoë von Größe")
    krita.run(END_AT_ONCE)
    monkeypatch.setattr(krita, "enable", lambda names: None)  # from here on only the installer enables
    source = tmp_path / "source"
    write(
        source / "neural_style.desktop",
        "[Desktop Entry]\nType=Service\nServiceTypes=Krita/PythonPlugin\n"
        "X-KDE-Library=neural_style\nX-Python-2-Compatible=false\nName=Stand-in\n",
    )
    write(source / "neural_style/__init__.py", DOCKER)

    (installed,) = install(["krita"], Machine("linux", {}, krita.profile), sources={"krita": source})
    code, _ = krita.run(END_AT_ONCE)
    krita.close()

    assert installed.state == "installed" and installed.path is not None and code == 0, krita.log
    assert json.loads((installed.path / "loaded.json").read_text(encoding="utf-8"))[0] == sys.executable


@pytest.mark.krita
def test_krita_s_own_importer_takes_the_archive(editors: Path, tmp_path: Path) -> None:
    """Its part without windows, as Krita ships it."""
    folder = editors / "usr/share/krita/pykrita/plugin_importer"
    (tmp_path / "plugin.zip").write_bytes(archive("krita"))
    (tmp_path / "resources").mkdir()
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); from plugin_importer import PluginImporter; "
        "print(PluginImporter('plugin.zip', 'resources', lambda plugin: True).import_all()[0]['name'])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout == "neural_style\n", run.stderr
    assert (tmp_path / "resources/pykrita/neural_style/neural_style_client/api.py").is_file()
    assert (tmp_path / "resources/actions/neural_style.action").is_file()
