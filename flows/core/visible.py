r"""Text from outside as people see it: what commands a terminal, turns letters round or hides is written out.

It is written as JSON writes it (`\u001b`, `\n`), so that JSON stays JSON and says the same. `tell`, `show` and
`show_as` are the only ways to standard output and standard error.
"""

from __future__ import annotations

import codecs
import json
import os
import stat
import sys
import unicodedata

import click

from flows.core import addresses

# controls, halves of signs that no encoding has, line ends
COMMANDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
# what is not seen but tells how others are: the direction of writing, where a line may end
_FORMAT = "Cf"
# without these Persian and many Indian words are other words
_JOINERS = frozenset("\u200c\u200d")


def in_line(text: str) -> str:
    """Return a text as one line in which everything can be seen."""
    return text if text.isprintable() else "".join(map(_visible, text))


def in_lines(text: str) -> str:
    """Return a text of several lines, which stay, with what else cannot be seen written out."""
    return "\n".join(map(in_line, text.split("\n")))


def tell(sentence: str, *, err: bool = False) -> None:
    """Write one line to the standard output, or to standard error."""
    click.echo(in_line(addresses.masked(sentence)), err=err)


def show(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Write a text of several lines, with an end of line behind it unless `nl` is false."""
    click.echo(in_lines(addresses.masked(text)), err=err, nl=nl)


def show_as(form: str, text: str) -> None:
    """Write a text that is a table for people, or data in a form: CSV in a file begins with a byte order mark.

    So Excel opens it rightly, as it does the CSV files of a release; its lines end in CR LF. Another program, to which
    it is piped, gets neither.
    """
    if form == "csv" and _goes_into_a_file():
        click.echo(codecs.BOM_UTF8 + in_lines(text).replace("\n", "\r\n").encode(), nl=False)
    else:
        show(text, nl=False)


def _goes_into_a_file() -> bool:
    try:
        return stat.S_ISREG(os.fstat(sys.stdout.fileno()).st_mode)
    except OSError:
        return False  # it is none of the system's


def _visible(sign: str) -> str:
    kind = unicodedata.category(sign)
    hidden = kind in COMMANDS or (kind == _FORMAT and sign not in _JOINERS)
    return json.dumps(sign)[1:-1] if hidden else sign
