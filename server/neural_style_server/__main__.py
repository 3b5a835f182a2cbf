"""`python -m neural_style_server` is the command `neural-style`."""

from .cli import main

if __name__ == "__main__":
    main()
