"""`neural-style remote`, and `--on NAME`: a real command against a daemon behind TLS."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.api.conftest import desk, open_desk  # noqa: F401
from tests.cli.conftest import Run, plain
from tests.client.conftest import Served, served  # noqa: F401
from tests.client.tls import Tunnel, certificate

from neural_style_client import remotes

Add = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tunnel(served: Served) -> Iterator[Tunnel]:  # noqa: F811
    made = Tunnel(int(served.url.rpartition(":")[2]), certificate())
    served.keys.public_hosts = frozenset({f"127.0.0.1:{made.port}"})
    served.keys.own_hosts |= served.keys.public_hosts
    yield made
    made.close()


@pytest.fixture
def add(cli: Run, monkeypatch: pytest.MonkeyPatch) -> Add:
    """`remote add` with a token on the standard input."""

    def run(name: str, url: str, token: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(token + "\n"))
        return cli("remote", "add", name, url)

    return run


def test_a_remote_is_added_listed_and_forgotten(cli: Run, add: Add, tunnel: Tunnel, served: Served) -> None:  # noqa: F811
    token = served.keys.tokens.add("anna")
    code, out, _ = add("studio", tunnel.url, token)
    assert code == 0 and "--on studio" in out
    (row,) = json.loads(cli("remote", "list", "--json")[1])
    assert row["url"] == tunnel.url and row["fingerprint"] in out and token not in str(row)
    assert row["fingerprint"] in cli("remote", "list")[1]
    code, out, _ = cli("workers", "--on", "studio")
    assert code == 0 and "fake" in out
    code, out, _ = cli("open", "--print", "--on", "studio")
    assert code == 0 and out.startswith(f"{tunnel.url}/?code=")
    assert "has the certificate that is known" in cli("remote", "accept", "studio")[1]
    assert cli("remote", "remove", "studio")[0] == 0
    assert "No other computer is known" in cli("remote", "list")[1]


def test_a_wrong_token_is_not_kept(add: Add, tunnel: Tunnel) -> None:
    code, _, said = add("studio", tunnel.url, "nst_wrong")
    assert code == 1 and "token is missing or wrong" in plain(said)
    assert remotes.names() == []


def test_a_changed_certificate_is_refused_until_it_is_accepted(
    cli: Run,
    add: Add,
    tunnel: Tunnel,
    served: Served,  # noqa: F811
) -> None:
    add("studio", tunnel.url, served.keys.tokens.add("anna"))
    before = remotes.find("studio").fingerprint
    tunnel.show(certificate())
    code, _, said = cli("workers", "--on", "studio")
    assert code == 1 and "has changed" in plain(said) and "remote accept studio" in said
    code, out, _ = cli("remote", "accept", "studio", "--yes")
    assert code == 0 and before in out and remotes.find("studio").fingerprint in out
    assert cli("workers", "--on", "studio")[0] == 0


@pytest.mark.parametrize(
    "command", [["stylize", "PHOTO", "--preset", "ink"], ["presets", "sheet", "PHOTO"], ["workers"]]
)
def test_an_unknown_name_is_told(cli: Run, photo: Path, command: list[str]) -> None:
    words = [str(photo) if word == "PHOTO" else word for word in command]
    code, _, said = cli(*words, "--on", "studio")
    assert code == 2 and "'neural-style remote list'" in plain(said)
