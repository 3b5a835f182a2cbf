"""The real daemon behind the real Caddy, configured as docs/studio.md says, and the client of the plug-ins."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from tests.cli.conftest import process
from tests.client.tls import certificate
from tests.hosts.debian import install
from tests.real import QUICK, REPOSITORY, RealDaemon
from tests.waiting import wait_for

from neural_style_client import DaemonError, remotes
from neural_style_server.tokens import Tokens

LARGE = 3000


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Box:
    """A daemon, and Caddy in front of it, with the document's own configuration but for names, ports and paths."""

    def __init__(self, folder: Path, caddy: str) -> None:
        port, self.name = free_port(), f"127.0.0.1:{free_port()}"
        home = folder / "box"
        home.mkdir(mode=0o700)
        (home / "settings.yaml").write_text(f"port: {port}\npublic_name: {self.name}\n")
        shown = certificate()
        (folder / "key.pem").write_bytes(shown.private_key_pem.bytes())
        (folder / "cert.pem").write_bytes(b"".join(part.bytes() for part in shown.cert_chain_pems))
        told = re.search(r"```caddy\n(.*?)```", (REPOSITORY / "docs/studio.md").read_text("utf-8"), re.DOTALL)
        assert told is not None
        text = told[1].replace("studio.example:8443", self.name).replace("127.0.0.1:8765", f"127.0.0.1:{port}")
        (folder / "Caddyfile").write_text(text)
        self.daemon = RealDaemon(home)
        command = [caddy, "run", "--config", "Caddyfile", "--adapter", "caddyfile"]
        with (folder / "caddy.log").open("wb") as log:
            self.proxy = subprocess.Popen(command, cwd=folder, env={"HOME": str(folder)}, stderr=log)
        wait_for(self._listens, 30, "Caddy")

    def _listens(self) -> bool:
        assert self.proxy.poll() is None, (Path(self.daemon.home).parent / "caddy.log").read_text()
        host, port = self.name.split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    def close(self) -> None:
        self.proxy.terminate()
        self.proxy.wait(10)
        self.daemon.end()


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "laptop"))
    return tmp_path / "laptop"


@pytest.fixture(scope="module")
def caddy() -> str:
    why = "" if shutil.which("caddy") else install("caddy")
    return shutil.which("caddy") or pytest.skip(f"Caddy cannot be had here: {why}")


@pytest.fixture
def box(tmp_path: Path, caddy: str) -> Iterator[Box]:
    made = Box(tmp_path, caddy)
    yield made
    made.close()


def test_a_painter_paints_on_the_box(box: Box, laptop: Path, tmp_path: Path) -> None:
    tokens = Tokens(box.daemon.home)
    token = tokens.add("anna")
    remotes.save(remotes.seen("studio", f"https://{box.name}", token))
    Image.effect_mandelbrot((64, 48), (-2, -1, 1, 1), 40).convert("RGB").save(tmp_path / "photo.png")
    words = ["stylize", str(tmp_path / "photo.png"), "--preset", "night-swirl", "--set", "iterations=4", "--size", "48"]
    code, _, said = process(laptop, *words, "--on", "studio", "-o", str(tmp_path / "painted.png"))
    assert code == 0, said
    with Image.open(tmp_path / "painted.png") as painted:
        assert painted.size == (64, 48)
    assert not (laptop / "daemon.json").exists(), "no daemon was started here"
    code, _, said = process(
        laptop, "again", str(tmp_path / "painted.png"), "--on", "studio", "-o", str(tmp_path / "2.png")
    )
    assert code == 0, said
    assert (tmp_path / "2.png").read_bytes() == (tmp_path / "painted.png").read_bytes()
    client = remotes.connect_to("studio")
    assert len(client.jobs()) == 2 and not box.daemon.client.jobs()
    large = client.upload(bytes([200, 30, 30, 255]) * LARGE * LARGE, LARGE, LARGE)
    small = client.upload(bytes([200, 30, 30, 255]) * 64 * 64, 64, 64)
    assert large["width"] == LARGE
    job = client.submit({**QUICK, "content": small["id"], "method": {"iterations": 2000}, "size": 64})
    events = client.events(job["id"])
    assert any(event.name == "progress" for event in events), "they come while it is painted"
    tokens.revoke("anna")
    with pytest.raises(DaemonError) as refused:
        list(events)
    assert refused.value.code == "token_revoked"
    box.daemon.client.shutdown()


def test_a_stranger_gets_nowhere_by_the_public_name(box: Box) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    owner = {"Authorization": f"Bearer {box.daemon.discovery['token']}"}

    def ask(path: str, headers: dict[str, str], method: str = "GET", host: str | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection(box.name, context=context, timeout=30)
        connection.request(method, path, headers={**headers, **({"Host": host} if host else {})})
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found

    def status(path: str, headers: dict[str, str], method: str = "GET") -> int:
        return ask(path, headers, method)[0]

    assert status("/v1/health", {}) == 200
    assert status("/v1/jobs", {}) == 401
    assert status("/v1/jobs", owner) == 401, "the owner's token is for this computer"
    assert status("/v1/shutdown", owner, "POST") == 401
    assert status("/metrics", {}) == 401
    assert status("/v1/jobs", {**owner, "X-Forwarded-Host": "127.0.0.1", "Forwarded": "host=127.0.0.1"}) == 401
    assert not ask("/v1/jobs", owner, host="evil.example")[1], "Caddy knows no such site"
    assert status("/", {"Cookie": "neural-style-1=x"}) == 401
    assert box.daemon.client.jobs() == []
