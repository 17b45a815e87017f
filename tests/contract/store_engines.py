"""The engines the store's contract is held against, in a form that other processes can open too."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from shared.store.elasticsearch import open_elasticsearch_store
from shared.store.port import Store
from shared.store.sqlite import open_sqlite_store

Engine = Literal["sqlite", "elasticsearch"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class StoreFactory:
    """Opens the same, at first empty, store as often as wanted. Can be pickled to another process."""

    engine: Engine
    place: str  # a folder, or the address of a server
    prefix: str = ""

    def __call__(self) -> Store:
        if self.engine == "elasticsearch":
            return open_elasticsearch_store(self.place, prefix=self.prefix)
        return open_sqlite_store(Path(self.place))


@dataclass(frozen=True, slots=True)
class StoreJob:
    """Work for another process: open the store there, work on it, close it."""

    factory: StoreFactory
    work: Callable[[Store, int], list[str]]

    def __call__(self, number: int) -> list[str]:
        store = self.factory()
        try:
            return self.work(store, number)
        finally:
            store.close()
