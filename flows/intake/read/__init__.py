"""Raw files are looked at before anything opens them, and read into tables of text."""

__all__ = ["elements", "grids", "layout", "limits", "own_sheets", "submissions"]
