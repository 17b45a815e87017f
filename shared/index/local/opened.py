"""What is searched now, as a reading process sees it: follows commits and rebuilds of the writing one."""

import threading
from dataclasses import dataclass
from pathlib import Path

import tantivy

from shared.index.local.folders import current_name, is_of_today
from shared.index.local.searchable import tantivy_errors
from shared.index.local.truth import FILE, Truth
from shared.index.port import IndexUnavailable

TRIES = 5  # a rebuild may take the folder away between two looks, but hardly that often


@dataclass(frozen=True, slots=True)
class Opened:
    """One state of the index, which stays as it is."""

    searcher: tantivy.Searcher
    truth: Truth


class Follower:
    """Gives the newest committed state. Threads take turns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._truth: Truth | None = None
        self._name: str | None = None
        self._meta = b""
        self._index: tantivy.Index | None = None
        self._searcher: tantivy.Searcher | None = None
        self._closed = False

    def newest(self) -> Opened | None:
        """What was committed before this call, or None where nothing was ever written. Raises IndexUnavailable."""
        with self._turn:
            if self._closed:
                raise IndexUnavailable(f"{self._folder}: this reader was closed; open another")
            truth = self._open_truth()
            for last in (False,) * (TRIES - 1) + (True,):
                name = current_name(self._folder)
                if truth is None or name is None:
                    return None
                try:
                    return Opened(self._follow(name), truth)
                except IndexUnavailable:
                    self._name = None
                    if last:
                        raise
        raise AssertionError("the last try returns or raises")

    def truth(self) -> Truth | None:
        """The articles, or None where nothing was ever written. Raises IndexUnavailable."""
        with self._turn:
            return self._open_truth()

    def close(self) -> None:
        """Let go of everything. May be called twice."""
        with self._turn:
            self._closed = True
            self._index = self._searcher = None
            if self._truth is not None:
                self._truth.close()

    def _open_truth(self) -> Truth | None:
        if self._truth is None and (self._folder / FILE).exists():
            self._truth = Truth(self._folder, writing=False)
        return self._truth

    def _follow(self, name: str) -> tantivy.Searcher:
        """The searcher of this folder, made anew only when tantivy's own list of segments has changed."""
        path = self._folder / name
        with tantivy_errors(path):
            meta = (path / "meta.json").read_bytes()
            if self._searcher is not None and name == self._name and meta == self._meta:
                return self._searcher
            if not is_of_today(name):
                raise IndexUnavailable(
                    f"{path}: was made by another version of the program; start the indexer, which makes it anew"
                )
            if self._index is None or name != self._name:
                self._index = tantivy.Index.open(str(path))
                self._index.config_reader("manual")
            self._index.reload()
            self._searcher = self._index.searcher()
        self._name, self._meta = name, meta
        return self._searcher
