"""Finding GIMP and Krita on this computer, and putting the plug-ins where they look for them."""
