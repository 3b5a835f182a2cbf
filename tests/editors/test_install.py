from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

import neural_style_client as client
from neural_style_server.editors import install as module
from neural_style_server.editors import payload, placing
from neural_style_server.editors.install import install, plugin_state, succeeded, uninstall
from neural_style_server.editors.manifest import NAME as MANIFEST
from neural_style_server.editors.profiles import Editor, Machine, find_profiles

GIMP = ".config/GIMP/3.0"
KRITA = ".local/share/krita"
PLUGIN = f"{GIMP}/plug-ins/neural-style"
DOCKER = f"{KRITA}/pykrita/neural_style"
CLIENT = Path(client.__file__).parent


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def snapshot(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")
    }


@pytest.fixture(params=["painter", "Zoë von Größe 画"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / str(request.param)
    (folder / GIMP).mkdir(parents=True)
    (folder / KRITA).mkdir(parents=True)
    write(folder / ".config/kritarc", "[theme]\nTheme=Krita dark\n")
    return folder


@pytest.fixture
def machine(home: Path) -> Machine:
    return Machine("linux", {}, home)


@pytest.fixture
def sources(tmp_path: Path) -> dict[Editor, Path]:
    """Stand-ins with the shape of both plug-ins."""
    gimp, krita = tmp_path / "gimp_plugin", tmp_path / "krita_plugin"
    write(gimp / "README.md")
    write(gimp / "neural-style/neural-style.py", "#!/usr/bin/env python3\n")
    write(gimp / "neural-style/dialog/wörter.py", "WORDS = 'ü'\n")
    write(gimp / "neural-style/__pycache__/x.cpython-313.pyc")
    write(gimp / "neural-style/.some_cache/x")
    write(krita / "neural_style.desktop", "[Desktop Entry]\n")
    write(krita / "neural_style/__init__.py", "from .docker import Docker\n")
    write(krita / "neural_style/docker.py")
    write(krita / "neural_style.action", "<ActionCollection/>\n")
    return {"gimp": gimp, "krita": krita}


def test_everything_lands_where_the_editors_look(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    actions = install(machine=machine, sources=sources)

    assert [one.state for one in actions] == ["installed", "installed"] and succeeded(actions)
    assert {path.name for path in (home / PLUGIN).iterdir()} == {
        "neural-style.py",
        "dialog",
        CLIENT.name,
        client.CONFIG_NAME,
        MANIFEST,
    }
    assert (home / PLUGIN / "dialog/wörter.py").read_text(encoding="utf-8") == "WORDS = 'ü'\n"
    assert (home / KRITA / "pykrita/neural_style.desktop").is_file()
    assert (home / DOCKER / "docker.py").is_file()
    assert (home / KRITA / "actions/neural_style.action").is_file()
    assert not (home / DOCKER / "neural_style.action").exists()


def test_copies_of_the_client_are_equal(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    install(machine=machine, sources=sources)

    package = _contents(CLIENT)
    assert {"__init__.py", "api.py", "job_session.py", "locale/ja/LC_MESSAGES/neural-style.mo"} < package.keys()
    for folder in (PLUGIN, DOCKER):
        assert _contents(home / folder / CLIENT.name) == package


def _contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.suffix in (".py", ".mo")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_gimp_script_alone_is_executable(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    install(machine=machine, sources=sources)

    files = [path for path in (home / PLUGIN).rglob("*") if path.is_file()]
    assert [path.name for path in files if path.stat().st_mode & stat.S_IXUSR] == ["neural-style.py"]


def test_config_says_how_to_start_the_daemon(
    home: Path, machine: Machine, sources: dict[Editor, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEURAL_STYLE_HOME", raising=False)
    install(machine=machine, sources=sources)

    for folder in (PLUGIN, DOCKER):
        assert json.loads((home / folder / client.CONFIG_NAME).read_text(encoding="utf-8")) == {
            "command": [sys.executable, "-m", "neural_style_server", "serve", "--idle-exit", "1800"]
        }


def test_config_names_the_home_folder_when_it_is_not_the_usual_one(
    home: Path, sources: dict[Editor, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = str(home / "neural style ü")
    monkeypatch.setenv("NEURAL_STYLE_HOME", chosen)
    install(machine=Machine("linux", {"NEURAL_STYLE_HOME": chosen}, home), sources=sources)

    assert json.loads((home / PLUGIN / client.CONFIG_NAME).read_text(encoding="utf-8"))["home"] == chosen


def test_sandboxed_editors_are_told_where_the_daemons_files_are(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    (home / ".var/app/org.kde.krita").mkdir(parents=True)
    (home / ".var/app/org.gimp.GIMP").mkdir(parents=True)

    gimp, _, flatpak = install(machine=machine, sources=sources)

    assert gimp.path is not None and flatpak.path is not None
    config = json.loads((gimp.path / client.CONFIG_NAME).read_text(encoding="utf-8"))
    assert config["home"] == client.home_folder() and config["command"][0] == sys.executable
    config = json.loads((flatpak.path / client.CONFIG_NAME).read_text(encoding="utf-8"))
    assert config["command"][:2] == ["flatpak-spawn", "--host"]
    assert "service install" in gimp.next_step and "service install" in flatpak.next_step


def test_krita_is_told_to_load_it_and_keeps_its_other_settings(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    install(machine=machine, sources=sources)

    text = (home / ".config/kritarc").read_text(encoding="utf-8")
    assert text == "[theme]\nTheme=Krita dark\n\n[python]\nenable_neural_style=true\n"


@pytest.mark.skipif(os.name == "nt", reason="needs links and file modes")
def test_linked_and_private_settings_stay_linked_and_private(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    link, real = home / ".config/kritarc", home / "dotfiles/kritarc"
    real.parent.mkdir()
    link.rename(real)
    real.chmod(0o600)
    link.symlink_to(real)

    install(machine=machine, sources=sources)

    assert link.is_symlink() and "enable_neural_style" in real.read_text(encoding="utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_settings_that_are_not_utf8_are_kept_to_the_byte(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    (home / ".config/kritarc").write_bytes(b"[a]\nname=\xff\xfe\n")

    install(machine=machine, sources=sources)
    uninstall(machine=machine)

    assert (home / ".config/kritarc").read_bytes() == b"[a]\nname=\xff\xfe\n"


def test_second_run_changes_nothing(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    install(machine=machine, sources=sources)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}

    actions = install(machine=machine, sources=sources)

    assert [one.state for one in actions] == ["unchanged", "unchanged"]
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_upgrade_replaces_removes_and_keeps(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    install(machine=machine, sources=sources)
    write(home / PLUGIN / "my notes.txt", "mine")
    write(home / PLUGIN / "__pycache__/api.cpython-313.pyc")
    (sources["gimp"] / "neural-style/dialog/wörter.py").unlink()
    write(sources["gimp"] / "neural-style/neural-style.py", "#!/usr/bin/env python3\nnew = True\n")

    gimp, krita = install(machine=machine, sources=sources)

    assert (gimp.state, krita.state) == ("upgraded", "unchanged")
    assert "new" in (home / PLUGIN / "neural-style.py").read_text(encoding="utf-8")
    assert not (home / PLUGIN / "dialog/wörter.py").exists()
    assert not (home / PLUGIN / "__pycache__").exists()
    assert (home / PLUGIN / "my notes.txt").read_text(encoding="utf-8") == "mine"


def test_damage_is_repaired(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    install(machine=machine, sources=sources)
    (home / PLUGIN / CLIENT.name / "api.py").write_text("broken", encoding="utf-8")
    (home / DOCKER / "docker.py").unlink()

    install(machine=machine, sources=sources)

    assert (home / PLUGIN / CLIENT.name / "api.py").read_bytes() == (CLIENT / "api.py").read_bytes()
    assert (home / DOCKER / "docker.py").is_file()


def test_installation_that_was_cut_off_can_be_repeated(
    home: Path, machine: Machine, sources: dict[Editor, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = placing._write, []

    def cut_off(path: Path, data: bytes, mode: int) -> None:
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device", str(path))
        real(path, data, mode)

    monkeypatch.setattr(placing, "_write", cut_off)
    (failed,) = install(["gimp"], machine, sources=sources)
    monkeypatch.setattr(placing, "_write", real)

    assert failed.state == "failed" and "No space left" in failed.detail and failed.next_step
    (again,) = install(["gimp"], machine, sources=sources)
    assert (
        again.state == "upgraded"
        and plugin_state(find_profiles(["gimp"], machine)[0], machine, sources["gimp"])[0] == "current"
    )


def test_uninstalling_leaves_the_profiles_as_they_were(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    before = snapshot(home)
    install(machine=machine, sources=sources)
    write(home / PLUGIN / "__pycache__/api.cpython-313.pyc")
    write(home / DOCKER / "__pycache__/docker.cpython-313.pyc")

    actions = uninstall(machine=machine)

    assert [one.state for one in actions] == ["removed", "removed"]
    assert snapshot(home) == before


def test_uninstalling_keeps_the_painters_own_files_and_says_so(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    install(machine=machine, sources=sources)
    write(home / PLUGIN / "my notes.txt", "mine")

    gimp, _ = uninstall(machine=machine)

    assert "Files of your own" in gimp.detail
    assert [path.name for path in (home / PLUGIN).iterdir()] == ["my notes.txt"]


def test_uninstalling_twice_is_no_failure(machine: Machine, sources: dict[Editor, Path]) -> None:
    install(machine=machine, sources=sources)
    uninstall(machine=machine)

    actions = uninstall(machine=machine)

    assert [one.state for one in actions] == ["absent", "absent"] and succeeded(actions)


@pytest.mark.parametrize("path", [f"{PLUGIN}/neural-style.py", f"{DOCKER}/__init__.py"])
def test_folder_of_somebody_else_is_refused(
    home: Path, machine: Machine, sources: dict[Editor, Path], path: str
) -> None:
    write(home / path, "theirs")
    before = snapshot(home / path.split("/neural")[0])

    actions = install(machine=machine, sources=sources) + uninstall(machine=machine)

    refused = [one for one in actions if one.state == "refused"]
    assert len(refused) == 2 and "was not put there by neural-style" in refused[0].detail
    assert not succeeded(actions)
    assert snapshot(home / path.split("/neural")[0]) == before


@pytest.mark.parametrize("path", ["pykrita/neural_style.desktop", "actions/neural_style.action"])
def test_file_of_somebody_else_outside_our_folder_is_refused(
    home: Path, machine: Machine, sources: dict[Editor, Path], path: str
) -> None:
    write(home / KRITA / path, "theirs")

    (action,) = install(["krita"], machine, sources=sources)

    assert action.state == "refused" and path in action.detail
    assert (home / KRITA / path).read_text(encoding="utf-8") == "theirs"
    assert not (home / DOCKER).exists()


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_link_to_a_working_copy_is_refused(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    (home / GIMP / "plug-ins").mkdir()
    (home / PLUGIN).symlink_to(sources["gimp"] / "neural-style")
    before = snapshot(sources["gimp"])

    (action,) = install(["gimp"], machine, sources=sources)

    assert action.state == "refused" and snapshot(sources["gimp"]) == before


def test_one_editor_that_fails_does_not_stop_the_other(
    home: Path, machine: Machine, sources: dict[Editor, Path]
) -> None:
    (sources["gimp"] / "neural-style/neural-style.py").unlink()

    gimp, krita = install(machine=machine, sources=sources)

    assert gimp.state == "failed" and "incomplete" in gimp.detail
    assert krita.state == "installed"


def test_without_any_editor_the_way_on_is_told(tmp_path: Path, sources: dict[Editor, Path]) -> None:
    actions = install(machine=Machine("linux", {}, tmp_path / "nobody"), sources=sources)

    assert [one.state for one in actions] == ["missing", "missing"] and not succeeded(actions)
    assert "--create" in actions[0].next_step and "Start GIMP once" in actions[0].next_step
    assert not (tmp_path / "nobody").exists()


def test_one_missing_editor_is_no_failure(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    (home / GIMP).rmdir()

    assert succeeded(install(machine=machine, sources=sources))


def test_usual_folder_is_made_when_asked(tmp_path: Path, sources: dict[Editor, Path]) -> None:
    nobody = tmp_path / "nobody"
    machine = Machine("linux", {}, nobody)

    actions = install(machine=machine, create=True, sources=sources)

    assert [one.state for one in actions] == ["installed", "installed"]
    assert (nobody / PLUGIN / CLIENT.name / "api.py").is_file() and (nobody / ".config/kritarc").is_file()
    uninstall(machine=machine)
    assert not (nobody / GIMP).exists() and not (nobody / ".config/kritarc").exists()


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_work_alike(tmp_path: Path, sources: dict[Editor, Path], platform: str) -> None:
    machine = Machine(platform, {}, tmp_path / "nobody")

    installed = install(machine=machine, create=True, sources=sources)
    again = install(machine=machine, sources=sources)

    assert [one.state for one in installed + again] == ["installed"] * 2 + ["unchanged"] * 2


def test_state_of_the_plugin_is_told_for_the_checkup(home: Path, machine: Machine, sources: dict[Editor, Path]) -> None:
    profile = find_profiles(["krita"], machine)[0]
    assert plugin_state(profile, machine, sources["krita"]) == ("absent", "")

    install(machine=machine, sources=sources)
    assert plugin_state(profile, machine, sources["krita"]) == ("current", module.__version__)

    (home / ".config/kritarc").write_text("", encoding="utf-8")
    assert plugin_state(profile, machine, sources["krita"])[0] == "outdated"

    (home / DOCKER / MANIFEST).unlink()
    assert plugin_state(profile, machine, sources["krita"]) == ("foreign", "")


def test_actions_are_fit_for_json(machine: Machine, sources: dict[Editor, Path]) -> None:
    for action in install(machine=machine, sources=sources):
        record = json.loads(json.dumps(action.as_dict()))
        assert record["ok"] is True and record["path"] and record["next_step"].startswith("Restart")


def test_real_sources_are_complete_once_they_are_there() -> None:
    root = Path(__file__).parents[2]
    for editor, entry in (("gimp", "neural-style/neural-style.py"), ("krita", "neural_style/__init__.py")):
        if not (root / f"{editor}_plugin" / entry).is_file():
            pytest.skip(f"the sources of the {editor} plug-in are not in this checkout")
        profile = module.default_profile(editor, Machine("linux", {}, root))  # type: ignore[arg-type]
        assert payload.make_payload(profile, Machine("linux", {}, root)).files
