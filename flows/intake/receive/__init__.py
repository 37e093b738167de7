"""Raw files come in, from the inbox and the Hub, and are kept by content."""

__all__ = ["arrivals", "astray", "fallbacks", "history", "inbox", "news", "parts", "pulled"]
