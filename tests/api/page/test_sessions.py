"""Codes work once and not for long; a session ends when nobody asks, or when it is told to."""

from __future__ import annotations

from neural_style_server.api.page.sessions import (
    CODE_S,
    IDLE_S,
    MOST_CODES,
    MOST_SESSIONS,
    Sessions,
    csrf_token,
    is_csrf_token,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened(sessions: Sessions) -> str:
    secret = sessions.begin(sessions.new_code("anna"))
    assert secret is not None
    return secret


def test_a_code_works_once() -> None:
    sessions = Sessions()
    code = sessions.new_code("anna")
    assert sessions.begin(code) is not None
    assert sessions.begin(code) is None


def test_a_code_works_not_for_long() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    code = sessions.new_code("anna")
    clock.now += CODE_S
    assert sessions.begin(code) is None


def test_what_is_no_code_begins_nothing() -> None:
    sessions = Sessions()
    code = sessions.new_code("anna")
    for guess in ("", code[:-1], code + "x", code.swapcase(), "é", opened(sessions)):
        assert sessions.begin(guess) is None


def test_a_code_is_no_session() -> None:
    sessions = Sessions()
    assert not sessions.holder(sessions.new_code("anna"))


def test_a_session_lasts_while_it_is_used() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    secret = opened(sessions)
    clock.now += IDLE_S - 1
    assert sessions.holder(secret)
    clock.now += IDLE_S - 1
    assert sessions.holder(secret)
    clock.now += IDLE_S
    assert not sessions.holder(secret)


def test_ending_one_session_leaves_the_others() -> None:
    sessions = Sessions()
    one, other = opened(sessions), opened(sessions)
    sessions.end(one)
    assert not sessions.holder(one)
    assert sessions.holder(other)


def test_ending_all_ends_unused_codes_too() -> None:
    sessions = Sessions()
    secret, code = opened(sessions), sessions.new_code("anna")
    sessions.end_all()
    assert not sessions.holder(secret)
    assert sessions.begin(code) is None


def test_the_oldest_make_room() -> None:
    sessions = Sessions()
    secrets = [opened(sessions) for _ in range(MOST_SESSIONS + 1)]
    assert [sessions.holder(secret) is not None for secret in secrets[:2]] == [False, True]
    codes = [sessions.new_code("anna") for _ in range(MOST_CODES + 1)]
    assert sessions.begin(codes[0]) is None
    assert sessions.begin(codes[1]) is not None


def test_a_csrf_token_is_its_session_s_alone() -> None:
    sessions = Sessions()
    one, other = opened(sessions), opened(sessions)
    assert is_csrf_token(csrf_token(one), one)
    for wrong in (csrf_token(other), one, "", "é"):
        assert not is_csrf_token(wrong, one)


def test_nobody_shuts_another_out() -> None:
    sessions = Sessions()
    secret, code = opened(sessions), sessions.new_code("anna")
    for _ in range(2 * MOST_SESSIONS):
        own = sessions.begin(sessions.new_code("ben"))
    for _ in range(2 * MOST_CODES):
        sessions.new_code("ben")
    assert sessions.holder(secret) == "anna" and sessions.begin(code) is not None
    assert own is not None and sessions.holder(own) == "ben"
