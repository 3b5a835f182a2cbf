"""A daemon on another computer: its certificate is kept when it is first seen, and no other is spoken to."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from tests.client.conftest import Served
from tests.client.tls import Tunnel, certificate

from neural_style_client import DaemonError, DaemonGone, NotTrusted, certificates, connect_chosen, discovery, remotes
from neural_style_client.errors import PainterError, explain


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path / "laptop"))
    return tmp_path / "laptop"


@pytest.fixture
def tunnel(served: Served) -> Iterator[Tunnel]:
    """TLS in front of a real server, by the name that a proxy passes on."""
    made = Tunnel(int(served.url.rpartition(":")[2]), certificate())
    keys = served.keys
    keys.public_hosts = frozenset({f"127.0.0.1:{made.port}"})
    keys.own_hosts |= keys.public_hosts
    yield made
    made.close()


@pytest.fixture
def studio(served: Served, tunnel: Tunnel) -> remotes.Remote:
    """The served daemon as anna knows it."""
    remotes.save(remotes.seen("studio", tunnel.url, served.keys.tokens.add("anna") + "\n"))
    return remotes.find("studio")


def test_a_named_daemon_paints_through_tls(studio: remotes.Remote, served: Served) -> None:
    client = remotes.connect_to("studio")
    image = client.upload(bytes([9, 9, 9, 255] * 48), 8, 6)
    job = client.submit({"content": image["id"], "preset": "ink"})
    events = client.events(job["id"])
    assert next(events).name == "state"
    served.shop.worker.done(job["id"])
    assert [event.name for event in events][-1] == "done"
    assert client.result(job["id"]).width == 8
    assert not served.client.jobs(), "the owner does not see it"


def test_what_is_kept_is_for_its_user_alone(studio: remotes.Remote, home: Path) -> None:
    assert stat.S_IMODE(os.stat(home / "remotes.json").st_mode) == 0o600
    assert studio.token in (home / "remotes.json").read_text() and studio.token.startswith("nst_")
    assert studio.fingerprint.count(":") == 31


def test_another_certificate_is_refused_before_anything_is_sent(studio: remotes.Remote, tunnel: Tunnel) -> None:
    tunnel.show(certificate())
    before = tunnel.received
    with pytest.raises(NotTrusted, match="The certificate of “studio” has changed") as refused:
        remotes.connect_to("studio")
    assert tunnel.received == before
    assert "remote accept studio" in explain(refused.value) and "on this computer" in explain(refused.value)
    now = remotes.seen("studio", studio.url, studio.token)
    assert now.fingerprint != studio.fingerprint
    remotes.save(now)
    assert remotes.connect_to("studio").jobs() == []
    assert [one.name for one in remotes.remotes()] == ["studio"]


def test_a_certificate_that_the_known_one_has_signed_is_another(studio: remotes.Remote, tunnel: Tunnel) -> None:
    """Whoever has the authority's key has not the daemon's."""
    authority = trustme.CA()
    tunnel.show(authority.issue_cert("127.0.0.1"))
    remotes.save(studio._replace(certificate=authority.cert_pem.bytes().decode()))
    before = tunnel.received
    with pytest.raises(NotTrusted, match="has changed"):
        remotes.connect_to("studio")
    assert tunnel.received == before


def test_a_stream_of_events_ends_when_the_certificate_changes(
    studio: remotes.Remote, tunnel: Tunnel, served: Served
) -> None:
    client = remotes.connect_to("studio")
    image = client.upload(bytes([9, 9, 9, 255] * 48), 8, 6)
    job = client.submit({"content": image["id"], "preset": "ink"})
    tunnel.show(certificate())
    with pytest.raises(NotTrusted):
        list(client.events(job["id"]))


def test_an_expired_certificate_is_told_as_such(studio: remotes.Remote, tunnel: Tunnel) -> None:
    tunnel.show(certificate(valid=False))
    remotes.save(remotes.seen("studio", studio.url, studio.token))
    before = tunnel.received
    with pytest.raises(NotTrusted, match="has expired, so nothing was sent") as refused:
        remotes.connect_to("studio")
    assert tunnel.received == before and "on this computer" in explain(refused.value)


def test_one_that_is_not_valid_yet_points_at_the_clock() -> None:
    error = OSError("no")
    error.verify_code = certificates.NOT_YET_VALID  # type: ignore[attr-defined]
    assert "clock" in str(certificates.failure(error, "studio", "https://x"))


def test_one_that_is_away_is_told_with_this_computer_instead(studio: remotes.Remote, tunnel: Tunnel) -> None:
    tunnel.close()
    with pytest.raises(DaemonGone) as gone:
        remotes.connect_to("studio")
    said = explain(gone.value)
    assert "“studio” does not answer" in said and "You can paint on this computer instead." in said


def test_one_that_is_away_is_never_started(
    studio: remotes.Remote, tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "start_daemon", lambda *_: pytest.fail("it was started"))
    tunnel.close()
    with pytest.raises(DaemonGone):
        remotes.connect_to("studio")


def test_a_revoked_token_is_told_with_what_to_do(studio: remotes.Remote, served: Served) -> None:
    client = remotes.connect_to("studio")
    served.keys.tokens.revoke("anna")
    with pytest.raises(DaemonError) as refused:
        client.jobs()
    assert refused.value.code == "token_revoked"
    assert "was revoked" in explain(refused.value) and "for a new one" in explain(refused.value)


def test_editors_paint_where_it_was_chosen(
    studio: remotes.Remote, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "find_daemon", lambda: None)
    monkeypatch.setattr(discovery, "connect", lambda: served.client)
    assert (remotes.chosen(), remotes.names()) == ("", ["studio"])
    assert connect_chosen() is served.client
    remotes.choose("studio")
    assert remotes.chosen() == "studio" and connect_chosen().url == studio.url
    remotes.remove("studio")
    assert (remotes.chosen(), remotes.names()) == ("", [])
    with pytest.raises(PainterError, match="No other computer is called “studio”"):
        remotes.choose("studio")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("studio.example:8443", "no address"),
        ("ftp://studio.example", "no address"),
        ("https://", "no address"),
        ("https://studio.example/path", "no address"),
        ("https://me:secret@studio.example", "no address"),
        ("https://studio.example:99999", "no address"),
        ("http://studio.example:8765", "not encrypted"),
    ],
)
def test_addresses_are_checked(url: str, words: str) -> None:
    with pytest.raises(PainterError, match=words):
        remotes.seen("studio", url, "x")


@pytest.mark.parametrize("name", ["", "a b", "-x", "x" * 41, "../x", "é"])
def test_names_are_checked(name: str) -> None:
    with pytest.raises(PainterError, match="cannot be a name"):
        remotes.seen(name, "https://studio.example", "x")


def test_nobody_there_and_no_tls_are_told_apart(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "ANSWER_S", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(DaemonGone, match="Nobody answers"):
        remotes.seen("studio", f"https://127.0.0.1:{port}", "x")
    with pytest.raises(DaemonGone, match="speaks no TLS"):
        remotes.seen("studio", served.url.replace("http:", "https:"), "x")


def test_a_tunnel_on_this_computer_needs_no_certificate(served: Served) -> None:
    remotes.save(remotes.seen("tunnel", served.url, served.keys.tokens.add("anna")))
    assert remotes.find("tunnel").fingerprint == ""
    assert remotes.connect_to("tunnel").jobs() == []


@pytest.mark.parametrize("text", ["{", "[]", '{"remotes": [{"name": "x"}]}', '{"remotes": 5}'])
def test_a_damaged_list_is_told_and_not_overwritten(home: Path, text: str) -> None:
    home.mkdir()
    (home / "remotes.json").write_text(text)
    assert (remotes.names(), remotes.chosen()) == ([], "")
    with pytest.raises(PainterError, match="cannot be read"):
        remotes.save(remotes.Remote("a", "https://a", "t", ""))
    with pytest.raises(DaemonGone, match="cannot be read"):
        connect_chosen()
    assert (home / "remotes.json").read_text() == text


def test_another_version_is_told(studio: remotes.Remote, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "API_VERSION", 2)
    with pytest.raises(DaemonGone, match="speaks API version 1 and this program version 2"):
        remotes.connect_to("studio")
    assert json.loads((home / "remotes.json").read_text())["chosen"] == ""
