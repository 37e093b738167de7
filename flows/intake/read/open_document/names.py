"""The names of a spreadsheet's elements and attributes, each with the space that it is in, as the parser gives them."""

_ODF, _OF_LIBRE_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:", "urn:org:documentfoundation:names:experimental:"
TABLE, TEXT, OFFICE, STYLE, DRAW = (f"{_ODF}{name}:1.0 " for name in ("table", "text", "office", "style", "drawing"))
ERROR_TYPE = f"{_OF_LIBRE_OFFICE}calc:xmlns:calcext:1.0 value-type"
