"""A row as it is written: text by column."""

Cells = dict[str, str | None]
