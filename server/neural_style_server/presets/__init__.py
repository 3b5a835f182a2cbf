"""Named styles: their file format, the libraries that hold them, bundles to share them and contact sheets."""
