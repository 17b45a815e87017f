"""The engines the store's contract is held against, in a form that other processes can open too."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.store.port import Store
from shared.store.sqlite import open_sqlite_store


@dataclass(frozen=True, slots=True)
class StoreFactory:
    """Opens the same, at first empty, store as often as wanted. Can be pickled to another process."""

    engine: Literal["sqlite"]
    place: str

    def __call__(self) -> Store:
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
