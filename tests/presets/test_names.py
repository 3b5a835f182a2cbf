"""Names of files."""

import pytest

from neural_style_server.presets.names import file_name_problem, same_spelling


@pytest.mark.parametrize(
    "file", ["a/b.png", "..\\a.png", "/a.png", "C:a.png", ".a.png", "a.svg", "a.png ", "a\0.png", "", "a" * 99 + ".png"]
)
def test_image_files_are_plain_picture_names(file: str) -> None:
    assert file_name_problem(file)


@pytest.mark.parametrize("file", ["style.jpg", "Gemälde 2.JPEG", "a.b.webp", "ink (1).png"])
def test_usual_picture_names_are_fine(file: str) -> None:
    assert file_name_problem(file) is None


def test_spellings_are_compared_as_file_systems_do() -> None:
    assert same_spelling("É.png") == same_spelling("e\u0301.PNG")
