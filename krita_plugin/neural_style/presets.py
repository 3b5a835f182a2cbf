"""Which presets the gallery shows: search, tags, favourites and recent ones. No Qt, no Krita."""

from typing import Any, Dict, List, Mapping, Sequence, Tuple

from .words import tr

ALL, FAVOURITES, RECENT, MINE = "*all", "*favourites", "*recent", "*mine"


def filters(presets: Sequence[Mapping[str, Any]]) -> List[Tuple[str, str]]:
    """(key, words) of what the gallery can be narrowed to: the fixed ones, then every tag."""
    fixed = [(ALL, tr("All")), (FAVOURITES, tr("Favourites")), (RECENT, tr("Recent")), (MINE, tr("My own"))]
    tags = sorted({str(tag) for preset in presets for tag in preset.get("tags") or []}, key=str.lower)
    return fixed + [(tag, tag) for tag in tags]


def shown(
    presets: Sequence[Mapping[str, Any]], narrowed: str, search: str, recent: Sequence[str]
) -> List[Dict[str, Any]]:
    """The presets to show, in order: recent ones newest first, else favourites before the others."""
    found = [dict(one) for one in presets if _within(one, narrowed, recent) and _matches(one, search)]
    if narrowed == RECENT:
        return sorted(found, key=lambda one: _age(one, recent))
    return sorted(found, key=lambda one: (not one.get("favourite"), title(one).lower()))


def title(preset: Mapping[str, Any]) -> str:
    return str(preset.get("title") or preset.get("name") or "")


def _within(preset: Mapping[str, Any], narrowed: str, recent: Sequence[str]) -> bool:
    if narrowed == FAVOURITES:
        return bool(preset.get("favourite"))
    if narrowed == RECENT:
        return preset["name"] in recent or bool(preset.get("last_used"))
    if narrowed == MINE:
        return not preset.get("read_only", True)
    return narrowed == ALL or narrowed in (preset.get("tags") or [])


def _matches(preset: Mapping[str, Any], search: str) -> bool:
    words = [title(preset), str(preset.get("description") or ""), *map(str, preset.get("tags") or [])]
    text = " ".join(words).lower()
    return all(word in text for word in search.lower().split())


def _age(preset: Mapping[str, Any], recent: Sequence[str]) -> Tuple[int, float]:
    names = list(recent)
    place = names.index(preset["name"]) if preset["name"] in names else len(names)
    return place, -float(preset.get("last_used") or 0)
