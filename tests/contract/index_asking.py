"""Asking an index, in the few ways that its tests do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec

from shared.contracts.article import Article
from shared.index.port import Hit, IndexReader, Page, Search
from shared.query.ast import Query


def ids(hits: Sequence[Hit]) -> list[str]:
    """The article ids, in order."""
    return [hit.article.id for hit in hits]


def found(reader: IndexReader, query: Query | None = None, **asked: Any) -> set[str]:
    """The ids of all that a query finds."""
    return set(ids(reader.search(Search(query, limit=1000, **asked)).hits))


def paged(reader: IndexReader, search: Search) -> list[Page]:
    """Every page of a search."""
    pages = [reader.search(search)]
    while pages[-1].next_cursor is not None:
        pages.append(reader.search(replace(search, cursor=pages[-1].next_cursor)))
        assert len(pages) < 2000, "the pages never end"
    return pages


def later(made: Article, seconds: int = 1, **changes: Any) -> Article:
    """The article as fetched so many seconds later."""
    return msgspec.structs.replace(made, fetched_at=made.fetched_at + timedelta(seconds=seconds), **changes)
