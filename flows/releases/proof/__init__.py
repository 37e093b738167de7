"""The proof of a draft report: its numbers, what each is about, and whether the release has it so.

numbers → subjects (tables, roles) → links (places, measures) → verdicts → windows, shares, arithmetic: `prove` goes
through all of them.
Pure functions on a draft and the frames of a release; what words mean stands in config/proof.yaml.
"""

__all__ = ["answers", "held"]
