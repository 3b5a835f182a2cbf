"""The dialogue of Insert Earlier Result…: which one, and which ones stay in the list."""

from gi.repository import GimpUi, Gtk, Pango

from neural_style_client.errors import Cancelled
from neural_style_client.translations import tr
from ui import widgets


def ask(results, star, is_full):
    """The number of one of the `records.EarlierResult`s, from 1. `star(job, wanted)` is told at once what is to stay in
    the list; `is_full`: whether the next result pushes one out. Raises Cancelled."""
    GimpUi.init("neural-style")
    dialog = GimpUi.Dialog(title=tr("Insert Earlier Result"), role="neural-style-insert", use_header_bar=False)
    dialog.add_button(tr("_Cancel"), Gtk.ResponseType.CANCEL)
    insert = dialog.add_button(tr("_Insert"), Gtk.ResponseType.OK)
    dialog.set_default_response(Gtk.ResponseType.OK)
    choice = _Choice(results, star)
    grid = widgets.grid()
    widgets.row(grid, 0, tr("_Result"), choice.list)
    grid.attach(choice.stays, 1, 1, 1, 1)
    about = widgets.wrapped(tr("It comes as a new layer where it was, above the selected one."))
    column = widgets.box(about, grid, spacing=widgets.BORDER)
    if is_full:
        words = tr("The list is full: the next job takes the place of the oldest. A star lets one stay.")
        widgets.pack(column, widgets.wrapped(words))
    column.set_border_width(widgets.BORDER)
    dialog.get_content_area().pack_start(column, True, True, 0)
    dialog.show_all()
    insert.grab_focus()  # Return on the list would only open it
    answer, chosen = dialog.run(), choice.number
    dialog.destroy()
    if answer != Gtk.ResponseType.OK:
        raise Cancelled()
    return chosen


class _Choice:
    """The list of results, `list`, and whether the chosen one stays in it, `stays`."""

    def __init__(self, results, star):
        self._results, self._star = list(results), star
        self.list = widgets.choice([], self._on_chosen)
        self.list.get_cells()[0].set_property("ellipsize", Pango.EllipsizeMode.MIDDLE)
        self.stays = Gtk.CheckButton(label="★ " + tr("Keep in the list"))
        self.stays.set_tooltip_text(tr("Keep this job in the list, however many follow"))
        widgets.named(self.stays, tr("Keep in the list"), tr("Keep this job in the list, however many follow"))
        self.stays.connect("toggled", self._on_toggled)
        self._show(1)

    @property
    def number(self):
        return self.list.get_active() + 1

    def _show(self, number):
        names = [
            "{}{} · {}".format("★ " if one.starred else "", one.name, tr("seed {}", one.parameters.seed))
            for one in self._results
        ]
        widgets.offer(self.list, enumerate(names, 1))
        self.list.set_active(number - 1)

    def _on_chosen(self, _):
        if self.number:
            self.stays.set_active(self._results[self.number - 1].starred)

    def _on_toggled(self, button):
        number, wanted = self.number, button.get_active()
        one = self._results[number - 1]
        if wanted != one.starred:
            self._star(one.earlier.job, wanted)
            self._results[number - 1] = one._replace(starred=wanted)
            self._show(number)
