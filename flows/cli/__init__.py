"""The command line: a function a command, and the texts that it prints.

It may name every other room. It decides nothing about data: a command reads its options, calls the room that does the
work, and says what came of it. What is heavy is imported late, so that `a4p --help` is quick.
"""

__all__ = ["commands", "refresh_texts"]
