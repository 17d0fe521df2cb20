"""A database of which a test replaces what it is about."""

from typing import Any

from service.storage.database import Database


class Altered:
    """`database`, but with these methods."""

    def __init__(self, database: Database, **methods: Any) -> None:
        self._database = database
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def altered(database: Database, **methods: Any) -> Any:
    return Altered(database, **methods)
