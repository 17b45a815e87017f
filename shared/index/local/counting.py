"""Facets and the timeline: counts over everything that matches."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import tantivy

from shared.index.fields import FACET_VALUES

# Each segment gives all its values, or a value rare in one and frequent in another would be counted short.
ALL = 2**31
# Values fetched so that, of those with equal counts, the first by name are given.
TIES = 1000
DAYS = 65_000  # tantivy's own limit of buckets; 178 years
FIRST_DAY = date(1970, 1, 1)


def counted(
    searcher: tantivy.Searcher, query: tantivy.Query, facets: Sequence[str], timeline: bool
) -> tuple[Mapping[str, Mapping[str, int]], Mapping[str, int]]:
    """The facets asked for, each value with its count, most frequent first; and the days, in order."""
    asked: dict[str, Any] = {
        name: {"terms": {"field": f"facet_{name}", "size": TIES, "segment_size": ALL}} for name in facets
    }
    if timeline:
        asked["timeline"] = {"terms": {"field": "day", "size": DAYS, "segment_size": ALL}}
    if not asked:
        return {}, {}
    answer = searcher.aggregate(query, asked)
    return (
        {name: _most_frequent(answer[name]["buckets"]) for name in facets},
        _by_day(answer["timeline"]["buckets"]) if timeline else {},
    )


def _most_frequent(buckets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    ordered = sorted((-bucket["doc_count"], bucket["key"]) for bucket in buckets)
    return {key: -count for count, key in ordered[:FACET_VALUES]}


def _by_day(buckets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    days = sorted((int(bucket["key"]), bucket["doc_count"]) for bucket in buckets)
    return {(FIRST_DAY + timedelta(days=day)).isoformat(): count for day, count in days}
