"""What goes back to people: checks, marked copies, templates, alerts."""

__all__ = ["alerts", "check", "check_page", "marked_copy", "template"]
