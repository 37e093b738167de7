"""Tests; with one thread each for Polars, since as many processes as there are processors compute already."""

import os

if os.environ.get("A4P_SWEEP") != "1":
    # Polars reads it when it is imported; the sweep leaves it alone
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
