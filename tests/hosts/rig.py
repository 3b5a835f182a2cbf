"""Runs the real GIMP 3 and the real Krita 5 without a screen, for tests.

Both live in a folder of Debian 13 that `setup.sh` builds once (four minutes) into the user's cache; with
NEURAL_STYLE_TEST_EDITORS=newest in one of Debian's unstable suites, with the newest of both. A command
runs inside with mounts and processes of its own: when it ends, or the test does, all it started and mounted
is gone. The network is the machine's, so a daemon at 127.0.0.1 outside answers inside; its process id means
nothing there. Paths are the same inside and outside, but only the profile, `shared` paths and the documents'
folders can be seen, and no variable of the environment but those given.

In tests use the fixtures; `tests/gimp/conftest.py` and `tests/krita/conftest.py` need this one line each:

    from tests.hosts.fixtures import editors, gimp, krita  # noqa: F401

GIMP, without a window (Path = a script's file, str = a script's text):

    @pytest.mark.gimp
    def test_gimp(gimp, tmp_path):                     # a fresh profile; tmp_path is shared
        gimp.place(repository / "gimp_plugin")         # the folder NAME with NAME.py, as plug-in NAME
        gimp.environment["NEURAL_STYLE_HOME"] = str(tmp_path / "home")
        done = gimp.batch(Path("script.py"), timeout_s=60)   # imports its own gi, Gimp, Gegl
        assert done.returncode == 0, done.stderr       # 64 after any exception; traceback in done.stderr

GIMP, with a window:

        with gimp.interactive(tmp_path / "photo.png") as session:
            session.wait_window("photo", timeout_s=60)
            session.keys("alt+r")                      # several keys: session.keys("Down", "Return")
            session.run_action("neural style")         # a menu entry by its name, whatever menu it is in
            session.screenshot(tmp_path / "menu.png")

Krita, driven from within by a test-only plug-in (see rig_driver.py for what it can do):

    @pytest.mark.krita
    def test_krita(krita, tmp_path):
        code, result = krita.run(Path("drive_docker.py"), extra_plugins=[repository / "krita_plugin"],
                                 documents=[tmp_path / "photo.png"], timeout_s=120)
        assert code == 0, krita.log

A plug-in for Krita is a folder of `NAME.desktop` + `NAME/`, a package folder, a `.py` file or (str) a source
text. `krita.start(...)` takes the same and gives a session with keys and screenshots; end it with
`session.wait(timeout_s)` and read `krita.result()`. HOME inside is the profile: what `install-plugins` writes
with HOME=profile outside is found inside (GIMP: .config/GIMP/3.0, Krita: .local/share/krita).

What an editor does at its very first start is done once and kept beside the folder; every profile starts from
that. Then GIMP without a window takes 2 s, with one 6 s, Krita 4 s on two idle cores.
"""

from __future__ import annotations

from tests.hosts.gimp import GIMPRC, Gimp, GimpSession
from tests.hosts.inside import EditorsUnavailable, ensure_editors
from tests.hosts.krita import Krita, KritaResult
from tests.hosts.screen import Session

__all__ = [
    "GIMPRC", "EditorsUnavailable", "Gimp", "GimpSession", "Krita", "KritaResult", "Session", "ensure_editors"
]  # fmt: skip
