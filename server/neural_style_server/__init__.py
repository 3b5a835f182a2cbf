"""Neural style transfer by optimisation, kept warm for GIMP and Krita."""

__version__ = "0.2.0"
API_VERSION = 1
