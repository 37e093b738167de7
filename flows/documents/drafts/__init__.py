"""A draft report: its text taken out passage by passage, and remarks put into the same file.

Bytes in, values or bytes out. It knows nothing of figures or releases: what a number is about and whether it is right
is worked out by those who hold a release, and comes back as remarks.
"""

__all__ = ["controls", "mark", "page", "passages", "read", "wording"]
