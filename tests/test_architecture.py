"""Imports point inwards: api → jobs → engine, worker → jobs and engine. Read from the sources, without importing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "server" / "neural_style_server"
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
TORCH_ALLOWED = ("engine/", "weights.py", "worker/", "probe.py", "benchmark.py")

SHARED = {"errors", "field_types", "files", "pixels", "users", "validation", "API_VERSION", "__version__"}
"""What several rooms stand on. Of the rooms these import `engine.method` alone, whose bounds models are made of."""

MAY_IMPORT = {
    "engine": {"errors"},
    "pictures": {"errors", "pixels"},
    "video": {"errors", "files", "pictures", "pixels"},
    "presets": SHARED | {"engine", "pictures", "resources"},
    "jobs": SHARED | {"engine", "presets", "setting_sources", "settings"},
    "worker": SHARED | {"engine", "jobs", "pictures", "delivery", "weights"},
    "cluster": SHARED | {"jobs", "setting_types", "settings", "worker"},
    "api": SHARED
    | {"cluster", "engine", "jobs", "pictures", "presets", "recipe", "resources"}
    | {"setting_types", "settings", "tokens"},
    "editors": SHARED | {"resources"},
}
"""Room: what of the package it may import besides itself."""

KERNELS_MAY_IMPORT = ("engine.kernels", "engine.memory.allocator", "engine.memory.release")
LOWEST = ("allocator", "host", "limits", "out_of_memory", "release", "tensor_store")
"""Modules of engine/memory that the whole engine stands on."""

SHORT = ("server/neural_style_server", "server/neural_style_client", "gimp_plugin", "krita_plugin")
MOST_LINES, MOST_LINES_OF_A_CLASS = 300, 200


@cache
def tree(source: str) -> ast.Module:
    return ast.parse((PACKAGE / source).read_text("utf-8"), source)


def imports(source: str) -> Iterator[str]:
    """The full names of all that a source imports, also within functions; relative ones made absolute."""
    package = ["neural_style_server", *Path(source).parent.parts]
    for node in ast.walk(tree(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def begins(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def within(folder: str) -> list[str]:
    return [source for source in SOURCES if source.startswith(f"{folder}/")]


def ours(source: str) -> set[str]:
    """What a source imports of the package, without the package's name."""
    prefix = "neural_style_server."
    return {name.removeprefix(prefix) for name in imports(source) if name.startswith(prefix)}


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_point_inwards(room: str) -> None:
    assert within(room)
    allowed = MAY_IMPORT[room] | {room}
    wrong = [(source, name) for source in within(room) for name in ours(source) if name.split(".")[0] not in allowed]
    assert not wrong


def test_what_all_rooms_stand_on_knows_none_of_them() -> None:
    for name in sorted(SHARED - {"API_VERSION", "__version__"}):
        rooms = [other for other in ours(f"{name}.py") if other.split(".")[0] in MAY_IMPORT]
        assert not [other for other in rooms if not begins(other, ("engine.method",))], name


def test_kernels_know_nothing_of_the_method() -> None:
    found = [(source, name) for source in within("engine/kernels") for name in ours(source)]
    assert found and not [pair for pair in found if not begins(pair[1], KERNELS_MAY_IMPORT)]


@pytest.mark.parametrize("module", LOWEST)
def test_the_lowest_modules_of_memory_stand_alone(module: str) -> None:
    allowed = ("errors", *(f"engine.memory.{other}" for other in (*LOWEST, "working_set")))
    assert not [name for name in ours(f"engine/memory/{module}.py") if not begins(name, allowed)]


def test_who_may_see_the_page_is_decided_by_a_module_that_stands_alone() -> None:
    assert not ours("api/page/sessions.py")


def test_no_module_imports_itself_in_a_circle() -> None:
    names = {source.removesuffix(".py").replace("/", "."): source for source in SOURCES}
    left = {name: (_modules(source) & names.keys()) - {name} for name, source in names.items()}
    while free := {name for name, needed in left.items() if not needed}:
        left = {name: needed - free for name, needed in left.items() if name not in free}
    assert not left


def _modules(source: str) -> set[str]:
    """The modules that importing a source brings in at once."""
    prefix = "neural_style_server."
    found = {name.removeprefix(prefix) for name in top_level(source) if name.startswith(prefix)}
    return found | {name.rpartition(".")[0] for name in found}


def test_the_engine_knows_tensors_only() -> None:
    outside = ("flask", "yaml", "PIL", "watchdog", "waitress", "click", "rich", "pydantic")
    assert not [(source, name) for source in within("engine") for name in imports(source) if begins(name, outside)]


def test_the_engine_takes_only_errors_from_the_rest_of_the_package() -> None:
    allowed = ("neural_style_server.engine", "neural_style_server.errors")
    names = {name for source in within("engine") for name in imports(source) if begins(name, ("neural_style_server",))}
    assert not [name for name in names if not begins(name, allowed)]


def test_torch_is_imported_only_where_the_network_lives() -> None:
    roots = ("torch", "torchvision", "safetensors")
    found = {source for source in SOURCES for name in imports(source) if begins(name, roots)}
    assert found and not [source for source in found if not source.startswith(TORCH_ALLOWED)]


def top_level(source: str) -> Iterator[str]:
    """What is imported as soon as the module is, so not what stands in functions or under TYPE_CHECKING."""
    lazy = {
        id(child)
        for node in ast.walk(tree(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        for child in ast.walk(node)
    }
    package = ["neural_style_server", *Path(source).parent.parts]
    for node in ast.walk(tree(source)):
        if id(node) in lazy:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield start
            yield from (f"{start}.{alias.name}" for alias in node.names)


def reached(source: str) -> set[str]:
    """Everything that importing a source brings in, followed through the package."""
    seen: set[str] = set()
    waiting = [source]
    names: set[str] = set()
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for name in top_level(current):
            names.add(name)
            path = "/".join(name.split(".")[1:])
            waiting += [
                s
                for s in (f"{path}.py", f"{path}/__init__.py")
                if name.startswith("neural_style_server.") and s in SOURCES
            ]
    return names


@pytest.mark.parametrize(
    "source", ["api/app.py", "api/daemon.py", "cli/__init__.py", "__main__.py", "jobs/assembly.py"]
)
def test_the_daemon_and_the_command_line_start_without_torch(source: str) -> None:
    assert not [name for name in reached(source) if begins(name, ("torch", "torchvision"))]


def test_the_command_line_starts_without_what_only_some_commands_need() -> None:
    some = ("pydantic", "yaml", "rich", "neural_style_server.editors", "neural_style_server.service")
    assert not [name for name in reached("cli/__init__.py") if begins(name, some)]


def test_no_module_prints() -> None:
    printing = [
        source
        for source in SOURCES
        if not source.startswith("cli/") and source != "probe.py"  # a process of its own, whose answer is its output
        for node in ast.walk(tree(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not printing


@pytest.mark.parametrize("folder", SHORT)
def test_a_file_and_a_class_have_one_subject_each(folder: str) -> None:
    """Those that grow beyond this have had two so far."""
    texts = {path: path.read_text("utf-8") for path in (REPOSITORY / folder).rglob("*.py")}
    classes = [node for text in texts.values() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)]
    assert classes and not [path.name for path, text in texts.items() if len(text.splitlines()) > MOST_LINES]
    assert not [one.name for one in classes if _lines(one) > MOST_LINES_OF_A_CLASS]


def _lines(node: ast.ClassDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_the_imports_of_this_test_are_seen_as_python_sees_them() -> None:
    assert "neural_style_server.errors.Diverged" in imports("engine/transfer.py")
    assert "torch" in imports("engine/vgg.py")
