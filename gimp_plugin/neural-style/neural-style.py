#!/usr/bin/env python3
"""Filters → Neural Style: registers the procedures with GIMP 3. What they do is in `run/commands.py`."""

import os
import sys

import gi

for name, version in (("Gimp", "3.0"), ("GimpUi", "3.0"), ("Gegl", "0.4"), ("Gtk", "3.0"), ("GdkPixbuf", "2.0")):
    gi.require_version(name, version)
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gi.repository import Gimp, GLib  # noqa: E402

from neural_style_client.errors import Cancelled, explain  # noqa: E402
from neural_style_client.print_size import TIP  # noqa: E402
from neural_style_client.translations import DOMAIN, FOLDER, N_, best_language, tr, use  # noqa: E402
from run import arguments  # noqa: E402

STYLIZE, REPEAT, MORE = "neural-style-stylize", "neural-style-repeat", "neural-style-more"
MAKE_PRESET, PANEL, ANIMATE = "neural-style-make-preset", "neural-style-panel", "neural-style-animate"
INSERT, PRINT = "neural-style-insert", "neural-style-print"
MENU = "<Image>/Filters/Neural Style"
LABELS = {
    STYLIZE: (N_("_Stylize Layer…"), N_("Paint the selected layers in the style of another picture")),
    PRINT: (N_("Paint _for Print…"), TIP),
    REPEAT: (N_("_Repeat Last Style"), N_("Paint the selected layers as was done last, without asking")),
    MORE: (N_("More _Iterations…"), N_("Go on with a result of Neural Style where it ended")),
    INSERT: (N_("Insert _Earlier Result…"), N_("Bring a result of this image back, also one that was deleted")),
    MAKE_PRESET: (N_("_Make Preset from Layer…"), N_("Make a style of one's own from the selected layer")),
    ANIMATE: (N_("Paint Layers as _Animation…"), N_("Paint the layers as the frames of an animation, without flicker")),
    PANEL: (N_("Neural Style _Panel"), N_("Show what the Neural Style daemon is doing")),
}
DECLARE = {
    STYLIZE: arguments.declare_stylize,
    PRINT: arguments.declare_print,
    REPEAT: arguments.declare_layers,
    MORE: arguments.declare_more,
    INSERT: arguments.declare_insert,
    MAKE_PRESET: arguments.declare_make_preset,
    ANIMATE: arguments.declare_animate,
    PANEL: lambda procedure: None,
}


class NeuralStyle(Gimp.PlugIn):
    """GIMP makes one for each run, and to learn what there is: nothing here may take long."""

    def do_set_i18n(self, name):
        return True, DOMAIN, f"neural_style_client/{FOLDER}"

    def do_query_procedures(self):
        return list(LABELS)

    def do_create_procedure(self, name):
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        label, blurb = map(tr, LABELS[name])
        procedure.set_menu_label(label)
        procedure.set_documentation(blurb, blurb, name)
        procedure.set_attribution("Neural Style", "Neural Style", "2026")
        procedure.add_menu_path(MENU)
        mask = Gimp.ProcedureSensitivityMask
        procedure.set_sensitivity_mask(mask.ALWAYS if name == PANEL else mask.DRAWABLE | mask.DRAWABLES)
        if name != PANEL:
            procedure.set_image_types("*")
        DECLARE[name](procedure)
        return procedure

    def run(self, procedure, run_mode, image, drawables, config, data):
        status, error, layers = Gimp.PDBStatusType.SUCCESS, None, None
        try:
            from run import commands  # which needs more; GIMP starts this file to learn what there is, too

            layers = commands.COMMANDS[procedure.get_name()](image, drawables, config, run_mode)
        except Cancelled:
            status = Gimp.PDBStatusType.CANCEL
        except Exception as problem:  # the border between the plug-in and the painter
            status = Gimp.PDBStatusType.EXECUTION_ERROR
            error = GLib.Error.new_literal(GLib.quark_from_string("neural-style"), explain(problem), 0)
        values = procedure.new_return_values(status, error)
        return values if layers is None else arguments.with_layers(values, layers)


use(best_language(GLib.get_language_names()))  # GIMP has put that of its own settings first
Gimp.main(NeuralStyle.__gtype__, sys.argv)
