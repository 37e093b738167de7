"""Who watches a refresh and tells of it: the terminal, the log, metrics, OpenLineage. Nothing is sent unless asked.

    published = watched(Run(cycle, config, settings, places), step, lambda step: refresh(cycle, places, config, step))

What watches never stops a refresh: it is left out, with a warning, once it fails.
"""

from flows.watching.run import Event, Part, Run, Watcher, watched

__all__ = ["Event", "Part", "Run", "Watcher", "watched"]
