"""Which presets a gallery shows, and in which order: search, tags, favourites, recent ones and the painter's own."""

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .translations import tr

ALL, FAVOURITES, RECENT, OWN = "*all", "*favourites", "*recent", "*mine"


def title(preset: Mapping[str, Any]) -> str:
    """In the painter's language, if it came with the daemon; the painter's own are called what they were called."""
    said = str(preset.get("title") or preset.get("name") or "")
    return tr(said) if preset.get("read_only") else said


def description(preset: Mapping[str, Any]) -> str:
    said = str(preset.get("description") or "")
    return tr(said) if preset.get("read_only") else said


def filters(presets: Sequence[Mapping[str, Any]]) -> List[Tuple[str, str]]:
    """(key, words) of what the gallery can be narrowed to: the fixed ones, then every tag."""
    fixed = [(ALL, tr("All")), (FAVOURITES, tr("Favourites")), (RECENT, tr("Recent")), (OWN, tr("My own"))]
    tags = sorted({str(tag) for preset in presets for tag in preset.get("tags") or ()}, key=str.lower)
    return fixed + [(tag, tr(tag)) for tag in tags]


def shown(presets: Sequence[Mapping[str, Any]], narrowed: str = ALL, search: str = "") -> List[Dict[str, Any]]:
    """The presets to show: recent ones newest first, else favourites before the others, by title."""
    found = [dict(one) for one in presets if matches(one, narrowed, search)]
    if narrowed == RECENT:
        return sorted(found, key=lambda one: -float(one["last_used"]))
    return sorted(found, key=lambda one: (not one.get("favourite"), title(one).lower()))


def matches(preset: Mapping[str, Any], narrowed: str, search: str) -> bool:
    """Whether the preset is within the filter, and all words of the search are somewhere in its texts."""
    tags = [str(tag) for tag in preset.get("tags") or ()]
    given = [str(preset.get(name) or "") for name in ("name", "title", "description")]
    texts = [*given, title(preset), description(preset), *tags, *map(tr, tags)]
    text = " ".join(texts).lower()
    fixed = {
        ALL: True,
        FAVOURITES: bool(preset.get("favourite")),
        RECENT: bool(preset.get("last_used")),
        OWN: not preset.get("read_only", True),
    }
    return fixed.get(narrowed, narrowed in tags) and all(word in text for word in search.lower().split())
