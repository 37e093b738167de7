"""The story of a refresh: its steps, their keys, what is reused, who watches."""

__all__ = ["clean", "keys", "rebuild", "reuse", "story", "watching"]
