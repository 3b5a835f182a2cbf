"""Imported before modules of the plug-in that touch GIMP and GTK, it lets stand-ins take their places."""

from tests.hosts.stand_ins import stand_in

stand_in("gi", "gi.repository")
