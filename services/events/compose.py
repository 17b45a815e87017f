"""What the articles of an event say together: a pure function of them, the same in whatever order they come."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Protocol

from services.events.counts import counts
from services.events.duplicates import rank
from services.events.kinds import GATHERINGS, NO_EVENT
from services.events.profile import editions, is_place
from services.events.when import Days, When
from shared.contracts.article import Precision
from shared.contracts.events import Composed, EventAlliance
from shared.contracts.messages import EventFacts

# What a meeting is called in a title; everything else is better told by a headline.
ORGANS = {
    "general_assembly": "General Assembly",
    "council_meeting": "Council Meeting",
    "conference_forum": "Conference",
    "founding_launch": "Founding",
}
# Not the locale's: titles are the same on every machine.
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# An interval of days is believed from this share of the articles that tell a day.
BELIEVED = 8
MOST_LISTED = 20
# Divides evenly by the first ranks, so that weights add up the same in any order.
FIRST_PLACE = 2520


class Told(Protocol):
    """One article of an event."""

    @property
    def facts(self) -> EventFacts:
        """Its facts."""

    @property
    def when(self) -> When:
        """When it says the event was."""

    @property
    def title(self) -> str:
        """Its headline."""

    @property
    def source(self) -> str:
        """The name of its source."""

    @property
    def names(self) -> Mapping[str, str]:
        """Names of its subject alliances, by id."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: str
    end: str
    precision: Precision
    words: str


def compose(articles: Iterable[Told]) -> Composed:
    """The facts of the event these articles are about. Raises ValueError when there are none."""
    told = sorted(articles, key=lambda a: rank(a.facts))
    if not told:
        raise ValueError("an event has at least one article")
    facts = [a.facts for a in told]
    alliances = _alliances(told)
    types = _by_votes((t for t in f.event_types if t not in NO_EVENT) for f in facts)
    leading = _leading(facts, types)
    numbered = _editions(facts)
    places = _places(facts)
    span = _span([a.when for a in told])
    published = sorted(f.published for f in facts if f.published)
    return Composed(
        title=_title(told, alliances, leading, numbered, places, span),
        alliances=alliances,
        event_types=tuple(dict.fromkeys(t for t in (leading, *types) if t)),
        editions=numbered,
        start=span.start if span else None,
        end=span.end if span else None,
        precision=span.precision if span else None,
        places=places[:MOST_LISTED],
        outcomes=_by_votes(f.outcomes for f in facts)[:MOST_LISTED],
        counts=counts(told),
        languages=_by_votes((f.language,) for f in facts),
        first_published=published[0] if published else None,
        last_published=published[-1] if published else None,
        articles=len(told),
    )


def _by_votes(named: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """What the articles name, each article one vote per name: most votes first, then the alphabet."""
    votes = Counter(name for names in named for name in dict.fromkeys(names))
    return tuple(sorted(votes, key=lambda name: (-votes[name], name)))


def _places(facts: Iterable[EventFacts]) -> tuple[str, ...]:
    """Places by weight: an article names the most telling first, which counts whole, the next half, then a third."""
    weights: Counter[str] = Counter()
    for told in facts:
        for number, name in enumerate(dict.fromkeys(p for p in told.places if is_place(p)), 1):
            weights[name] += FIRST_PLACE // number
    return tuple(sorted(weights, key=lambda name: (-weights[name], name)))


def _alliances(told: Sequence[Told]) -> tuple[EventAlliance, ...]:
    names: dict[str, Counter[str]] = {}
    for article in told:
        for id, name in article.names.items():
            names.setdefault(id, Counter())[name] += 1
    return tuple(
        EventAlliance(id=id, name=min(names[id], key=lambda n: (-names[id][n], n)) if id in names else id)
        for id in _by_votes(a.facts.alliances for a in told)
    )


def _leading(facts: Sequence[EventFacts], types: tuple[str, ...]) -> str:
    """The meeting most articles report, if half of them report one; else the commonest headline.

    A meeting has a number, or is what at least one article is about: else it is only where something was decided. A
    founding is one only as the headline.
    """
    votes = Counter(t for f in facts for t in set(f.event_types))
    heads = {f.event_types[0] for f in facts if f.event_types}
    numbered = {organ for f in facts for organ, _ in editions(f.editions)} - {"founding_launch"}
    meetings = [t for t in types if t in ORGANS and t in heads | numbered]
    if meetings and sum(bool(GATHERINGS.intersection(f.event_types)) for f in facts) * 2 >= len(facts):
        order = list(ORGANS)
        return min(meetings, key=lambda t: (-votes[t], order.index(t)))
    headlines = Counter(next((t for t in f.event_types if t not in NO_EVENT), "") for f in facts)
    return min(headlines, key=lambda t: (-headlines[t], t))


def _editions(facts: Sequence[EventFacts]) -> tuple[str, ...]:
    """Per organ the number most articles give."""
    votes = Counter(e for f in facts for e in editions(f.editions))
    best: dict[tuple[str, bool], tuple[str, int]] = {}
    for edition in sorted(votes, key=lambda e: (-votes[e], e)):
        best.setdefault((edition[0], edition[1] > 1000), edition)
    return tuple(f"{organ}:{number}" if organ else str(number) for organ, number in sorted(best.values()))


def _span(whens: Sequence[When]) -> _Span | None:
    """The days most articles agree on, in the widest form that enough of them tell."""
    exact = [set(w.exact) for w in whens if w.exact]
    if exact:
        support = Counter(days for told in exact for days in told)
        votes = Counter(
            day for told in exact for day in {d for days in told for d in range(days.first, days.last + 1)}
        )
        agreed = min(votes, key=lambda day: (-votes[day], day))
        around = [days for days in support if days.first <= agreed <= days.last]
        believed = [days for days in around if support[days] >= ceil(len(exact) / BELIEVED)] or around
        return _as_span(min(believed, key=lambda d: (d.first - d.last, -support[d], d)), "day")
    rough = Counter(days for w in whens for days in w.rough)
    return _as_span(min(rough, key=lambda d: (-rough[d], d)), "month") if rough else None


def _as_span(days: Days, precision: Precision) -> _Span:
    first, last = date.fromordinal(days.first), date.fromordinal(days.last)
    return _Span(first.isoformat(), last.isoformat(), precision, _in_words(first, last, precision))


def _in_words(first: date, last: date, precision: Precision) -> str:
    begin, end = MONTHS[first.month - 1], f"{MONTHS[last.month - 1]} {last.year}"
    if precision == "month":
        return end
    if first == last:
        return f"{last.day} {end}"
    if first.year != last.year:
        return f"{first.day} {begin} {first.year} – {last.day} {end}"
    if first.month != last.month:
        return f"{first.day} {begin} – {last.day} {end}"
    return f"{first.day}–{last.day} {end}"


def _title(
    told: Sequence[Told],
    alliances: Sequence[EventAlliance],
    leading: str,
    numbered: Iterable[str],
    places: Sequence[str],
    span: _Span | None,
) -> str:
    reports = sorted(told, key=lambda a: a.facts.phase != "report")
    headline = next((a.title.strip() for a in reports if a.title.strip()), "")
    if headline and (leading not in ORGANS or not alliances):
        return headline
    # A body that acts under two names is called by the first.
    who = alliances[0].name.partition(" / ")[0] if alliances else ""
    what = _what(who, leading, numbered)
    # A country that outweighs every town is where it happened as far as is known.
    details = [what, *places[:1], *([span.words] if span else [])]
    return (f"{who}: " if who else "") + ", ".join(details)


def _what(who: str, leading: str, numbered: Iterable[str]) -> str:
    name = ORGANS.get(leading, leading.replace("_", " ").capitalize())
    if leading == "council_meeting" and "Committee" in who:
        name = "Session"
    for edition in sorted(editions(numbered), key=lambda e: e[1]):
        if edition[0] == leading:
            number = edition[1]
            return f"{number} {name}" if number > 1000 else f"{_ordinal(number)} {name}"
    return name


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
