"""What is refused as YAML, and that every value knows its line."""

import time

import pytest

from neural_style_server.errors import PresetError
from neural_style_server.presets.yaml_document import MAX_BYTES, read_document


def test_scalars_follow_yaml_1_2() -> None:
    text = "[1e5, no, 2024-05-01, 010, true, ~, '1', -3, 1:30, .5]"
    expected = [1e5, "no", "2024-05-01", 10, True, None, "1", -3, "1:30", 0.5]
    assert read_document("a: " + text, "p").data == {"a": expected}


def test_every_value_knows_its_line() -> None:
    document = read_document("a: 1\nb:\n- x\n- c: 2\n  d: 3\n", "ink/preset.yaml")
    assert document.where(("b", 1, "d")) == "ink/preset.yaml line 5"
    assert document.where(("b", 1, "absent")) == "ink/preset.yaml line 4"
    assert document.where(("absent",)) == "ink/preset.yaml"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x [1]\nb: *x\n", "anchors and aliases"),
        ("a: *x\n", "anchors and aliases"),
        ("a: " + "[" * 100_000, "nested at most"),
        ("a: [" + "1, " * 20_000 + "1]", "at most 5000 values"),
        ("a: " + "x" * MAX_BYTES, "larger than 256 KiB"),
        ("a: [1\n", "not YAML"),
        ("- 1\n", "keys and values"),
        ("", "keys and values"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
        ("a: \x00\n", "not YAML"),
        ("\ta: 1\n", "not YAML"),
    ],
)
def test_what_presets_do_not_use_is_refused_at_once(text: str, reason: str) -> None:
    began = time.monotonic()
    with pytest.raises(PresetError, match=reason) as caught:
        read_document(text, "ink/preset.yaml")
    assert caught.value.detail.startswith("ink/preset.yaml")
    assert time.monotonic() - began < 3


def test_the_classic_alias_bomb_is_refused() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
    with pytest.raises(PresetError, match=r"line 1: .*anchors"):
        read_document('a0: &a0 ["x"]\n' + levels, "bomb")


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!!binary", "!!set", "!mine"])
def test_tags_make_nothing(tag: str) -> None:
    document = read_document(f"a: {tag} x\n", "p")
    assert document.data == {"a": None}
    assert "is not used in presets" in document.problems[0].text


def test_a_key_written_twice_is_told_with_its_own_line() -> None:
    document = read_document("a: 1\nb: 2\na: 3\n", "p")
    problem = document.problems[0]
    assert (document.where(problem.keys), problem.text) == ("p line 3", "'a' is written twice; keep one of them.")
    assert document.data["a"] == 1
