from __future__ import annotations

from pathlib import Path

import pytest

from neural_style_server.editors.profiles import Machine, Profile, default_profile, find_profiles


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).mkdir(parents=True)


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(params=["zoë", "a painter", "Ωμέγα 画家"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / str(request.param)
    folder.mkdir()
    return folder


def folders(profiles: list[Profile], home: Path) -> dict[str, str]:
    return {one.title: one.folder.relative_to(home).as_posix() for one in profiles}


def test_nothing_is_found_where_no_editor_ever_started(home: Path) -> None:
    for platform in ("linux", "darwin", "win32"):
        assert find_profiles(machine=Machine(platform, {}, home)) == []


def test_linux_folders(home: Path) -> None:
    make(home, ".config/GIMP/3.0", ".config/GIMP/3.2", ".config/GIMP/2.10", ".local/share/krita")

    found = find_profiles(machine=Machine("linux", {}, home))

    assert folders(found, home) == {
        "GIMP 3.0": ".config/GIMP/3.0",
        "GIMP 3.2": ".config/GIMP/3.2",
        "Krita": ".local/share/krita",
    }
    assert found[-1].kritarc == home / ".config/kritarc"
    assert not any(one.sandboxed for one in found)


def test_versions_are_sorted_as_numbers_and_files_are_no_profiles(home: Path) -> None:
    make(home, ".config/GIMP/3.10", ".config/GIMP/3.2", ".config/GIMP/3.2-backup")
    write(home / ".config/GIMP/3.4")

    assert [one.version for one in find_profiles(["gimp"], Machine("linux", {}, home))] == ["3.2", "3.10"]


def test_linux_follows_the_xdg_variables(home: Path) -> None:
    make(home, "elsewhere/conf/GIMP/3.0", "elsewhere/data/krita", ".config/GIMP/3.0")
    environ = {
        "XDG_CONFIG_HOME": str(home / "elsewhere/conf"),
        "XDG_DATA_HOME": str(home / "elsewhere/data"),
    }

    gimp, krita = find_profiles(machine=Machine("linux", environ, home))

    assert gimp.folder == home / "elsewhere/conf/GIMP/3.0"
    assert (krita.folder, krita.kritarc) == (home / "elsewhere/data/krita", home / "elsewhere/conf/kritarc")


def test_gimps_own_variable_replaces_all_other_places(home: Path) -> None:
    make(home, ".config/GIMP/3.0")

    for value in (str(home / "profile"), "profile"):
        machine = Machine("linux", {"GIMP3_DIRECTORY": value}, home)
        assert folders(find_profiles(["gimp"], machine), home) == {"GIMP": "profile"}


def test_flatpak_gimp_is_given_the_folder_in_config(home: Path) -> None:
    make(home, ".var/app/org.gimp.GIMP/config/GIMP/3.0", ".config/GIMP/3.2")

    found = find_profiles(["gimp"], Machine("linux", {}, home))

    assert folders(found, home) == {
        "GIMP 3.0 (Flatpak)": ".config/GIMP/3.0",
        "GIMP 3.2 (Flatpak)": ".config/GIMP/3.2",
    }


def test_snap_gimp_is_given_the_folder_in_config(home: Path) -> None:
    make(home, "snap/gimp/current/.config/GIMP/3.0")

    found = find_profiles(["gimp"], Machine("linux", {}, home))

    assert folders(found, home) == {"GIMP 3.0 (Snap)": ".config/GIMP/3.0"}


def test_flatpak_and_snap_krita_have_folders_of_their_own(home: Path) -> None:
    make(home, ".local/share/krita", ".var/app/org.kde.krita", "snap/krita/current/.local/share/krita")

    found = find_profiles(["krita"], Machine("linux", {}, home))

    assert folders(found, home) == {
        "Krita": ".local/share/krita",
        "Krita (Flatpak)": ".var/app/org.kde.krita/data/krita",
        "Krita (Snap)": "snap/krita/current/.local/share/krita",
    }
    assert [one.kritarc for one in found[1:]] == [
        home / ".var/app/org.kde.krita/config/kritarc",
        home / "snap/krita/current/.config/kritarc",
    ]
    assert [one.sandboxed for one in found] == [False, True, True]


def test_krita_that_has_only_its_settings_counts(home: Path) -> None:
    write(home / ".config/kritarc")

    assert folders(find_profiles(["krita"], Machine("linux", {}, home)), home) == {"Krita": ".local/share/krita"}


@pytest.mark.parametrize("line", ["ResourceDirectory={}", "ResourceDirectory[$e]={}"])
def test_krita_resource_folder_chosen_by_the_painter_is_used(home: Path, line: str) -> None:
    make(home, "my brushes")
    written = str(home / "my brushes").replace(str(home), "$HOME") if "$e" in line else str(home / "my brushes")
    write(home / ".config/kritarc", line.format(written) + "\n[python]\nx=1\n")

    (krita,) = find_profiles(["krita"], Machine("linux", {}, home))

    assert krita.folder == home / "my brushes"


def test_krita_resource_folder_that_is_gone_or_in_a_group_is_not_used(home: Path) -> None:
    make(home, "there")
    text = f"ResourceDirectory=/gone\n[other]\nResourceDirectory={home / 'there'}\n"
    write(home / ".config/kritarc", text)

    (krita,) = find_profiles(["krita"], Machine("linux", {}, home))

    assert krita.folder == home / ".local/share/krita"


def test_macos_folders(home: Path) -> None:
    make(home, "Library/Application Support/GIMP/3.0", "Library/Application Support/krita", ".config/GIMP/3.0")

    found = find_profiles(machine=Machine("darwin", {"XDG_CONFIG_HOME": "/ignored"}, home))

    assert folders(found, home) == {
        "GIMP 3.0": "Library/Application Support/GIMP/3.0",
        "Krita": "Library/Application Support/krita",
    }
    assert found[1].kritarc == home / "Library/Preferences/kritarc"


def test_windows_folders_with_and_without_the_variables(home: Path) -> None:
    make(home, "AppData/Roaming/GIMP/3.0", "AppData/Roaming/krita")
    named = {"APPDATA": str(home / "AppData/Roaming"), "LOCALAPPDATA": str(home / "AppData/Local")}

    for environ in ({}, named):
        found = find_profiles(machine=Machine("win32", environ, home))
        assert folders(found, home) == {
            "GIMP 3.0": "AppData/Roaming/GIMP/3.0",
            "Krita": "AppData/Roaming/krita",
        }
        assert found[1].kritarc == home / "AppData/Local/kritarc"


def test_windows_store_editors_are_found_where_windows_redirects_them(home: Path) -> None:
    make(home, "AppData/Local/Packages/49800Krita_abc/LocalCache/Roaming/krita")
    make(home, "AppData/Local/Packages/GIMP.1_xyz/LocalCache/Roaming/GIMP/3.0")

    gimp, krita = find_profiles(machine=Machine("win32", {}, home))

    assert gimp.title == "GIMP 3.0 (Microsoft Store)"
    assert krita.kritarc == home / "AppData/Local/Packages/49800Krita_abc/LocalCache/Local/kritarc"


@pytest.mark.parametrize(
    ("platform", "gimp", "krita"),
    [
        ("linux", ".config/GIMP/3.0", ".local/share/krita"),
        ("freebsd14", ".config/GIMP/3.0", ".local/share/krita"),
        ("darwin", "Library/Application Support/GIMP/3.0", "Library/Application Support/Krita"),
        ("win32", "AppData/Roaming/GIMP/3.0", "AppData/Roaming/krita"),
    ],
)
def test_usual_places_of_editors_that_never_started(home: Path, platform: str, gimp: str, krita: str) -> None:
    machine = Machine(platform, {}, home)

    assert default_profile("gimp", machine).folder == home / gimp
    assert default_profile("krita", machine).folder == home / krita


def test_this_machine_is_described_without_being_asked() -> None:
    assert Machine.here().home == Path.home()
