"""Near-duplicates: one text on several pages, and which of them stands for all.

Threshold, measured on word edits of the development articles (deleted, replaced, inserted words, a third each):
.5 keeps 99.8 % of copies with one word in ten edited, while unrelated articles of one event reach .28 at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.events.components import components
from shared.contracts.messages import EventFacts
from shared.text.minhash import bands, similarity

ALIKE = 0.5
_BEST_FIRST = ("official", "agency", "press", "aggregator")


class Text(Protocol):
    """What the comparison needs of an article."""

    @property
    def language(self) -> str:
        """The language it is written in: a translation is no near-duplicate."""

    @property
    def signature(self) -> bytes:
        """Its MinHash, empty for a text too short to compare."""


def is_duplicate(a: Text, b: Text) -> bool:
    """Whether the two are one text, give or take a few words. Symmetric."""
    if not a.signature or not b.signature or a.language != b.language:
        return False
    # The similarity first: it is the quicker one to say no.
    return similarity(a.signature, b.signature) >= ALIKE and shares_band(a.signature, b.signature)


def shares_band(a: bytes, b: bytes) -> bool:
    """Whether banding would find the one from the other: part of the relation, so that looking up is complete."""
    return any(x == y for x, y in zip(bands(a), bands(b), strict=True))


def duplicate_groups(facts: Iterable[EventFacts]) -> frozenset[frozenset[str]]:
    """The components of `is_duplicate`, single articles included, by article id; whatever the order."""
    return components({f.article_id: f for f in facts}, is_duplicate)


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """The order of preference among copies: quality of the source, then first published (None last), then id."""

    quality: int
    undated: bool
    published: str
    id: str


def rank(facts: EventFacts) -> Rank:
    """Where an article stands among its copies; the least leads."""
    return Rank(
        _BEST_FIRST.index(facts.quality), facts.published is None, facts.published or "", facts.article_id
    )


def leader(copies: Sequence[EventFacts]) -> str:
    """The id of the copy that stands for all."""
    return min(map(rank, copies)).id
