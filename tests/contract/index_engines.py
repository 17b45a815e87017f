"""The engines the index's contract is held against, in a form that other processes can open too."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from shared.index.elasticsearch import open_elasticsearch_reader, open_elasticsearch_writer
from shared.index.local import open_local_reader, open_local_writer
from shared.index.port import IndexReader, IndexWriter

Engine = Literal["local", "elasticsearch"]
ENGINES: tuple[Engine, ...] = get_args(Engine)


@dataclass(frozen=True, slots=True)
class IndexFactory:
    """Opens the same, at first empty, index as often as wanted. Can be pickled to another process."""

    engine: Engine
    place: str  # a folder, or the address of a server
    prefix: str = ""

    def writer(self, wait: float | None = 10.0) -> IndexWriter:
        if self.engine == "elasticsearch":
            return open_elasticsearch_writer(self.place, prefix=self.prefix)
        return open_local_writer(Path(self.place), wait)

    def reader(self) -> IndexReader:
        if self.engine == "elasticsearch":
            return open_elasticsearch_reader(self.place, prefix=self.prefix)
        return open_local_reader(Path(self.place))
