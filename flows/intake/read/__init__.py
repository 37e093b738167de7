"""Raw files are looked at, and read into tables of text."""

__all__ = ["grids", "large_csv", "limits", "nothing", "tables"]
