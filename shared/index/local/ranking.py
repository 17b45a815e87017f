"""The order of an answer: by score or date, then date, then id, so that every page follows from the one before."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import tantivy

from shared.index.cursor import Place

SLACK = 50  # hits asked for beyond those needed, for ties at the end

Ids = Callable[[Sequence[int]], Mapping[int, str]]


class Found(NamedTuple):
    """A document that matches. `group` is its event's number; None where it has no event and stands alone.

    A tuple, because all of an answer may have to be sorted: from high to low it is in order but for the ids of ties.
    """

    score: float
    when: int
    key: int
    group: int | None


_tie = itemgetter(0, 1)  # score and when


def ranked(
    searcher: tantivy.Searcher, query: tantivy.Query, by_date: bool, need: int | None
) -> tuple[int, Sequence[Found]]:
    """How many match, and the best `need` with all that tie with the last of them (None: all); ties by date.

    Counting keeps tantivy from skipping weak documents, which would add up scores in another order, and so to another
    last digit, on another page.
    """
    order = "when" if by_date else None
    total = max(1, searcher.num_docs)
    take = total if need is None else min(total, need + SLACK)
    while True:
        result: Any = searcher.search(query, take, count=True, order_by_field=order)
        hits = result.hits
        if need is None or len(hits) >= result.count or hits[-1][0] != hits[need - 1][0]:
            break
        take = min(total, take * 4)
    if need is not None and len(hits) < result.count:  # the last run of ties may be cut: leave it out
        hits = [hit for hit in hits if hit[0] >= hits[need - 1][0]]
    places = [place for _, place in hits]
    columns: Any = [searcher.fast_field_values(name, places) for name in ("when", "key", "group")]
    whens, keys, groups = columns
    scores = [0.0] * len(hits) if by_date else [score for score, _ in hits]
    return result.count, sorted(map(Found, scores, whens, keys, groups), reverse=True)


def in_order(found: Sequence[Found], after: Place | None, ids: Ids) -> Iterator[tuple[Place, Found]]:
    """Hits in their final order, from the one after `after` on. Looks up ids only where pages need them."""
    start = None if after is None else (after.score, after.when)
    for head, run in groupby(found, key=_tie):
        if start is not None and head > start:
            continue
        hits = list(run)
        named = ids([hit.key for hit in hits])
        placed = [(Place(h.score, h.when, named[h.key]), h) for h in hits if h.key in named]
        for place, hit in sorted(placed, key=lambda pair: pair[0].id):
            if after is None or place.order() > after.order():
                yield place, hit


def best_per_event(found: Sequence[Found], ids: Ids) -> Sequence[Found]:
    """Of each event the first hit in the final order; articles without an event all stay."""
    best: list[Found] = []
    seen: set[int] = set()
    for _, run in groupby(found, key=_tie):
        rivals: dict[int, list[Found]] = defaultdict(list)
        for hit in run:
            if hit.group is None:
                best.append(hit)
            elif hit.group not in seen:
                rivals[hit.group].append(hit)
        best += [_first_by_id(hits, ids) for hits in rivals.values()]
        seen.update(rivals)
    return best


def _first_by_id(hits: Sequence[Found], ids: Ids) -> Found:
    named = ids([hit.key for hit in hits]) if len(hits) > 1 else {}
    return min(hits, key=lambda hit: (hit.key not in named, named.get(hit.key, "")))
