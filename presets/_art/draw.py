"""Draw the preset style pictures: each module here named after a preset has `draw() -> Image`.

    python presets/_art/draw.py                 # all of them
    python presets/_art/draw.py night-swirl     # some of them

A work's name is its module's name with `_` written as `-`; the picture goes to presets/NAME/style.jpg.
"""

import argparse
import ast
import importlib
import sys
import time
from pathlib import Path

ART = Path(__file__).resolve().parent
PRESETS = ART.parent
ELSEWHERE = {"sample": PRESETS / "_sample.jpg"}
"""Pictures that are not a preset's style."""


def _has_draw(path: Path) -> bool:
    """Whether a module defines draw(), read without importing it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "draw" for node in tree.body)


def works() -> list[str]:
    """The names of all works, sorted."""
    modules = (p for p in ART.glob("*.py") if p.stem != "draw")
    return sorted(p.stem.replace("_", "-") for p in modules if _has_draw(p))


def draw(name: str) -> Path:
    """Draw one work to its place and return that path."""
    picture = importlib.import_module(name.replace("-", "_")).draw()
    out = ELSEWHERE.get(name, PRESETS / name / "style.jpg")
    out.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").save(out, quality=93, subsampling=0)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the preset style pictures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="works to draw (default: all)")
    names = parser.parse_args().names or works()
    unknown = sorted(set(names) - set(works()))
    if unknown:
        parser.error(f"no such work: {', '.join(unknown)} (there are: {', '.join(works())})")
    sys.path.insert(0, str(ART))
    for name in names:
        start = time.perf_counter()
        out = draw(name)
        print(f"{out.relative_to(PRESETS.parent)}  {time.perf_counter() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
