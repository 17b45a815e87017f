"""What an article must hold for a query to match it: the anchors under which the matcher keeps the query.

A cover of a query is a set of anchors of which every article that it matches holds at least one: one anchor per
alternative, the rarest that the alternative requires. A query that also matches by what is absent, or by its dates
alone, has no cover and is tried on every article.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from shared.query.ast import And, Duplicate, Keyword, Not, Or, Phrase, Prefix, Query, Word
from shared.query.evaluate import fold_keyword

# How much of a prefix is looked up; the rest is left to the verification.
LONGEST_HEAD = 4


class Anchor(NamedTuple):
    """One thing an article may hold.

    `token` stands there exactly, `word` exactly or inflected, `head` begins a token; `scope` is `all` or `title`.
    For a `keyword` the scope is its field, for `duplicate` both are empty.
    """

    kind: Literal["token", "word", "head", "keyword", "duplicate"]
    scope: str
    value: str


Rarity = Callable[[Anchor], float]
Cover = frozenset[Anchor]


def cover(query: Query, share: Rarity) -> Cover | None:
    """The cheapest cover, by the share of articles that hold each anchor; None when there is none.

    An empty cover belongs to a query that matches nothing.
    """
    return _cover(query, True, share)


def cheapest_first(query: Query) -> Query:
    """The same query with its parts in the order in which they are quickest to decide."""
    match query:
        case And(parts):
            return And(tuple(sorted(map(cheapest_first, parts), key=_work)))
        case Or(parts):
            return Or(tuple(sorted(map(cheapest_first, parts), key=_work)))
        case Not(part):
            return Not(cheapest_first(part))
        case leaf:
            return leaf


def _work(query: Query) -> int:
    """About how long a condition takes, in look-ups; a prefix is held against every token."""
    match query:
        case And(parts) | Or(parts):
            return sum(map(_work, parts))
        case Not(part):
            return _work(part)
        case Phrase():
            return 2
        case Word():
            return 3
        case Prefix():
            return 100
        case _:
            return 1


def _cover(query: Query, wanted: bool, share: Rarity) -> Cover | None:
    """The cover of the query, or with `wanted` false of its opposite."""
    match query:
        case Not(part):
            return _cover(part, not wanted, share)
        case And(parts) | Or(parts):
            covers = [_cover(part, wanted, share) for part in parts]
            together = isinstance(query, And) is wanted
            return _cheapest(covers, share) if together else _union(covers)
        case leaf:
            anchors = _anchors(leaf) if wanted else None
            return None if anchors is None else _cheapest([frozenset({a}) for a in anchors], share)


def _anchors(leaf: Query) -> Iterable[Anchor] | None:
    """The anchors that a condition requires, each alone a cover; None when it requires none."""
    match leaf:
        case Word(token, scope):
            return [Anchor("word", scope, token)]
        case Phrase(row, scope):
            return [Anchor("token", scope, token) for token in dict.fromkeys(row)] or None
        case Prefix(token, scope):
            return [Anchor("head", scope, token[:LONGEST_HEAD])] if token else None
        case Keyword(field, value):
            return [Anchor("keyword", field, fold_keyword(field, value))]
        case Duplicate():
            return [Anchor("duplicate", "", "")]
        case _:  # dates: every article has one
            return None


def _cheapest(covers: Iterable[Cover | None], share: Rarity) -> Cover | None:
    known = [found for found in covers if found is not None]
    return min(known, key=lambda found: (sum(map(share, found)), len(found)), default=None)


def _union(covers: Iterable[Cover | None]) -> Cover | None:
    united: set[Anchor] = set()
    for found in covers:
        if found is None:
            return None
        united |= found
    return frozenset(united)
