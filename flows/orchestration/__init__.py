"""Prefect flows, tasks and deployments, its server, and Dask: the only room that knows them."""

__all__ = [
    "access",
    "artifacts",
    "automations",
    "catch_up",
    "dask",
    "deployments",
    "flows",
    "guarded_server",
    "inbox_flow",
    "login",
    "markdown",
    "one_serve",
    "run",
    "serve",
    "server",
    "tasks",
    "this_run",
]
