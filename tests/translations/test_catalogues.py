"""The catalogues are complete; the check finds what is missing, odd or out of date."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

from neural_style_client.problems import PROBLEMS
from neural_style_server import errors

REPOSITORY = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("catalogues", REPOSITORY / "translations/catalogues.py")
assert _spec is not None and _spec.loader is not None
catalogues = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(catalogues)

PANEL = 'from x import tr, ntr\nprint(tr("_Paint {}", 1), ntr("{} layer", "{} layers", 2))\n'
PRESET = "title: Ink\ndescription: Black on white.\ntags: [ink]\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of one module and one preset."""
    for name, text in (("gimp_plugin/panel.py", PANEL), ("presets/ink/preset.yaml", PRESET)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return tmp_path


def _po(root: Path, *pairs: tuple[str, str]) -> None:
    text = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    text += "".join(f'\nmsgid "{english}"\nmsgstr "{said}"\n' for english, said in pairs)
    (root / "de.po").write_text(text, encoding="utf-8")


def _wrong(root: Path) -> list[str]:
    return list(catalogues.problems(catalogues.updated("de", root, root)))


def test_nothing_is_missing_and_nothing_out_of_date() -> None:
    assert catalogues.check() == []


def test_every_text_is_extracted(root: Path) -> None:
    found = {text.msgid for text in catalogues.texts(root)}
    assert found == {"_Paint {}", ("{} layer", "{} layers"), "Ink", "Black on white.", "ink"}


def test_a_new_text_is_missing_until_it_is_translated(root: Path) -> None:
    _po(root, ("Ink", "Tusche"))
    wrong = _wrong(root)
    assert "not translated: '_Paint {}'" in wrong
    assert "not translated: '{} layer'" in wrong
    assert not [problem for problem in wrong if "'Ink'" in problem]


def test_a_text_that_the_sources_have_no_more_is_dropped(root: Path) -> None:
    _po(root, ("Ink", "Tusche"), ("Of yesterday", "Von gestern"))
    made = catalogues.made("de", root, root)[root / "de.po"].decode()
    assert "Tusche" in made
    assert "yesterday" not in made


@pytest.mark.parametrize(("english", "said", "right"), [
    ("{} of {}", "{} von {}", True), ("{} of {}", "{1} von {0}", True), ("{} of {}", "{} von", False),
    ("{} of {}", "{0} von {0}", False), ("{:.0f} s", "{} s", False), ("_Paint", "_Malen", True),
    ("_Paint", "Malen", False), ("_Paint", "描く(_P)", True), ("ends ", "endet", False), ("{!r}", "{!r}", True),
])  # fmt: skip
def test_placeholders_mnemonics_and_spaces_must_agree(english: str, said: str, right: bool) -> None:
    assert (list(catalogues._odd(english, said)) == []) is right


def test_two_labels_of_the_main_dialog_must_not_share_a_letter(root: Path) -> None:
    path = root / "gimp_plugin/neural-style/ui/options.py"
    path.parent.mkdir(parents=True)
    path.write_text('from x import tr\nprint(tr("S_eed"), tr("Si_ze"))\n')
    _po(root, ("S_eed", "_Startwert"), ("Si_ze", "_Skala"))
    doubled = list(catalogues.doubled_mnemonics(catalogues.updated("de", root, root)))
    assert doubled == ["the mnemonic of '_Skala' is that of '_Startwert'"]


def test_what_was_made_is_the_same_again_and_on_other_days(root: Path) -> None:
    shutil.copy(REPOSITORY / "translations/de.po", root)
    assert catalogues.made("de", root, root) == catalogues.made("de", root, root)
    assert b"Babel" not in b"".join(catalogues.made("de", root, root).values())


def test_every_code_of_the_daemon_s_errors_is_translated() -> None:
    """Those of the command line alone, which no plug-in and no page meets, are not."""
    codes = {one.code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "code")}
    for folder in ("api", "cluster", "jobs", "pictures", "presets"):
        for path in (REPOSITORY / "server/neural_style_server" / folder).rglob("*.py"):
            codes |= set(re.findall(r'\bcode"?(?:=|: )"(\w+)"', path.read_text("utf-8")))
    assert codes - PROBLEMS.keys() <= {"running", "address_in_use", "unknown_ending"}


def test_every_text_of_the_page_s_scripts_is_there_also_within_template_literals() -> None:
    assets = Path(__file__).parents[2] / "server" / "neural_style_server" / "api" / "page" / "assets"
    words = json.loads((assets / "words.de.json").read_text("utf-8"))
    scripts = {path.name: path.read_text("utf-8") for path in assets.glob("*.js")}
    said = {(name, text) for name, script in scripts.items() for text in re.findall(r'\btr\("([^"\\]+)"', script)}
    assert ("job.js", "{} left") in said
    assert sorted((name, text) for name, text in said if text not in str(words)) == []
