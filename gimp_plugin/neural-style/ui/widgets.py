"""Small widgets, each with its mnemonic label and its name for screen readers."""

import unicodedata

from gi.repository import Gtk

from neural_style_client.translations import N_, tr, without_mnemonic

SPACING = 6
BORDER = 12
OWN = N_("style's own")
ASIDE = 16
LONGEST_NUMBER = 10
"""The digits of the largest seed."""


def label(text, **properties):
    properties.setdefault("xalign", 0.0)
    return Gtk.Label(label=text, **properties)


def wrapped(text=""):
    return label(text, wrap=True, max_width_chars=40, width_chars=20, xalign=0.0)


def dim(widget):
    widget.get_style_context().add_class("dim-label")
    return widget


def named(widget, name, description=""):
    """Give the widget its name for screen readers."""
    accessible = widget.get_accessible()
    accessible.set_name(name)
    if description:
        accessible.set_description(description)
    return widget


def caption(text, widget):
    """The label of a widget, with a mnemonic that leads to it."""
    found = Gtk.Label(label=text, use_underline=True, xalign=0.0)
    found.set_mnemonic_widget(widget)
    return found


def row(grid, number, text, widget):
    """A row of a grid: a label with a mnemonic, and its widget."""
    widget.set_hexpand(True)
    named(widget, without_mnemonic(text))
    grid.attach(caption(text, widget), 0, number, 1, 1)
    grid.attach(widget, 1, number, 1, 1)
    return widget


def grid():
    return Gtk.Grid(row_spacing=SPACING, column_spacing=BORDER)


def box(*children, vertical=True, spacing=SPACING):
    orientation = Gtk.Orientation.VERTICAL if vertical else Gtk.Orientation.HORIZONTAL
    return pack(Gtk.Box(orientation=orientation, spacing=spacing), *children)


def pack(box, *children):
    """Each as small as it may be, one after the other."""
    for child in children:
        box.pack_start(child, False, False, 0)
    return box


def choice(pairs, changed):
    """A drop-down list of (id, text) pairs."""
    combo = Gtk.ComboBoxText()
    offer(combo, pairs)
    combo.connect("changed", changed)
    return combo


def offer(combo, pairs):
    """Fill a drop-down list with other (id, text) pairs; none of them is chosen."""
    combo.remove_all()
    for identity, text in pairs:
        combo.append(str(identity), text)


def put_aside(window):
    """To the lower left: the picture is in the middle, its layers are on the right. (Not on Wayland.)"""
    area = window.get_display().get_monitor_at_window(window.get_window()).get_workarea()
    window.move(area.x + ASIDE, area.y + area.height - window.get_size()[1] - 3 * ASIDE)


def translated(pairs):
    """(id, text) pairs of a table, in the painter's language."""
    return [(identity, tr(text)) for identity, text in pairs]


def number(low, high, step, changed, digits=0):
    spin = Gtk.SpinButton.new_with_range(low, high, step)
    spin.set_digits(digits)
    spin.set_numeric(True)
    spin.connect("value-changed", changed)
    return spin


def number_or_own(low, high, step, changed, digits=0):
    """A number whose lowest value stands for the style's own, and says so."""
    spin = number(low, high, step, changed, digits)
    spin.set_numeric(False)
    spin.set_width_chars(max(LONGEST_NUMBER, _columns(tr(OWN))))
    spin.connect("output", _say_own)
    return spin


def _columns(text):
    """How many digits are as wide: a character of Chinese or Japanese is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _say_own(spin):
    value = spin.get_value()
    text = tr(OWN) if value <= spin.get_range()[0] else f"{value:.{spin.get_digits()}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if spin.get_text() != text:
        spin.set_text(text)
    return True
