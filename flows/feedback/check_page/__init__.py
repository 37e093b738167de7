"""A page on this computer on which a source checks its own file: drop it, read what was found, fetch it marked.

from flows.feedback.check_page import serve
serve(config, 8765)

Nothing is kept: a file is sent as the body of a request, checked in memory and in the folder that the check makes and
removes, and the marked workbook goes back in the same answer.
"""

from flows.feedback.check_page.app import MOST_MEGABYTES, build_app
from flows.feedback.check_page.serving import serve

__all__ = ["MOST_MEGABYTES", "build_app", "serve"]
