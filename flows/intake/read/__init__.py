"""Raw files are looked at before anything opens them, and read into tables of text."""

__all__ = ["grids", "limits", "submissions", "tables"]
