"""Texts in the painter's language. Every text that a painter reads goes through `tr`; no Qt and no GTK here.

The catalogues are gettext's, one for both plug-ins and the daemon's page; docs/engineering/translations.md says how
they are made. A text that a catalogue lacks is shown in English.
"""

import gettext
import os
import re
from functools import lru_cache
from typing import Any, Dict, Iterable

DOMAIN = "neural-style"
FOLDER = "locale"
"""Beside this file."""

ENGLISH = "en"
LANGUAGES: Dict[str, str] = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pt_BR": "Português (Brasil)",
    "ja": "日本語",
    "zh_CN": "简体中文",
}
"""What each is called by those who speak it."""

_DECIMAL_COMMA = ("de", "es", "fr", "pt_BR")
_TRADITIONAL = ("hant", "tw", "hk", "mo")


class Catalogue:
    """The texts in one language; of one that is not known, in English."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else ENGLISH
        folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), FOLDER)
        wanted = [self.language] if self.language != ENGLISH else []
        self._found = gettext.translation(DOMAIN, folder, wanted, fallback=True)

    @property
    def tag(self) -> str:
        """As HTML and HTTP write it: "pt-BR"."""
        return self.language.replace("_", "-")

    def tr(self, text: str, *values: Any) -> str:
        """The text, its {} filled with the values."""
        said = self._found.gettext(text) if text else ""
        return said.format(*values) if values else said

    def ntr(self, one: str, many: str, count: int, *values: Any) -> str:
        """The text for so many; its {} are filled with the values, or with the count alone."""
        return self._found.ngettext(one, many, count).format(*(values or (count,)))

    def plain(self, label: str) -> str:
        """A label without its mnemonic."""
        return without_mnemonic(self.tr(label))

    def number(self, value: float, digits: int) -> str:
        """With the decimal sign of the language."""
        text = "{:.{}f}".format(value, digits)
        return text.replace(".", ",") if self.language in _DECIMAL_COMMA else text


@lru_cache(maxsize=None)
def catalogue(language: str) -> Catalogue:
    return Catalogue(language)


def best_language(wanted: Iterable[str]) -> str:
    """The first of these that there is: "de_AT.UTF-8", "pt-BR" and "zh-Hans-CN" are understood. Else English."""
    for name in wanted:
        parts = re.split("[-_]", re.split("[.@]", name.strip())[0].lower())
        if parts[0] in ("c", "posix"):
            return ENGLISH
        if parts[0] == "zh" and any(part in _TRADITIONAL for part in parts[1:]):
            continue
        known = [one for one in LANGUAGES if one.lower().split("_")[0] == parts[0]]
        if known:
            return known[0]
    return ENGLISH


_used = catalogue(ENGLISH)


def use(language: str) -> None:
    """All texts of this process are in this language from now on."""
    global _used
    _used = catalogue(language)


def language() -> str:
    return _used.language


def N_(text: str) -> str:
    """Marks a text for the catalogues that `tr` translates elsewhere, where it is shown."""
    return text


def tr(text: str, *values: Any) -> str:
    """The text in the painter's language, its {} filled with the values."""
    return _used.tr(text, *values)


def ntr(one: str, many: str, count: int, *values: Any) -> str:
    """The text for so many in the painter's language; its {} are filled with the values, or with the count alone."""
    return _used.ntr(one, many, count, *values)


def number(value: float, digits: int) -> str:
    """With the decimal sign of the painter's language."""
    return _used.number(value, digits)


def without_mnemonic(text: str) -> str:
    """A label as it is read out: "Co_lour" is "Colour", "色(_C)" is "色"."""
    return re.sub(r"\s*\(_\w\)|_", "", text)
