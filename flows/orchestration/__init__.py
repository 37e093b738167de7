"""Prefect's flows, tasks, deployments and server, and the workers of a Dask cluster.

It may name every room but the command line, and is the only one that names Prefect and Dask. It runs the steps that
`flows.refresh.story` hands it and shows how they went. It knows no rule, table or figure, and gives Prefect no cell's
value.
"""

__all__ = ["deployments", "face", "flows", "guarded_server", "inbox_flow", "serve", "server"]
