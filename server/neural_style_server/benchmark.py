"""Measures the engine on this machine for `neural-style bench`; never part of a test."""
