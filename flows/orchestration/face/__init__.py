"""What the Python face of `flows` gives: a pipeline, its cycles, their releases and messages, the check of a file."""

__all__ = ["checking", "cycle", "pipeline", "proofs", "releases", "scorecard"]
