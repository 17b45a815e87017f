"""One page of an answer: articles, or the best article of each event, in an order that the next page goes on with.

Pages follow from the place of the last hit (`search_after`), never from a view held open on the server: a cursor lives
as long as the index does. Where the index is written meanwhile, what moves past the cursor is not shown again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.index.cursor import Place
from shared.index.elasticsearch.asking import Answer, Articles
from shared.index.elasticsearch.compile import Dsl

MOST = 10_000  # hits that Elasticsearch gives at once
FEWEST_LOOKED_AT = 50  # articles looked at to find the first of their events
DISTINCT = 40_000  # events counted exactly; more are counted to within some percent


@dataclass(frozen=True, slots=True)
class Asked:
    """A search in Elasticsearch's words. `print` is the same on every page, so that the same copies answer them."""

    query: Dsl
    by_date: bool
    print: str

    def body(self, **more: Any) -> dict[str, Any]:
        """The request, with the order of the answer; `more` adds to it or replaces parts."""
        order = [{"search.when": "desc"}, {"search.id": "asc"}]
        common: dict[str, Any] = {
            "query": self.query,
            "sort": order if self.by_date else [{"_score": "desc"}, *order],
            "preference": self.print,
        }
        if not self.by_date:  # scores of different months are comparable only with counts over all of them
            common["search_type"] = "dfs_query_then_fetch"
        return common | more

    def place(self, hit: Mapping[str, Any]) -> Place:
        """Where a hit stands in the order."""
        sort = hit["sort"]
        return Place(0.0, sort[0], sort[1]) if self.by_date else Place(sort[0], sort[1], sort[2])

    def after(self, place: Place | None) -> list[float | int | str] | None:
        """Where to go on, in Elasticsearch's words."""
        if place is None:
            return None
        return [place.when, place.id] if self.by_date else [place.score, place.when, place.id]


@dataclass(frozen=True, slots=True)
class Found:
    """A page: how many match in all, the hits with their places, whether there are more, and the counts."""

    total: int
    hits: Sequence[tuple[Place, Mapping[str, Any]]]
    more: bool
    answer: Answer


def articles(
    index: Articles, asked: Asked, after: Place | None, limit: int, aggregations: Mapping[str, Any]
) -> Found | None:
    """The next articles; None where there is no index."""
    answer = index.search(
        **asked.body(
            size=min(limit + 1, MOST),
            search_after=asked.after(after),
            track_total_hits=True,
            aggs=aggregations or None,
        )
    )
    if answer is None:
        return None
    hits = answer["hits"]["hits"]
    shown = [(asked.place(hit), hit["_source"]) for hit in hits[: min(limit, MOST - 1)]]
    return Found(answer["hits"]["total"]["value"], shown, len(hits) > len(shown), answer)


def events(
    index: Articles, asked: Asked, after: Place | None, limit: int, aggregations: Mapping[str, Any]
) -> Found | None:
    """The next events, each by its best article; articles without an event stand for themselves."""
    distinct = {"cardinality": {"field": "search.group", "precision_threshold": DISTINCT}}
    answer = index.search(**asked.body(size=0, sort=None, aggs={**aggregations, "distinct": distinct}))
    if answer is None:
        return None
    total = answer["aggregations"]["distinct"]["value"]
    wanted = min(limit, MOST - 1) + 1
    places = _leaders(index, asked, after, wanted)
    shown = places[: wanted - 1]
    sources = _sources(index, [place.id for place in shown])
    hits = [(place, sources[place.id]) for place in shown if place.id in sources]
    return Found(total, hits, len(places) > len(shown), answer)


def _leaders(index: Articles, asked: Asked, after: Place | None, wanted: int) -> Sequence[Place]:
    """The next articles that come first in their event, in order.

    Elasticsearch can give one hit per event, but not go on after a place then. So the next articles are looked at, and
    of their events the first article of all is asked for: an event whose first article lies before has been shown.
    """
    found: list[Place] = []
    decided: list[str] = []
    size = min(max(2 * wanted, FEWEST_LOOKED_AT), MOST)
    while len(found) < wanted:
        looked_at = _looked_at(index, asked, after, decided, size)
        if looked_at:
            groups = list(dict.fromkeys(group for _, group in looked_at))
            first = _first_of(index, asked, groups)
            found += [place for place, _ in looked_at if place.id in first]
            decided += groups
            after = looked_at[-1][0]
        if len(looked_at) < size:
            break
    return found[:wanted]


def _looked_at(
    index: Articles, asked: Asked, after: Place | None, decided: Sequence[str], size: int
) -> Sequence[tuple[Place, str]]:
    """The next articles with their groups, but for the groups already decided on."""
    others: Dsl = {"bool": {"must": [asked.query], "must_not": [{"terms": {"search.group": list(decided)}}]}}
    answer = index.search(
        **asked.body(
            query=others if decided else asked.query,
            size=size,
            search_after=asked.after(after),
            track_total_hits=False,
            source=False,
            docvalue_fields=["search.group"],
        )
    )
    hits = answer["hits"]["hits"] if answer is not None else []
    return [(asked.place(hit), hit["fields"]["search.group"][0]) for hit in hits]


def _first_of(index: Articles, asked: Asked, groups: Sequence[str]) -> frozenset[str]:
    """The id of the first article of each group, of all that match."""
    within: Dsl = {"bool": {"must": [asked.query], "filter": [{"terms": {"search.group": list(groups)}}]}}
    answer = index.search(
        **asked.body(
            query=within,
            size=len(groups),
            collapse={"field": "search.group"},
            track_total_hits=False,
            source=False,
        )
    )
    hits = answer["hits"]["hits"] if answer is not None else []
    return frozenset(asked.place(hit).id for hit in hits)


def _sources(index: Articles, ids: Sequence[str]) -> Mapping[str, Any]:
    """The articles of these ids."""
    if not ids:
        return {}
    answer = index.search(query={"ids": {"values": list(ids)}}, size=len(ids), track_total_hits=False)
    hits = answer["hits"]["hits"] if answer is not None else []
    return {hit["_id"]: hit["_source"] for hit in hits}
