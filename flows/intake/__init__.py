"""From a raw file to staged rows and findings: received, read, held against the rules, written into the books.

It may name stores and core, and uses expectations and transforms. It changes nothing in the inbox and drops nothing
silently: each row is staged or in quarantine, and what was not understood is a finding with its place. It knows nothing
of figures, releases or who is told.
"""

__all__ = ["books", "gate", "read", "receive"]
