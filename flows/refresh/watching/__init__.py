"""Who watches a refresh and tells of it: the terminal, the log, metrics, OpenLineage. Nothing is sent unless asked.

    run = Run(cycle, config, settings, places)
    published = watched(run, lambda watch: refresh(cycle, places, config, watch.steps(direct)))

What watches never stops a refresh: it is left out, with a warning, once it fails.
"""

from flows.refresh.watching.run import Event, Run, Watcher, Watching, watched

__all__ = ["Event", "Run", "Watcher", "Watching", "expected", "metrics", "watched"]
