"""The engines the index's contract is held against, in a form that other processes can open too."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.index.local import open_local_reader, open_local_writer
from shared.index.port import IndexReader, IndexWriter


@dataclass(frozen=True, slots=True)
class IndexFactory:
    """Opens the same, at first empty, index as often as wanted. Can be pickled to another process."""

    engine: Literal["local"]
    place: str

    def writer(self, wait: float | None = 10.0) -> IndexWriter:
        return open_local_writer(Path(self.place), wait)

    def reader(self) -> IndexReader:
        return open_local_reader(Path(self.place))
