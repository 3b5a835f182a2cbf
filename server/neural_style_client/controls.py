"""The painter's seven controls. What each stands at is the chosen preset's own to say; the daemon tells it."""

from typing import Any, Dict, Mapping, NamedTuple

from .translations import N_, tr, without_mnemonic


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
        """In the painter's language, without its mnemonic."""
        return without_mnemonic(tr(self.label))


CONTROLS = (
    Control("strength", N_("S_trength"), 0, 100, N_("a hint of the style"), N_("all style")),
    Control("brush_size", N_("_Brush size"), 25, 400, N_("fine strokes"), N_("broad strokes")),
    Control("colour", N_("Co_lour"), 0, 100, N_("the style's colours"), N_("my colours")),
    Control("detail", N_("_Detail"), 0, 100, N_("loose"), N_("keeps my subject")),
    Control("smoothness", N_("S_moothness"), 0, 100, N_("grainy"), N_("smooth")),
    Control("boldness", N_("B_oldness"), 0, 100, N_("quiet"), N_("bold")),
    Control("less_white", N_("Less _white"), 0, 100, N_("paper shows"), N_("all painted")),
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
