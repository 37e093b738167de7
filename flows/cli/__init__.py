"""The command line: commands, and what they say."""

__all__ = ["as_data", "commands", "refresh_texts", "release_texts"]
