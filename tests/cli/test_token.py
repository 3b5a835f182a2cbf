"""`neural-style token`: shown once, listed, ended."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run, plain

from neural_style_server.tokens import Tokens


def test_a_token_is_shown_once_and_works(cli: Run, home: Path) -> None:
    code, out, said = cli("token", "add", "anna")
    assert code == 0 and "not shown again" in said
    assert Tokens(home).holder(out.strip()).user == "anna"
    _, listed, _ = cli("token", "list")
    assert "anna" in listed and out.strip() not in listed
    assert cli("token", "revoke", "anna")[0] == 0
    rows = json.loads(cli("token", "list", "--json")[1])
    assert [row["name"] for row in rows] == ["anna"] and rows[0]["revoked"] >= rows[0]["created"]
    assert "revoked" in cli("token", "list")[1]


def test_mistakes_are_told_in_a_sentence(cli: Run, home: Path) -> None:
    assert "Nobody but you" in cli("token", "list")[1]
    code, _, said = cli("token", "add", "No One")
    assert code == 2 and "cannot be a user's name" in plain(said)
    cli("token", "add", "anna")
    code, _, said = cli("token", "add", "anna")
    assert code == 1 and "token revoke anna" in plain(said)
    code, _, said = cli("token", "revoke", "ben")
    assert code == 2 and "has no token" in plain(said)
    (home / "tokens.json").write_text("{")
    code, _, said = cli("token", "list")
    assert code == 1 and "no user is let in" in plain(said)
