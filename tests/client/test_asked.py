"""A daemon that was started again while an editor's dialogue was open."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.client.fake_daemon import FakeDaemon

from neural_style_client import Client, DaemonBusy, DaemonError, connect
from neural_style_client.remotes import asked


def test_what_is_asked_of_a_daemon_that_was_started_again_is_asked_of_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEURAL_STYLE_HOME", str(tmp_path))
    with FakeDaemon(tmp_path):
        former = connect()
    with FakeDaemon(tmp_path) as again:
        assert asked(former, lambda client: client.url) == former.url
        assert asked(former, lambda client: (client.health(), client.url)[1]).endswith(str(again.server.server_port))


@pytest.mark.parametrize(("status", "is_asked_again"), [(401, True), (404, False), (429, False)])
def test_a_token_of_before_is_no_reason_to_give_up(fake_daemon: FakeDaemon, status: int, is_asked_again: bool) -> None:
    former, seen = Client("http://127.0.0.1:9", "old"), []

    def ask(client: Client) -> str:
        seen.append(client)
        if client is former:
            raise DaemonError(status, {"code": "some"})
        return "an answer"

    if is_asked_again:
        assert asked(former, ask) == "an answer" and len(seen) == 2
    else:
        with pytest.raises(DaemonError):
            asked(former, ask)
        assert seen == [former]


def test_a_daemon_that_is_only_slow_is_not_asked_twice(fake_daemon: FakeDaemon) -> None:
    def ask(client: Client) -> None:
        raise DaemonBusy("The daemon is busy.")

    with pytest.raises(DaemonBusy):
        asked(connect(), ask)
