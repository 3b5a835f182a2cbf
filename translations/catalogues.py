"""The catalogues of all texts: extracted from the sources, checked, and compiled for plug-ins and page.

    python translations/catalogues.py           # make translations: bring all up to date, say what is missing
    python translations/catalogues.py --check   # part of make check: nothing missing, nothing out of date

The sources of truth are the texts in the code, which are English, and one LANGUAGE.po beside this file for each other
language. From these are made the .mo files of `neural_style_client`, and the page's words as JSON.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "server"))

from neural_style_client.problems import PROBLEMS  # noqa: E402
from neural_style_client.translations import DOMAIN, ENGLISH, FOLDER, LANGUAGES, without_mnemonic  # noqa: E402
from neural_style_server.engine.method import Method  # noqa: E402
from neural_style_server.field_types import fields_model  # noqa: E402

CLIENT = "server/neural_style_client"
PAGE = "server/neural_style_server/api/page"
SOURCES = (
    ("python", "gimp_plugin/**/*.py"),
    ("python", "krita_plugin/**/*.py"),
    ("python", f"{CLIENT}/*.py"),
    ("python", f"{PAGE}/*.py"),
    ("jinja2", f"{PAGE}/templates/*.html"),
    ("javascript", f"{PAGE}/assets/*.js"),
)
"""Babel's name for how a file is read, and which files."""
PRESETS = "presets/*/preset.yaml"
SETTINGS = "server/neural_style_server/engine/method.py"
"""Its meanings are the OpenAPI document's, which the page's scripts read."""
MAIN_DIALOG = (
    "blend", "gallery", "options", "preview", "preview_switch", "regions", "sliders", "stylize_dialog", "where"
)  # fmt: skip
"""The modules of GIMP's main dialog: its labels are reached by Alt and one letter each."""
KEYWORDS = {"tr": None, "N_": None, "ntr": (1, 2)}
OPTIONS = {"trimmed": "false", "silent": "false", "parse_template_string": "true"}
TRANSLATED = [language for language in LANGUAGES if language != ENGLISH]
FIELD = re.compile(r"\{(\d*)([^{}]*)\}")
MNEMONIC = re.compile(r"_\w")
FORMS = {"es": (2, "n != 1"), "fr": (2, "n > 1"), "pt_BR": (2, "n > 1")}
"""How many forms a count has, and which is taken: Unicode's third form of these is for whole millions alone."""


class Texts(Catalog):
    """A catalogue whose file is the same with every version of Babel."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "Neural Style"),
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]

    @property
    def num_plurals(self) -> int:
        return self._forms[0]

    @property
    def plural_expr(self) -> str:
        return self._forms[1]

    @property
    def _forms(self) -> tuple[int, str]:
        language = str(self.locale)
        return FORMS.get(language) or (super().num_plurals, super().plural_expr)


class Text(NamedTuple):
    """A text, or a pair of one and many, and the file that it is in."""

    msgid: str | tuple[str, str]
    source: str


def texts(root: Path = ROOT) -> Iterator[Text]:
    """Every text of the sources."""
    for method, pattern in SOURCES:
        for path in sorted(root.glob(pattern)):
            with path.open("rb") as file:
                yield from (Text(msgid, path.relative_to(root).as_posix()) for msgid in _extracted(method, file))
    for path in sorted(root.glob(PRESETS)):
        found = yaml.safe_load(path.read_text("utf-8"))
        for text in (found["title"], found["description"], *found["tags"]):
            yield Text(text, path.relative_to(root).as_posix())
    if (root / SETTINGS).exists():
        for field in fields_model(Method).model_fields.values():
            yield Text(field.description or "", SETTINGS)


def _extracted(method: str, file: BinaryIO) -> Iterator[str | tuple[str, str]]:
    for _, msgid, _, _ in extract(method, file, KEYWORDS, options=OPTIONS):
        yield msgid if isinstance(msgid, str) else (msgid[0], msgid[1])


def template(root: Path = ROOT) -> Catalog:
    """All texts without translations."""
    return _filled(None, root, None)


def updated(language: str, root: Path = ROOT, folder: Path = HERE) -> Catalog:
    """All texts of the sources with the translations that there are; what the sources have no more is dropped."""
    path = folder / f"{language}.po"
    known = None
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale=language)
    return _filled(language, root, known)


def _filled(language: str | None, root: Path, known: Catalog | None) -> Catalog:
    header = "# Texts of Neural Style. 'make translations' keeps what is to be translated up to date."
    catalog = Texts(locale=language, domain=DOMAIN, header_comment=header, fuzzy=False)
    for text in texts(root):
        former = known.get(text.msgid) if known is not None else None
        same = former is not None and former.pluralizable == isinstance(text.msgid, tuple)
        catalog.add(text.msgid, former.string if former is not None and same else None, [(text.source, 0)])
    return catalog


def problems(catalog: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue, a sentence each."""
    for message in catalog:
        if not message.id:
            continue
        said = _forms(message.string)
        what = _forms(message.id)
        if not all(said) or (message.pluralizable and len(said) != catalog.num_plurals):
            yield f"not translated: {what[0]!r}"
            continue
        if message.fuzzy:
            yield f"marked as fuzzy: {what[0]!r}"
        for form in said:
            yield from _odd(what[-1], form)


def _odd(english: str, said: str) -> Iterator[str]:
    """What a translation must have as the text has it."""
    if not _same_fields(english, said):
        yield f"other placeholders than {english!r}: {said!r}"
    if len(MNEMONIC.findall(english)) != len(MNEMONIC.findall(said)):
        yield f"another number of mnemonics than {english!r}: {said!r}"
    if english[:1].isspace() != said[:1].isspace() or english[-1:].isspace() != said[-1:].isspace():
        yield f"other spaces at its ends than {english!r}: {said!r}"


def _same_fields(english: str, said: str) -> bool:
    """The same {} in the same order; or all of them numbered from 0, in any order."""
    wanted, found = FIELD.findall(english), FIELD.findall(said)
    if any(number for number, _ in found):
        try:
            return sorted((int(number), kind) for number, kind in found) == [
                (place, kind) for place, (_, kind) in enumerate(wanted)
            ]
        except ValueError:
            return False
    return wanted == found


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return list(text) if isinstance(text, (tuple, list)) else [text or ""]


def doubled_mnemonics(catalog: Catalog) -> Iterator[str]:
    """Labels of GIMP's main dialog that share their letter: each of them is reached by a second press only."""
    letters: dict[str, str] = {}
    sources = {f"gimp_plugin/neural-style/ui/{name}.py" for name in MAIN_DIALOG} | {f"{CLIENT}/controls.py"}
    for message in catalog:
        inside = {source for source, _ in message.locations} & sources
        letter = re.search(r"_(\w)", _forms(message.string)[0]) if inside and message.id else None
        if letter and letter[1].lower() in letters:
            yield f"the mnemonic of {message.string!r} is that of {letters[letter[1].lower()]!r}"
        elif letter:
            letters[letter[1].lower()] = str(message.string)


def page_words(catalog: Catalog) -> bytes:
    """What the page's scripts show, as JSON.

    {"texts": {English: text or [one, many]}, "problems": {code: [what happened, what to do]}}
    """
    found = {_forms(one.id)[0]: _worded(one) for one in catalog if _is_of_scripts(one) and _is_translated(one)}
    told = {code: [_said(catalog, text) for text in pair] for code, pair in PROBLEMS.items()}
    words = {"texts": found, "problems": told}
    return (json.dumps(words, ensure_ascii=False, indent=0, sort_keys=True) + "\n").encode("utf-8")


def _is_of_scripts(message: Message) -> bool:
    sources = [source for source, _ in message.locations]
    return any(source.endswith((".js", "preset.yaml", SETTINGS)) for source in sources)


def _is_translated(message: Message) -> bool:
    return all(_forms(message.string))


def _worded(message: Message) -> str | list[str]:
    return without_mnemonic(message.string) if isinstance(message.string, str) else list(message.string)


def _said(catalog: Catalog, text: str) -> str:
    message = catalog.get(text)
    return str(message.string) if message is not None and message.string else text


def made(language: str, root: Path = ROOT, folder: Path = HERE) -> dict[Path, bytes]:
    """The files of a language, as they must be."""
    catalog = updated(language, root, folder)
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=120, include_lineno=False)
    write_mo(mo, catalog)
    tag = language.replace("_", "-")
    return {
        folder / f"{language}.po": po.getvalue(),
        root / f"{CLIENT}/{FOLDER}/{language}/LC_MESSAGES/{DOMAIN}.mo": mo.getvalue(),
        root / f"{PAGE}/assets/words.{tag}.json": page_words(catalog),
    }


def check() -> list[str]:
    """What is wrong with the catalogues as they lie there."""
    wrong = []
    for language in TRANSLATED:
        catalog = updated(language)
        wrong += [f"{language}: {problem}" for problem in (*problems(catalog), *doubled_mnemonics(catalog))]
        for path, data in made(language).items():
            if not path.exists() or path.read_bytes() != data:
                wrong.append(f"{language}: {path.relative_to(ROOT)} is out of date; run 'make translations'")
    return wrong


def main(only_check: bool) -> int:
    if not only_check:
        for language in TRANSLATED:
            for path, data in made(language).items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
    wrong = check()
    print("\n".join(wrong) or f"{len(list(template())) - 1} texts in {len(TRANSLATED)} languages: nothing is missing.")
    return 1 if wrong and only_check else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
