from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_style_server.editors.kritarc import disable, enable, is_enabled

OURS = "enable_neural_style=true"
REAL = "A=true\n\n[KisTool]\nfilterId=Bicubic\n\n[python]\nenable_hello=true\n\n[theme]\nTheme=Krita dark\n"
LINES = st.lists(
    st.sampled_from(["a=1", "", "ü=Größe", "[theme]", "[python]\nenable_hello=false", "enable_neural_style=true"]),
    max_size=8,
)


def test_new_settings_consist_of_the_group_alone() -> None:
    assert enable("") == f"[python]\n{OURS}\n"


def test_line_goes_to_the_end_of_the_group_that_is_there() -> None:
    assert enable(REAL) == REAL.replace("enable_hello=true\n", f"enable_hello=true\n{OURS}\n")


def test_group_is_appended_after_a_gap_where_there_is_none() -> None:
    assert enable("[theme]\nTheme=x\n") == f"[theme]\nTheme=x\n\n[python]\n{OURS}\n"
    assert enable("[theme]\nTheme=x") == f"[theme]\nTheme=x\n\n[python]\n{OURS}\n"


def test_group_at_the_end_without_a_line_ending_is_completed() -> None:
    assert enable("[python]\nenable_hello=true") == f"[python]\nenable_hello=true\n{OURS}\n"


def test_switched_off_plugin_is_switched_on_in_place() -> None:
    text = "[python]\nenable_neural_style=false\nenable_hello=true\n"

    assert enable(text) == f"[python]\n{OURS}\nenable_hello=true\n"


def test_same_key_in_another_group_means_nothing() -> None:
    text = f"[other]\n{OURS}\n"

    assert not is_enabled(text)
    assert enable(text) == f"{text}\n[python]\n{OURS}\n"
    assert disable(text) == text


def test_windows_line_endings_are_kept() -> None:
    assert enable("[a]\r\nb=1\r\n") == f"[a]\r\nb=1\r\n\r\n[python]\r\n{OURS}\r\n"


def test_disabling_leaves_the_other_plugins_alone() -> None:
    assert disable(enable(REAL)) == REAL


def test_disabling_takes_the_emptied_group_away() -> None:
    assert disable(f"[python]\n{OURS}\n") == ""
    assert disable(f"[a]\nb=1\n\n[python]\n{OURS}\n\n[z]\ny=1\n") == "[a]\nb=1\n\n[z]\ny=1\n"


@pytest.mark.parametrize("value", ["true", "True", "1"])
def test_what_krita_takes_for_true_is_enabled(value: str) -> None:
    assert is_enabled(f"[python]\nenable_neural_style={value}\n")


@given(LINES)
def test_enabling_works_once_and_touches_no_other_line(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)

    once = enable(text)

    assert is_enabled(once) and enable(once) == once
    added = [line for line in once.split("\n") if line not in text.split("\n")]
    assert set(added) <= {"[python]", OURS}


@given(st.lists(st.sampled_from(["a=1", "", "[theme]", "[python]\nenable_hello=false"]), max_size=8))
def test_disabling_undoes_enabling_to_the_byte(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)

    assert disable(enable(text)) == text
