"""Texts in the painter's language: the catalogue is found, what it lacks is English, counts are said right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from neural_style_client import errors, preset_filters, translations, wording
from neural_style_client.problems import PROBLEMS
from neural_style_client.translations import ENGLISH, LANGUAGES, best_language, catalogue, ntr, number, tr, use

OTHERS = [language for language in LANGUAGES if language != ENGLISH]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use(ENGLISH)


@pytest.mark.parametrize(("wanted", "best"), [
    (["de_AT.UTF-8"], "de"), (["pt-BR"], "pt_BR"), (["pt_PT", "fr"], "pt_BR"), (["zh-Hans-CN"], "zh_CN"),
    (["zh_TW", "ja_JP"], "ja"), (["zh_Hant_HK"], "en"), (["en_GB", "de"], "en"), (["C", "de"], "en"),
    (["nl", "sv"], "en"), (["nl", "es_MX@latin"], "es"), ([], "en"), (["", "ja"], "ja"),
])  # fmt: skip
def test_the_first_language_that_there_is_is_taken(wanted: list[str], best: str) -> None:
    assert best_language(wanted) == best


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_its_own_words(language: str) -> None:
    use(language)
    assert translations.language() == language
    assert tr("Stop here and keep") not in ("Stop here and keep", "")
    assert tr(wording.STATES["queued"]) != wording.STATES["queued"]


def test_english_needs_no_catalogue() -> None:
    assert tr("{} left", "3 min") == "3 min left"
    assert ntr("{} iteration", "{} iterations", 1) == "1 iteration"


@pytest.mark.parametrize("language", OTHERS)
def test_a_word_that_is_missing_is_english(language: str) -> None:
    use(language)
    assert tr("A word of tomorrow: {}", 3) == "A word of tomorrow: 3"
    assert ntr("{} word of tomorrow", "{} words of tomorrow", 2) == "2 words of tomorrow"
    assert tr("") == ""  # and never the catalogue's own header


def test_a_language_that_is_not_there_is_english() -> None:
    use("tlh")
    assert translations.language() == ENGLISH
    assert tr("Cancel") == "Cancel"


def test_a_catalogue_that_was_left_out_is_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(translations.__file__, tmp_path)
    monkeypatch.setattr(translations, "__file__", str(tmp_path / "translations.py"))
    assert translations.Catalogue("de").tr("Cancel") == "Cancel"


@pytest.mark.parametrize(("language", "one", "many"), [
    ("de", "1 Iteration", "5 Iterationen"), ("es", "1 iteración", "5 iteraciones"),
    ("fr", "1 itération", "5 itérations"), ("pt_BR", "1 iteração", "5 iterações"),
    ("ja", "反復 1 回", "反復 5 回"), ("zh_CN", "1 次迭代", "5 次迭代"),
])  # fmt: skip
def test_counts_are_said_right(language: str, one: str, many: str) -> None:
    use(language)
    said = [ntr("{} iteration", "{} iterations", count) for count in (1, 5)]
    assert said == [one, many]


def test_none_is_singular_in_french_and_plural_in_german() -> None:
    none = [catalogue(language).ntr("{} iteration", "{} iterations", 0) for language in ("fr", "de")]
    assert none == ["0 itération", "0 Iterationen"]


def test_numbers_have_the_languages_decimal_sign() -> None:
    said = []
    for language in ("en", "de", "ja"):
        use(language)
        said.append(number(1.25, 1))
    assert said == ["1.2", "1,2", "1.2"]


def test_a_label_is_read_out_without_its_mnemonic() -> None:
    assert [catalogue(language).plain("Co_lour") for language in ("en", "de", "ja")] == ["Colour", "Farbe", "色"]


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_what_the_daemon_refuses_is_said_in_the_painters_language(code: str) -> None:
    use("de")
    told = errors.explain(errors.DaemonError(400, {"code": code, "detail": "English detail.", "hint": "English."}))
    assert told.startswith(tr(PROBLEMS[code][0]))
    assert tr(PROBLEMS[code][1]) in told
    assert "English detail." in told  # it says the most


@pytest.mark.parametrize("language", OTHERS)
def test_the_systems_own_words_are_left_out_in_every_language(language: str) -> None:
    use(language)
    gone = errors.DaemonGone(tr("The daemon does not answer at {} ({}).", "http://127.0.0.1:1", "[Errno 111] refused"))
    assert "127.0.0.1" in errors.explain(gone)
    assert "Errno" not in errors.explain(gone)


def test_a_code_of_tomorrow_is_told_in_the_daemons_words() -> None:
    use("de")
    error = errors.DaemonError(400, {"code": "of_tomorrow", "detail": "English detail", "hint": "Wait."})
    assert errors.explain(error) == "English detail. Wait."


def test_styles_that_came_with_the_daemon_are_translated_and_the_painters_own_are_not() -> None:
    use("de")
    preset = {"name": "crayon", "title": "Crayon", "description": "", "read_only": True}
    assert preset_filters.title(preset) == "Wachskreide"
    assert preset_filters.title({**preset, "read_only": False}) == "Crayon"


def test_styles_are_found_in_both_languages() -> None:
    use("de")
    preset = {"name": "crayon", "title": "Crayon", "description": "", "tags": ["wax"], "read_only": True}
    assert [preset_filters.matches(preset, preset_filters.ALL, word) for word in ("wachs", "wax", "öl")] == [
        True, True, False
    ]  # fmt: skip
