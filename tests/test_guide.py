"""The guide: it builds without a broken link, and says what every message means."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from neural_style_client.controls import CONTROLS
from neural_style_server.api import http_channel, responses
from neural_style_server.cli.commands import group
from neural_style_server.engine.method import Method
from neural_style_server.engine.scales import plan_scales

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
OF_OTHERS = {
    *("--torch-backend", "--force-reinstall", "--upgrade", "--clip", "--part", "--help"),
    *("--head", "--generate", "--object-store-memory"),
}
"""Options of other programs, and of click itself."""


def test_the_guide_builds_without_a_broken_link(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert (tmp_path / "site" / "guide" / "first-picture" / "index.html").is_file()


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages", DOCS / "messages.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_message_is_in_the_guide_as_it_is_now(messages: ModuleType) -> None:
    told = messages.PAGE.read_text("utf-8")
    assert messages.page(told) == told, "run: python docs/messages.py"


def test_every_message_says_what_to_do(messages: ModuleType) -> None:
    said = messages.messages()
    assert len(said) > 90 and not [what for what, cure in said if not cure]


@pytest.mark.parametrize(
    "said",
    [
        "No layer is selected",  # raised as it is
        "Nothing is marked here by …: it was left out",  # told, by way of a function and a variable
        "The layer “…” is in the hidden group “…”, so the result could not be seen",  # in a branch
        "“…” is not an iteration to keep a frame at",  # with an advice behind
        "The result's layer is locked",  # an error of the editor's own
    ],
)
def test_messages_are_found_however_they_are_said(messages: ModuleType, said: str) -> None:
    assert said in [what for what, _ in messages.messages()]


def test_every_code_is_explained_and_no_other(messages: ModuleType) -> None:
    texts = [path.read_text("utf-8") for path in (ROOT / "server" / "neural_style_server").rglob("*.py")]
    raised = {code for text in texts for code in re.findall(r'\bcode"?(?: =|=|:) ?"([a-z_]+)"', text)}
    answered = {*responses.CODES.values(), *http_channel.CODES.values()}
    assert raised and raised | answered == messages.codes().keys()


def test_every_line_of_the_doctor_is_explained_to_painters() -> None:
    told = (DOCS / "guide" / "troubleshooting.md").read_text("utf-8")
    source = (ROOT / "server" / "neural_style_server" / "doctor.py").read_text("utf-8")
    names = set(re.findall(r'(?:Check|_guarded|_private)\("([a-z]+)"', source))
    assert names and not sorted(name for name in names if f"`{name}`" not in told)


def test_the_guide_names_every_preset_for_some_picture() -> None:
    names = {path.name for path in (ROOT / "presets").iterdir() if (path / "preset.yaml").is_file()}
    told = (DOCS / "guide" / "styles.md").read_text("utf-8").partition("## What makes")[0]
    assert names ^ set(re.findall(r"`([a-z-]+)`", told)) == {"gatys-classic"}  # which is for comparison


def options(command: click.Command) -> Iterator[str]:
    """The long options of a command and of those below it."""
    yield from (name for each in command.params for name in (*each.opts, *each.secondary_opts) if name.startswith("--"))
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from options(one)


def test_every_option_is_in_the_docs_and_the_reverse() -> None:
    pages = [ROOT / "README.md", *DOCS.glob("*.md"), *(DOCS / "guide").glob("*.md")]
    text = "\n".join(path.read_text("utf-8") for path in pages)
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*[a-z]\b", text))
    known = set(options(group))
    assert told - known <= OF_OTHERS
    assert not known - told


def snippets() -> Iterator[tuple[str, str]]:
    """(page, what is written there as code) of all texts for people, a line or a span each."""
    folders = (ROOT, ROOT / ".github" / "ISSUE_TEMPLATE", DOCS, DOCS / "guide", DOCS / "method", DOCS / "engineering")
    for path in sorted(path for folder in folders for path in folder.iterdir() if path.suffix in (".md", ".yml")):
        text = path.read_text("utf-8")
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            yield from ((path.name, line) for line in block.replace("\\\n", " ").splitlines())
        for span in re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)):
            yield path.name, " ".join(span.split())


def test_every_command_in_the_docs_exists_and_has_the_options_that_it_is_given() -> None:
    said: set[str] = set()
    wrong = []
    for page, line in snippets():
        for words in re.findall(r"(?:^|[\s/$(])neural-style ([a-z][^;|&#]*)", line):
            name, *rest = words.split()
            if name.startswith(("service.", "node.")):
                continue
            command: click.Command | None = group.commands.get(name)
            said.add(name)
            while isinstance(command, click.Group) and rest and rest[0] in command.commands:
                command = command.commands[rest.pop(0)]
            given = re.findall(r"--[a-z][a-z-]*[a-z]", " ".join(rest))
            if command is None or set(given) - {*options(command), "--help"}:
                wrong.append((page, words))
    assert not wrong
    assert set(group.commands) <= said


def test_every_script_in_the_docs_has_the_options_that_it_is_given() -> None:
    found = 0
    for page, line in snippets():
        for script, rest in re.findall(r"python ((?:benchmarks|docs|presets|translations)/[\w/]+\.py)([^;|&#]*)", line):
            source = (ROOT / script).read_text("utf-8")
            found += 1
            for option in re.findall(r"--[a-z][a-z-]*[a-z]", rest):
                assert f'"{option}"' in source, (page, line)
    assert found > 20


def test_every_file_that_the_docs_name_exists() -> None:
    pages = [ROOT / "CONTRIBUTING.md", DOCS / "reliability.md", *(DOCS / "engineering").glob("*.md")]
    folders = ("server", "gimp_plugin", "krita_plugin", "tests", "benchmarks", "docs", "presets", "translations")
    there = [f"/{path.relative_to(ROOT).as_posix()}" for each in folders for path in (ROOT / each).rglob("*.*")]
    told = {name for page in pages for name in re.findall(r"`([a-z][\w./-]*\.(?:py|js|sh))`", page.read_text("utf-8"))}
    absent = [name for name in told if not any(path.endswith(f"/{name}") for path in there)]
    assert told and sorted(absent) == ["presets/_art/NAME.py"]  # a place for a name


def test_the_sizes_of_large_canvases_are_those_that_are_painted() -> None:
    told = re.findall(r"^\| (\d+) × (\d+) \| ([\d:, ]+) \|$", (DOCS / "canvas.md").read_text("utf-8"), re.MULTILINE)
    assert len(told) == 3
    for width, height, scales in told:
        plan = plan_scales(int(height), int(width), Method())
        assert scales == ", ".join(f"{scale.width}: {scale.iterations}" for scale in plan)


def test_every_control_is_told_shown_and_measured() -> None:
    told = (DOCS / "controls.md").read_text("utf-8")
    guide = (DOCS / "guide" / "controls-by-picture.md").read_text("utf-8")
    shown = (DOCS / "pictures.py").read_text("utf-8").partition("CONTROLS:")[2].partition("}")[0]
    measured = (ROOT / "tests" / "test_controls.py").read_text("utf-8")
    for control in CONTROLS:
        assert f"| `{control.name}` " in told and f"| **{control.plain_label}** |" in guide, control.name
        assert f'"{control.name}": ' in shown and f"{control.name}=" in measured, control.name


def test_every_picture_is_shown_and_made_by_a_script() -> None:
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    text = "\n".join(path.read_text("utf-8") for path in pages)
    scripts = "\n".join(path.read_text("utf-8") for path in DOCS.glob("*.py"))
    pictures = list((DOCS / "images").iterdir())
    assert pictures and not [path.name for path in pictures if f"images/{path.name})" not in text]
    assert not [path.name for path in pictures if f'"{path.name}"' not in scripts and f'"{path.stem}"' not in scripts]
