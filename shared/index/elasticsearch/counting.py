"""Facets and the timeline: counts over everything that matches, exact however many indices they come from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.index.elasticsearch.asking import Answer
from shared.index.fields import FACET_VALUES

# Values that each shard gives. Only where it has more can a count of several shards be too low; that is made good.
PER_SHARD = 5000

Aggregations = Mapping[str, Any]


def aggregations_for(facets: Sequence[str], timeline: bool) -> Aggregations:
    """The aggregations to ask for."""
    made: dict[str, Any] = {name: {"terms": _terms(name)} for name in facets}
    if timeline:
        days = {"field": "search.day", "calendar_interval": "day", "format": "yyyy-MM-dd", "min_doc_count": 1}
        made["timeline"] = {"date_histogram": days}
    return made


def counted(
    answer: Answer, facets: Sequence[str], again: Callable[[Aggregations], Answer]
) -> Mapping[str, Mapping[str, int]]:
    """Each facet's values with their counts, most frequent first, then by name.

    Values that shards may have left out of their lists are counted a second time, by name, through `again`.
    """
    found = {name: answer["aggregations"][name] for name in facets}
    unsure = {name: told for name, told in found.items() if told["doc_count_error_upper_bound"]}
    if unsure:
        named = {
            name: {"terms": {**_terms(name), "include": [bucket["key"] for bucket in told["buckets"]]}}
            for name, told in unsure.items()
        }
        found |= again(named)["aggregations"]
    return {name: _most_frequent(found[name]["buckets"]) for name in facets}


def by_day(answer: Answer) -> Mapping[str, int]:
    """The days, in order, with their counts."""
    buckets = answer["aggregations"]["timeline"]["buckets"]
    return {bucket["key_as_string"]: bucket["doc_count"] for bucket in buckets}


def _terms(name: str) -> dict[str, Any]:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    return {"field": f"search.facet.{name}", "size": FACET_VALUES, "shard_size": PER_SHARD, "order": order}


def _most_frequent(buckets: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    ordered = sorted((-bucket["doc_count"], bucket["key"]) for bucket in buckets)
    return {key: -count for count, key in ordered}
