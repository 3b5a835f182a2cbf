"""The painter's seven controls. What each stands at is the chosen preset's own to say; the daemon tells it."""

from typing import Any, Dict, Mapping, NamedTuple


class Control(NamedTuple):
    """One slider. `label` has a mnemonic; `low` and `high` say what its ends mean."""

    name: str
    label: str
    minimum: int
    maximum: int
    low: str
    high: str

    @property
    def plain_label(self) -> str:
        return self.label.replace("_", "")


CONTROLS = (
    Control("strength", "S_trength", 0, 100, "a hint of the style", "all style"),
    Control("brush_size", "_Brush size", 25, 400, "fine strokes", "broad strokes"),
    Control("colour", "Co_lour", 0, 100, "the style's colours", "my colours"),
    Control("detail", "_Detail", 0, 100, "loose", "keeps my subject"),
    Control("smoothness", "S_moothness", 0, 100, "grainy", "smooth"),
    Control("boldness", "B_oldness", 0, 100, "quiet", "bold"),
    Control("less_white", "Less _white", 0, 100, "paper shows", "all painted"),
)
_COLOUR_WORDS = {"style": 0, "mixed": 50, "mine": 100}


def preset_values(preset: Mapping[str, Any]) -> Dict[str, int]:
    """The preset's own value of every control; the middle of the range while no preset is known."""
    given = preset.get("controls") or {}
    values = {}
    for control in CONTROLS:
        value = given.get(control.name, (control.minimum + control.maximum) // 2)
        number = _COLOUR_WORDS.get(value, 0) if isinstance(value, str) else round(value)
        values[control.name] = min(control.maximum, max(control.minimum, number))
    return values


def changed_values(values: Mapping[str, float], preset: Mapping[str, Any]) -> Dict[str, int]:
    """Those of the painter's values that are not the preset's own: a preset that changes later comes through."""
    own = preset_values(preset)
    return {name: round(value) for name, value in values.items() if round(value) != own.get(name)}
