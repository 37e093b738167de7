"""Files and rows are held against their rules; what holds is staged, the rest is set aside with the reason."""

__all__ = ["claims", "compared", "decisions", "feeding", "gate", "in_order", "rules"]
