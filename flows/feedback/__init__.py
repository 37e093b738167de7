"""What goes back to people: the check of a file, its marked copy, the template to fill in, messages to sources.

It may name intake, documents, stores and core, but not releases, which stands beside it. It finds nothing of its own:
findings are the gate's, with the texts of config/messages.yaml. It changes no raw file, and tells no cell's value to
anybody but the one whose file it is.
"""

__all__ = ["alerts", "check", "check_page", "marked_copy", "opening", "template"]
