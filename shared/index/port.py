"""The search index as everything else sees it. Only the indexer writes.

Two adapters, `local` (tantivy, with SQLite as its truth) and `elasticsearch`; `tests/contract/test_index.py`
holds both to this page. The query language is `shared.query`; its meaning is `shared.query.evaluate`.

Errors:
    SearchIndexError
    ├── BadCursor           a cursor this index did not give
    ├── TooBroad            a prefix that expands to too many words
    └── IndexUnavailable    cannot be reached, or not writable now; trying again may work
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from shared.contracts.article import Article
from shared.query.ast import Query

FACETS = ("alliance", "type", "event", "source", "quality", "country", "lang", "place", "phase")


class SearchIndexError(Exception):
    """Base of all errors of the index."""


class BadCursor(SearchIndexError):
    """The cursor was not given by this index for this search."""


class TooBroad(SearchIndexError):
    """A prefix stands for more words than can be searched; says which and how many."""


class IndexUnavailable(SearchIndexError):
    """The index cannot be reached or written now."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A stretch of a field that the query matched, in code points, half-open."""

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found. `score` is only comparable within one answer."""

    article: Article
    score: float
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked. `query` of None means everything; `cursor` comes from the page before."""

    query: Query | None = None
    limit: int = 20
    cursor: str | None = None
    sort: Literal["relevance", "date"] = "relevance"
    unit: Literal["article", "event"] = "article"
    facets: tuple[str, ...] = ()
    timeline: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What was found. `timeline` maps a day (ISO 8601) to a count."""

    hits: tuple[Hit, ...]
    total: int
    next_cursor: str | None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    timeline: Mapping[str, int] = field(default_factory=dict)
    took_ms: float = 0.0


class IndexReader(Protocol):
    """Finds articles."""

    def search(self, search: Search) -> Page:
        """Raises BadCursor, TooBroad, IndexUnavailable."""

    def get(self, id: str) -> Article | None:
        """One article by id, as of the last write."""

    def count(self) -> int:
        """How many articles are searchable."""

    def close(self) -> None:
        """Release what it holds. May be called twice."""


class IndexWriter(Protocol):
    """Keeps articles. At most one exists per local index; opening a second waits or raises IndexUnavailable."""

    def write(self, articles: Sequence[Article]) -> None:
        """Keep these and return when they are searchable.

        An article whose `(fetched_at, parse_version)` is older than the one kept is passed over; an equal one replaces.
        """

    def delete(self, ids: Sequence[str]) -> None:
        """Remove these; unknown ids are passed over."""

    def rebuild(self) -> Generator[int, None, None]:
        """Make the search structures anew from the kept articles, yielding how many are done.

        Others may write between two steps. Closing it gives the rebuild up and leaves the index as it was.
        """

    def close(self) -> None:
        """Release what it holds. May be called twice."""


def age(article: Article) -> tuple[datetime, int]:
    """The version an article is compared by."""
    return article.fetched_at, article.parse_version
