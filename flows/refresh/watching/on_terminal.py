"""Whether somebody looks: progress is shown on a terminal, and nothing where the output is none.

That of a refresh, with how far it is and how long it will take, is in flows/refresh/watching/terminal.py.
"""

from __future__ import annotations

import sys


def on_terminal() -> bool:
    """Tell whether somebody looks at what is written to the terminal."""
    return sys.stderr.isatty()
