#!/usr/bin/env python3
"""A plug-in for gimp_plugin.py: asks GIMP for something small over and over, and keeps the longest wait."""

import json
import os
import sys
import time

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, GLib  # noqa: E402


class Pinger(Gimp.PlugIn):
    def do_set_i18n(self, name):
        return False

    def do_query_procedures(self):
        return ["neural-style-ping"]

    def do_create_procedure(self, name):
        procedure = Gimp.ImageProcedure.new(self, name, Gimp.PDBProcType.PLUGIN, self.run, None)
        procedure.set_image_types("*")
        procedure.set_menu_label("Ping GIMP")
        procedure.add_menu_path("<Image>/Filters/Development")
        return procedure

    def run(self, procedure, run_mode, image, drawables, config, data):
        waits = []
        until = time.perf_counter() + float(os.environ["BENCHMARK_PING_S"])
        while time.perf_counter() < until:
            began = time.perf_counter()
            image.get_width()
            waits.append(time.perf_counter() - began)
            time.sleep(0.003)
        with open(os.environ["BENCHMARK_REPORT"], "w", encoding="utf-8") as file:
            json.dump({"longest": max(waits), "waits": len(waits)}, file)
        return procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, GLib.Error())


Gimp.main(Pinger.__gtype__, sys.argv)
