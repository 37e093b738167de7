"""From a raw file to staged rows and findings: received, read, held against the rules, and written into the books."""

__all__ = ["books", "gate", "read", "receive"]
