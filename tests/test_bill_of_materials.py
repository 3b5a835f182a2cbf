"""A release lists what a user's machine gets, with licences, and nothing that only developers have."""

from __future__ import annotations

import importlib.util
import json
import re
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bill_of_materials", ROOT / ".ci" / "bill_of_materials.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(tool: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    folder = tmp_path_factory.mktemp("dist")
    tool.main(folder)
    (bill,) = folder.glob("*.cdx.json")
    return json.loads(bill.read_text("utf-8")), (folder / "LICENCES.md").read_text("utf-8")


def test_every_requirement_of_the_program_is_listed_with_a_licence(made: tuple[dict[str, Any], str]) -> None:
    bill, table = made
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    required = re.findall(r'"([a-z-]+)>=', project.partition("dependencies = [")[2].partition("]")[0])
    listed = {component["name"]: component for component in bill["components"]}
    assert required and not set(required) - listed.keys()
    assert not [name for name in required if not listed[name].get("licenses")]
    assert not [name for name in required if f"| {name} |" not in table.lower()]
    assert bill["metadata"]["component"]["name"] == "neural-style-server"


def test_what_requirements_require_is_listed_and_linked(made: tuple[dict[str, Any], str]) -> None:
    links = {one["ref"].partition("@")[0]: one.get("dependsOn", []) for one in made[0]["dependencies"]}
    needed = {ref.partition("@")[0] for ref in links["pkg:pypi/flask"]}
    assert "pkg:pypi/werkzeug" in needed and "pkg:pypi/werkzeug" in links


def test_what_is_asked_for_and_not_installed_is_named(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(name: str) -> Any:
        if name == "openexr":
            raise tool.PackageNotFoundError(name)
        return distribution(name)

    monkeypatch.setattr(tool, "distribution", installed)
    packages, absent = tool.graph(tool.PROGRAM)
    assert absent == ["openexr"] and "openexr" not in packages
    assert "not installed where this was made: openexr." in tool.licences(packages, absent)


def test_every_extra_is_listed(made: tuple[dict[str, Any], str]) -> None:
    """One that this Python cannot have is named beside the table."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    extras = project.partition("optional-dependencies]")[2].partition("dev = [")[0]
    assert not [name for name in re.findall(r'"([a-z-]+)[\[>]', extras) if name not in made[1].lower()]


def test_what_only_developers_have_is_not_listed(made: tuple[dict[str, Any], str]) -> None:
    assert not {"pytest", "mypy", "ruff", "playwright"} & {component["name"] for component in made[0]["components"]}


def test_the_sources_of_a_release_have_all_that_make_the_readme_and_the_tests_need() -> None:
    """README, licence and pyproject.toml are always in them."""
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    included = set(re.findall(r'"/([\w.]+)', project.partition("sdist]\ninclude = [")[2].partition("]")[0]))
    run_by_make = re.findall(r"python ([\w.]+)/\w+\.py", (ROOT / "Makefile").read_text("utf-8"))
    linked = re.findall(r"\]\(([\w.]+)", (ROOT / "README.md").read_text("utf-8"))
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    read_by_tests = re.findall(r'\bROOT / "([\w.]+)"', tests)
    needed = {*run_by_make, *linked, *read_by_tests} - {"README.md", "LICENSE", "pyproject.toml"}
    assert run_by_make and linked and read_by_tests and not sorted(needed - included)
