"""Finds GIMP and Krita on this computer and installs the plug-ins in their folders."""
