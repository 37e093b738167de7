"""What Prefect's form offers for a parameter: a list to choose from, made of the configuration when it is deployed.

Prefect refuses a run with another value before it begins, but for deployments that other runs start: the configuration
may have got a cycle since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import GetJsonSchemaHandler

from config import Config, load


class _OneOf:
    """A mark of a type, by which its JSON schema names the values that there are."""

    def __init__(self, values: Callable[[Config], Iterable[Any]]) -> None:
        self.values = values

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core_schema), "enum": sorted(self.values(load()))}


CycleNumber = Annotated[int, _OneOf(lambda config: config.cycles)]
SourceName = Annotated[str, _OneOf(lambda config: config.contracts)]
