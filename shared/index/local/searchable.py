"""One tantivy folder as the writer sees it: changes in, commits, and which change it has seen last."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy

from shared.index.local.schema import SCHEMA, document
from shared.index.local.truth import Change
from shared.index.port import IndexUnavailable

HEAP = 48_000_000  # bytes tantivy gathers before it writes a segment
# One thread makes one segment per commit; the analysis in Python is the slower half anyway.
THREADS = 1


class Searchable:
    """Open for writing. `seen` is the sequence number of the last change that was applied."""

    def __init__(self, path: Path, index: tantivy.Index) -> None:
        self._path = path
        self._index = index
        index.config_reader("manual")
        self._writer = index.writer(HEAP, THREADS)
        self.seen = self._newest()

    @classmethod
    def create(cls, path: Path) -> "Searchable":
        """In this empty folder. Raises IndexUnavailable."""
        with tantivy_errors(path):
            return cls(path, tantivy.Index(SCHEMA, path=str(path)))

    @classmethod
    def open(cls, path: Path) -> "Searchable":
        """Raises IndexUnavailable when it is missing or unreadable."""
        with tantivy_errors(path):
            return cls(path, tantivy.Index.open(str(path)))

    def apply(self, changes: Sequence[Change]) -> None:
        """Take these in; they are searchable after the next commit. Raises IndexUnavailable."""
        with tantivy_errors(self._path):
            for change in changes:
                self._writer.delete_documents_by_term("key", change.key)
                if change.article is not None:
                    self._writer.add_document(document(change.key, change.sequence, change.article))
                self.seen = change.sequence

    def commit(self) -> None:
        """On disk and searchable when it returns. Raises IndexUnavailable."""
        with tantivy_errors(self._path):
            self._writer.commit()

    def count(self) -> int:
        """How many documents are searchable. Raises IndexUnavailable."""
        with tantivy_errors(self._path):
            self._index.reload()
            return int(self._index.searcher().num_docs)

    def close(self) -> None:
        """Let go of the folder. What was not committed is not there; merges under way are dropped."""
        del self._writer, self._index

    def _newest(self) -> int:
        self._index.reload()
        hits = self._index.searcher().search(tantivy.Query.all_query(), 1, order_by_field="sequence").hits
        return hits[0][0] if hits else 0


@contextmanager
def tantivy_errors(path: Path) -> Iterator[None]:
    """Turns what tantivy says, and its panics, into IndexUnavailable that names the folder."""
    try:
        yield
    except (ValueError, OSError) as e:
        raise _unavailable(path, e) from e
    except BaseException as e:
        # A Rust panic arrives as a class that cannot be imported and is no Exception.
        if type(e).__name__ != "PanicException":
            raise
        raise _unavailable(path, e) from e


def _unavailable(path: Path, e: BaseException) -> IndexUnavailable:
    return IndexUnavailable(
        f"{path}: {e}; check the disk's space and permissions and try again, or rebuild the index"
    )
