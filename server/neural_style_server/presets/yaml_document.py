"""Reading preset.yaml into plain values, each with the line that it stands on.

PyYAML composes the nodes and the values are made here, so that nothing but text, numbers, true/false, lists
and mappings can come out of a file. Scalars follow YAML 1.2: `1e5` is a number, `no` and `2024-05-01` are
words. Anchors and aliases are refused, which leaves no way to make a small file large.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..errors import PresetError
from ..validation import Keys, Problem, listed

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_NODES = 5_000

_TAG = "tag:yaml.org,2002:"
_SCALARS: dict[str, Callable[[str], Any]] = {
    _TAG + "null": lambda text: None,
    _TAG + "bool": lambda text: text.lower() == "true",
    _TAG + "int": int,
    _TAG + "float": lambda text: float(text.replace(".inf", "inf").replace(".nan", "nan")),
    _TAG + "str": str,
}
_IMPLICIT = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]{1,19}", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan", list("-+.0123456789")),
)


def _implicit_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    table: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, pattern, first in _IMPLICIT:
        rule = (_TAG + kind, re.compile(rf"(?:{pattern})\Z"))
        for character in first:
            table.setdefault(character, []).append(rule)
    return table


@dataclass(frozen=True)
class Document:
    """What one file says, where it says it, and what is wrong with it as YAML."""

    data: dict[str, Any]
    path: str
    lines: Mapping[Keys, int]
    problems: list[Problem] = field(default_factory=list)

    def where(self, keys: Keys) -> str:
        """`presets/ink/preset.yaml line 12`, or the nearest line that is known."""
        line = self._line(keys)
        return f"{self.path} line {line}" if line else self.path

    def listed(self, problems: Sequence[Problem]) -> str:
        """In the order of the file, each with its line."""
        return listed(sorted(problems, key=lambda it: self._line(it.keys)), self.where)

    def _line(self, keys: Keys) -> int:
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines[keys] if keys else 0


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = _implicit_resolvers()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = self.count = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse(event, "anchors and aliases (& and *) are not used in presets; write the value out")
        self.count += 1
        self.depth += 1
        if self.depth > MAX_DEPTH or self.count > MAX_NODES:
            _refuse(event, f"a preset has at most {MAX_NODES} values, nested at most {MAX_DEPTH} deep")
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_document(text: str, path: str) -> Document:
    """Raises PresetError where the text is no YAML mapping at all."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PresetError(f"{path}: the file is larger than {MAX_BYTES // 1024} KiB, which no preset needs.")
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f" line {mark.line + 1}" if mark else ""
        raise PresetError(f"{path}{line}: this is not YAML as presets use it: {error.problem}.") from None
    except yaml.YAMLError as error:
        raise PresetError(f"{path}: this is not YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(node, yaml.MappingNode):
        raise PresetError(f"{path}: the file must hold keys and values, such as 'title: Ink wash'.")
    lines: dict[Keys, int] = {}
    problems: list[Problem] = []
    return Document(_mapping(node, (), lines, problems), path, lines, problems)


def _value(node: yaml.Node, keys: Keys, lines: dict[Keys, int], problems: list[Problem]) -> Any:
    lines.setdefault(keys, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode) and node.tag == _TAG + "map":
        return _mapping(node, keys, lines, problems)
    if isinstance(node, yaml.SequenceNode) and node.tag == _TAG + "seq":
        return [_value(item, (*keys, place), lines, problems) for place, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        try:
            return _SCALARS[node.tag](node.value)
        except ValueError:
            pass  # an explicit tag such as `!!int ink`
    problems.append(Problem(keys, f"the tag {node.tag.replace(_TAG, '!!')} is not used in presets."))
    return None


def _mapping(node: yaml.MappingNode, keys: Keys, lines: dict[Keys, int], problems: list[Problem]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        here, line = (*keys, key), key_node.start_mark.line + 1
        if key in values:
            lines[(*here, "again")] = line
            problems.append(Problem((*here, "again"), f"'{key}' is written twice; keep one of them."))
            continue
        lines[here] = line
        values[key] = _value(value_node, here, lines, problems)
    return values


def _refuse(event: yaml.Event, problem: str) -> None:
    mark: Any = event.start_mark
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = _implicit_resolvers()


def block(data: Mapping[str, Any]) -> str:
    """YAML that `read_document` reads back as the same values, one key on each line."""
    return _dump(data, default_flow_style=False, width=100, sort_keys=False)


def flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    return _dump(value, default_flow_style=True, width=10_000).removesuffix("\n").removesuffix("\n...")


def _dump(value: Any, **options: Any) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, allow_unicode=True, **options)
    return text
