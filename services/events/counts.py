"""How many there were, as the articles of an event tell it: agreed, or by source where they disagree."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from shared.contracts.events import Count
from shared.contracts.messages import EventFacts

# Further apart, two numbers of one noun count different things: countries that came, countries there are.
ALIKE = Decimal("1.5")
MOST = 5


class Telling(Protocol):
    """One article of an event."""

    @property
    def facts(self) -> EventFacts:
        """Its facts."""

    @property
    def source(self) -> str:
        """The name of its source."""


def counts(told: Sequence[Telling]) -> tuple[Count, ...]:
    """Numbers that two sources or more tell of one thing, the one most sources tell first; whatever the order."""
    found: list[Count] = []
    for what, numbers in sorted(_first_told(told).items()):
        ranked = sorted(numbers, key=lambda number: (-len(numbers[number]), number))
        alike = [n for n in ranked if max(n, ranked[0]) <= ALIKE * min(n, ranked[0])]
        if len({source for number in alike for source in numbers[number]}) > 1:
            found += [
                Count(what=what, number=format(n, "f"), sources=tuple(sorted(numbers[n])))
                for n in alike[:MOST]
            ]
    return tuple(found)


def _first_told(told: Iterable[Telling]) -> dict[str, dict[Decimal, set[str]]]:
    """By what is counted and the number, the sources. The first number an article tells of it is the event's."""
    found: dict[str, dict[Decimal, set[str]]] = defaultdict(lambda: defaultdict(set))
    for article in told:
        if article.facts.phase == "preview":
            continue  # an expectation is no count
        seen: set[str] = set()
        for told_number in article.facts.numbers:
            number, _, what = told_number.partition(" ")
            if what and what not in seen:
                seen.add(what)
                found[what][Decimal(number)].add(article.source)
    return found
