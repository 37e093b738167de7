"""Making a release, and living with it: the shelf, differences, explanations, copies, the database."""

__all__ = ["changes", "compare", "copies", "explain", "make", "postgres", "shelf", "verify", "withdrawals"]
