"""Tokens of users: shown once, kept as salted hashes, read again when the file has changed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from neural_style_server.errors import Conflict, InvalidRequest, NotFound, StorageError, Unauthorised
from neural_style_server.tokens import FILE_NAME, PREFIX, Tokens
from neural_style_server.users import Holder, user_home


def test_a_token_opens_for_its_name_alone(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    anna, ben = tokens.add("anna"), tokens.add("ben")
    assert [tokens.holder(token).user for token in (anna, ben)] == ["anna", "ben"]
    for wrong in ("", anna[:-1], anna + "x", anna.swapcase(), PREFIX, "é", "anna"):
        with pytest.raises(Unauthorised) as refused:
            tokens.holder(wrong)
        assert refused.value.code == "unauthorised"


def test_only_salted_hashes_are_on_the_disk_and_only_for_their_owner(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    token = tokens.add("anna")
    text = (tmp_path / FILE_NAME).read_text()
    assert token not in text and token.removeprefix(PREFIX) not in text
    tokens.revoke("anna")
    tokens.add("anna")
    records = json.loads((tmp_path / FILE_NAME).read_text())["tokens"]
    assert len({record["salt"] for record in records}) == len({record["hash"] for record in records}) == 2
    for name in (FILE_NAME, "tokens.lock"):
        assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600, name


def test_another_program_s_changes_hold_at_once(tmp_path: Path) -> None:
    running, other = Tokens(tmp_path), Tokens(tmp_path)
    with pytest.raises(Unauthorised):
        running.holder("x")
    token = other.add("anna")
    holder = running.holder(token)
    running.check(holder)
    other.revoke("anna")
    for refused in (lambda: running.check(holder), lambda: running.holder(token)):
        with pytest.raises(Unauthorised, match="was revoked") as error:
            refused()
        assert error.value.code == "token_revoked"
    fresh = other.add("anna")
    assert running.holder(fresh).user == "anna"
    with pytest.raises(Unauthorised, match="was revoked"):
        running.check(holder)
    (tmp_path / FILE_NAME).unlink()
    with pytest.raises(Unauthorised):
        running.holder(fresh)


def test_names_are_checked(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    for name in ("", "owner", "Anna", "a b", "../x", "-x", "x" * 41, "é", "anna\n", "a/b"):
        with pytest.raises(InvalidRequest, match="cannot be a user's name"):
            tokens.add(name)
    tokens.add("anna-2")
    with pytest.raises(Conflict, match="has a token already"):
        tokens.add("anna-2")
    for nobody in ("ben", "owner"):
        with pytest.raises(NotFound, match="has no token"):
            tokens.revoke(nobody)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tokens": [{"name": "anna"}]}', '{"version": 2, "tokens": []}'])
def test_a_damaged_file_lets_nobody_in_and_is_not_overwritten(tmp_path: Path, text: str) -> None:
    tokens = Tokens(tmp_path)
    token = tokens.add("anna")
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(Unauthorised):
        tokens.holder(token)
    with pytest.raises(Unauthorised):
        tokens.check(Holder("anna", "0" * 64))
    for change in (lambda: tokens.add("ben"), lambda: tokens.revoke("anna"), tokens.records):
        with pytest.raises(StorageError, match="no user is let in"):
            change()
    assert (tmp_path / FILE_NAME).read_text() == text


def test_the_owner_needs_no_file(tmp_path: Path) -> None:
    Tokens(tmp_path).check(Holder("owner"))
    assert user_home(tmp_path, "owner") == tmp_path
    assert user_home(tmp_path, "anna") == tmp_path / "users" / "anna"
