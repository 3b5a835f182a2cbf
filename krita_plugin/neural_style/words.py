"""Every text that a painter reads goes through `tr`, so that it can be translated in one place.

No Qt here: the modules that need neither Qt nor Krita speak too. `extension` says how to translate.
"""

CONTEXT = "NeuralStyle"
_translate = str


def translate_with(function):
    """Let `function(text) -> text` translate from now on."""
    global _translate
    _translate = function


def tr(text, *values):
    """The text in the painter's language, its {} filled with the values."""
    return _translate(text).format(*values) if values else _translate(text)


def duration(seconds):
    """About so long, for a painter: "40 s", "3 min", "1 h 20 min"."""
    whole = max(0, round(seconds))
    if whole < 90:
        return tr("{} s", whole)
    minutes = (whole + 30) // 60
    if minutes < 90:
        return tr("{} min", minutes)
    return tr("{} h {} min", minutes // 60, minutes % 60)


def memory(size_bytes):
    if size_bytes >= 1e9:
        return tr("{:.1f} GB", size_bytes / 1e9)
    return tr("{:.0f} MB", max(1.0, size_bytes / 1e6))
