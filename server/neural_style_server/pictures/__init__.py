"""Picture files: `reading` makes pixels of whatever Pillow opens, `writing` makes files of pixels.

Used by the command line, the daemon and presets alike, so that the same file gives the same pixels and the same
refusal everywhere.
"""
