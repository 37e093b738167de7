"""Raw files come in, from the inbox and the Hub, and are kept by content."""

__all__ = ["astray", "fallbacks", "history", "hub", "inbox", "news", "parts", "pulled"]
