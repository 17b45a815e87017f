"""The reading side: searches, and gives articles as they were written."""

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from shared.contracts.article import Article
from shared.elastic import ElasticSecurity, connect
from shared.index.cursor import Place, fingerprint, read_cursor, write_cursor
from shared.index.elasticsearch.asking import Articles
from shared.index.elasticsearch.compile import compile_query, prefixes, token_field
from shared.index.elasticsearch.counting import aggregations_for, by_day, counted
from shared.index.elasticsearch.layout import Layout
from shared.index.elasticsearch.pages import Asked, Found, articles, events
from shared.index.fields import check_facets, ranks
from shared.index.port import Highlight, Hit, IndexReader, Page, Search
from shared.query.ast import Query
from shared.query.evaluate import matched_spans


def open_elasticsearch_reader(
    address: str, *, prefix: str = "heritage-wire", security: ElasticSecurity | None = None
) -> IndexReader:
    """Searches the articles under `prefix` on the server at `address`. Makes no request yet.

    An index that nobody has written is an empty one. Raises ValueError for an address or prefix that is none.
    """
    return ElasticsearchReader(Articles(connect(address, security), address, Layout(prefix)))


class ElasticsearchReader:
    """See `shared.index.port.IndexReader`. Safe to share between threads."""

    def __init__(self, index: Articles) -> None:
        self._index = index

    def search(self, search: Search) -> Page:
        started = time.perf_counter()
        cursor = read_cursor(search)
        check_facets(search.facets)
        for prefix in {(token_field(prefix), prefix.token) for prefix in prefixes(search.query)}:
            self._index.check_narrow(*prefix)
        found = self._found(search, cursor[1] if cursor else None)
        if found is None:
            return Page(hits=(), total=0, next_cursor=None, facets={name: {} for name in search.facets})
        facets = counted(found.answer, search.facets, lambda named: self._again(search, named))
        last = found.hits[-1][0] if found.more and found.hits else None
        before = cursor[0] if cursor else 0
        return Page(
            hits=tuple(_hit(search.query, place, source) for place, source in found.hits),
            total=found.total,
            next_cursor=None if last is None else write_cursor(search, before + len(found.hits), last),
            facets=facets,
            timeline=by_day(found.answer) if search.timeline else {},
            took_ms=(time.perf_counter() - started) * 1000,
        )

    def get(self, id: str) -> Article | None:
        answer = self._index.search(query={"ids": {"values": [id]}}, size=1, track_total_hits=False)
        hits = answer["hits"]["hits"] if answer is not None else []
        return _article(hits[0]["_source"]) if hits else None

    def count(self) -> int:
        return self._index.count()

    def close(self) -> None:
        self._index.client.close()

    def _found(self, search: Search, after: Place | None) -> Found | None:
        by_date = search.sort == "date" or not ranks(search.query)
        asked = Asked(compile_query(search.query), by_date, fingerprint(search))
        page = events if search.unit == "event" else articles
        aggregations = aggregations_for(search.facets, search.timeline)
        return page(self._index, asked, after, search.limit, aggregations)

    def _again(self, search: Search, aggregations: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = self._index.search(query=compile_query(search.query), size=0, aggs=aggregations)
        empty: dict[str, Any] = {name: {"buckets": []} for name in aggregations}
        return answer if answer is not None else {"aggregations": empty}


def _hit(query: Query | None, place: Place, source: Mapping[str, Any]) -> Hit:
    article = _article(source)
    spans = matched_spans(query, article) if query is not None else []
    return Hit(article, place.score, tuple(Highlight(span.field, span.start, span.end) for span in spans))


def _article(source: Mapping[str, Any]) -> Article:
    return msgspec.convert(source, Article)
