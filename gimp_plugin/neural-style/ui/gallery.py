"""The gallery of presets: thumbnails, search and filters; arrow keys move, Return chooses."""

from gi.repository import GLib, Gtk, Pango

from neural_style_client import preset_filters
from neural_style_client.translations import tr
from ui import widgets

THUMBNAIL = 104


class Gallery(Gtk.Box):
    """`chosen(preset)` is called whenever another preset is selected, `activated()` on a double click, and
    `favoured(name, bool)` when the painter wants one among the favourites, or no longer."""

    def __init__(self, thumbnails, chosen, activated, favoured):
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=widgets.SPACING)
        self._thumbnails, self._chosen, self._activated = thumbnails, chosen, activated
        thumbnails.listen(self._show_thumbnail)
        self._favoured = favoured
        self._presets, self._children, self._images = {}, {}, {}
        self._places = {}  # preset name -> its place among those shown
        self._flow = None
        entry = Gtk.SearchEntry(placeholder_text=tr("Search styles"), activates_default=True)
        self._search = widgets.named(entry, tr("Search styles"))
        self._narrowed = widgets.choice(preset_filters.filters([]), self._filter)
        widgets.named(self._narrowed, tr("Which styles are shown")).set_active_id(preset_filters.ALL)
        widgets.pack(self, self._bar())
        self._flow = self._make_flow()
        self._stack = Gtk.Stack()
        self._waiting = widgets.wrapped(tr("Looking for the daemon…"))
        self._stack.add_named(self._waiting_page(), "waiting")
        self._scrolled = self._make_scrolled()
        self._stack.add_named(self._scrolled, "styles")
        self.pack_start(self._stack, True, True, 0)
        self._about = widgets.dim(widgets.label("", wrap=True, lines=4, ellipsize=Pango.EllipsizeMode.END))
        self._about.set_size_request(-1, 72)
        self._about.set_max_width_chars(44)
        self._star = Gtk.ToggleButton(label="☆", relief=Gtk.ReliefStyle.NONE, valign=Gtk.Align.START, sensitive=False)
        self._star.set_tooltip_text(tr("Keep this style among the favourites"))
        self._star_moved = widgets.named(self._star, tr("Favourite")).connect("toggled", self._on_star)
        below = widgets.box(vertical=False)
        below.pack_start(self._about, True, True, 0)
        widgets.pack(self, widgets.pack(below, self._star))

    def wait(self, text, busy=True):
        """Instead of styles: what is waited for, or what went wrong."""
        self._star.set_sensitive(False)
        self._waiting.set_text(text)
        self._spinner.set_visible(busy)
        self._stack.set_visible_child_name("waiting")

    def fill(self, presets):
        """Show these presets, favourites first, in place of those that were shown."""
        for child in self._flow.get_children():
            child.destroy()
        self._presets, self._children, self._images, self._places = {}, {}, {}, {}
        for preset in presets:
            self._add(preset)
        narrowed = self._narrowed.get_active_id()
        widgets.offer(self._narrowed, preset_filters.filters(presets))
        if not self._narrowed.set_active_id(narrowed):
            self._narrowed.set_active_id(preset_filters.ALL)
        self._filter()
        self._flow.show_all()
        self._stack.set_visible_child_name("styles")

    def select(self, name):
        """That preset, else the first; a search that hides it is given up."""
        if name in self._children and name not in self._places:
            self._search.set_text("")
            self._narrowed.set_active_id(preset_filters.ALL)
            self._filter()
        child = self._children.get(name) or self._flow.get_child_at_index(0)
        if child is not None:
            self._flow.select_child(child)
            child.grab_focus()
            GLib.idle_add(self._scroll_to, child)  # it has no place before the window has been laid out

    def _scroll_to(self, child):
        place, shown = child.get_allocation(), self._scrolled.get_vadjustment()
        shown.clamp_page(place.y, place.y + place.height)
        return GLib.SOURCE_REMOVE

    def _show_thumbnail(self, name):
        if name in self._images:
            self._images[name].set_from_pixbuf(self._thumbnails.picture(name, THUMBNAIL))

    def selected(self):
        children = self._flow.get_selected_children()
        return self._presets[children[0].get_name()] if children else None

    def _bar(self):
        self._search.connect("search-changed", self._filter)
        self._search.connect("stop-search", self._on_escape)
        bar = widgets.box(widgets.caption(tr("_Find:"), self._search), vertical=False)
        bar.pack_start(self._search, True, True, 0)
        return widgets.pack(bar, widgets.caption(tr("Ta_g:"), self._narrowed), self._narrowed)

    def _make_flow(self):
        flow = Gtk.FlowBox(homogeneous=True, min_children_per_line=3, max_children_per_line=8)
        flow.set_valign(Gtk.Align.START)
        flow.set_selection_mode(Gtk.SelectionMode.BROWSE)
        flow.set_filter_func(lambda child: child.get_name() in self._places)
        flow.set_sort_func(lambda one, other: self._place(one) - self._place(other))
        flow.connect("selected-children-changed", self._on_selected)
        flow.connect("child-activated", lambda *_: self._activated())
        flow.set_activate_on_single_click(False)
        return widgets.named(flow, tr("Styles"))

    def _make_scrolled(self):
        scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN, hscrollbar_policy=Gtk.PolicyType.NEVER)
        scrolled.set_size_request(3 * (THUMBNAIL + 26), 340)
        scrolled.add(self._flow)
        return scrolled

    def _waiting_page(self):
        self._spinner = Gtk.Spinner(active=True, no_show_all=True, visible=True)
        page = widgets.box(self._spinner, self._waiting)
        page.set_valign(Gtk.Align.CENTER)
        page.set_halign(Gtk.Align.CENTER)
        return page

    def _add(self, preset):
        name = preset["name"]
        image = Gtk.Image()
        image.set_size_request(THUMBNAIL, THUMBNAIL)
        title = widgets.label(preset_filters.title(preset), xalign=0.5, ellipsize=Pango.EllipsizeMode.END)
        title.set_max_width_chars(14)
        child = Gtk.FlowBoxChild(name=name)
        child.add(widgets.box(image, title, spacing=2))
        widgets.named(child, preset_filters.title(preset), preset_filters.description(preset))
        self._presets[name], self._children[name], self._images[name] = preset, child, image
        self._flow.add(child)

    def _place(self, child):
        return self._places.get(child.get_name(), len(self._presets))

    def _filter(self, *_):
        if self._flow is None:
            return
        narrowed, search = self._narrowed.get_active_id() or preset_filters.ALL, self._search.get_text()
        shown = preset_filters.shown(list(self._presets.values()), narrowed, search)
        self._places = {preset["name"]: place for place, preset in enumerate(shown)}
        self._flow.invalidate_filter()
        self._flow.invalidate_sort()
        children = [self._children[name] for name in self._places]
        if children and not any(child.is_selected() for child in children):
            self._flow.select_child(children[0])

    def _on_escape(self, search):
        """A search entry keeps Escape for itself: first it is emptied, then the dialogue is left."""
        if search.get_text():
            search.set_text("")
        else:
            self.get_toplevel().response(Gtk.ResponseType.CANCEL)

    def _on_selected(self, flow):
        preset = self.selected()
        if preset is not None:
            self._about.set_text(preset_filters.description(preset))
            self._show_star(preset)
            self._chosen(preset)

    def changed(self, preset):
        """The daemon has this preset otherwise now."""
        self._presets[preset["name"]] = preset
        self._show_star(self.selected() or preset)
        self._filter()

    def _show_star(self, preset):
        favourite = bool(preset.get("favourite"))
        with self._star.handler_block(self._star_moved):
            self._star.set_active(favourite)
        self._star.set_label("★" if favourite else "☆")
        self._star.set_sensitive(True)

    def _on_star(self, star):
        preset = self.selected()
        if preset is not None:
            self._favoured(preset["name"], star.get_active())
