"""Names of files and how problems are collected."""

import pytest

from neural_style_server.errors import PresetError
from neural_style_server.presets import rules


@pytest.mark.parametrize(
    "file", ["a/b.png", "..\\a.png", "/a.png", "C:a.png", ".a.png", "a.svg", "a.png ", "a\0.png", "", None, 3]
)
def test_image_files_are_plain_picture_names(file: object) -> None:
    assert rules.file_name_problem(file)


@pytest.mark.parametrize("file", ["style.jpg", "Gemälde 2.JPEG", "a.b.webp", "ink (1).png"])
def test_usual_picture_names_are_fine(file: str) -> None:
    assert rules.file_name_problem(file) is None


def test_a_report_without_problems_raises_nothing() -> None:
    report = rules.Report(lambda keys: "/".join(map(str, keys)))
    report.raise_if_any()
    report.add(("a", 1), "wrong.")
    report.add((), "all of it.")
    with pytest.raises(PresetError) as caught:
        report.raise_if_any()
    assert caught.value.detail == "a/1: wrong.\nall of it."


def test_spellings_are_compared_as_file_systems_do() -> None:
    assert rules.same_spelling("É.png") == rules.same_spelling("e\u0301.PNG")
