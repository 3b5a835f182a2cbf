"""The daemon's own page in the browser: who gets it, what it is made of, and what it alone asks for."""
