"""The reading side: searches tantivy, gives articles from the truth."""

import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import tantivy

from shared.contracts.article import Article
from shared.index.cursor import Place, read_cursor, write_cursor
from shared.index.fields import check_facets, ranks
from shared.index.local.compile import compile_query, dated_until
from shared.index.local.counting import counted
from shared.index.local.opened import Follower, Opened
from shared.index.local.ranking import Found, best_per_event, in_order, ranked
from shared.index.local.searchable import tantivy_errors
from shared.index.port import Highlight, Hit, IndexReader, Page, Search
from shared.query.ast import Query
from shared.query.evaluate import matched_spans


def open_local_reader(folder: Path) -> IndexReader:
    """Searches the index in `folder`, in any process, beside a writer or without one.

    A folder without an index is an empty one; it is looked for again at every call.
    """
    return LocalReader(folder)


class LocalReader:
    """See `shared.index.port.IndexReader`. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._follower = Follower(folder)

    def search(self, search: Search) -> Page:
        started = time.perf_counter()
        cursor = read_cursor(search)
        check_facets(search.facets)
        opened = self._follower.newest()
        if opened is None:
            return Page(hits=(), total=0, next_cursor=None, facets={name: {} for name in search.facets})
        with tantivy_errors(self._folder):
            query = compile_query(opened.searcher, search.query)
            total, places = _page(opened, search, query, cursor)
            facets, timeline = counted(opened.searcher, query, search.facets, search.timeline)
        shown = places[: search.limit]
        last = shown[-1][0] if len(places) > len(shown) and shown else None
        before = cursor[0] if cursor else 0
        return Page(
            hits=_hits(opened, search.query, shown),
            total=total,
            next_cursor=None if last is None else write_cursor(search, before + len(shown), last),
            facets=facets,
            timeline=timeline,
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def get(self, id: str) -> Article | None:
        truth = self._follower.truth()
        return None if truth is None else truth.get(id)

    def count(self) -> int:
        opened = self._follower.newest()
        return 0 if opened is None else int(opened.searcher.num_docs)

    def close(self) -> None:
        self._follower.close()


def _page(
    opened: Opened, search: Search, query: tantivy.Query, cursor: tuple[int, Place] | None
) -> tuple[int, Sequence[tuple[Place, Found]]]:
    """The total, and the hits of the page with one more where there is one."""
    by_date = search.sort == "date" or not ranks(search.query)
    shown, after = cursor or (0, None)
    ids, wanted = opened.truth.ids, search.limit + 1
    if search.unit == "event":
        found = best_per_event(ranked(opened.searcher, query, by_date, None)[1], ids)
        return len(found), list(islice(in_order(found, after, ids), wanted))
    need, total = shown + wanted, None
    if by_date and after is not None:  # what is newer was shown: no need to walk past it
        total = ranked(opened.searcher, query, by_date, 1)[0]
        query, need = dated_until(query, after.when), wanted
    while True:
        matching, found = ranked(opened.searcher, query, by_date, need)
        places = list(islice(in_order(found, after, ids), wanted))
        if len(places) == wanted or len(found) >= matching:
            return matching if total is None else total, places
        need *= 4  # articles deleted meanwhile, or many of one date


def _hits(opened: Opened, query: Query | None, shown: Sequence[tuple[Place, Found]]) -> tuple[Hit, ...]:
    articles = opened.truth.articles([found.key for _, found in shown])
    return tuple(
        Hit(article, found.score, _highlights(query, article))
        for _, found in shown
        if (article := articles.get(found.key)) is not None
    )


def _highlights(query: Query | None, article: Article) -> tuple[Highlight, ...]:
    if query is None:
        return ()
    return tuple(Highlight(span.field, span.start, span.end) for span in matched_spans(query, article))
