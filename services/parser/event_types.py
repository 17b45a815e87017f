"""Which kinds of event an article reports, most important first, by the rules of event_types.yaml.

A rule holds in a sentence where all its concepts meet. How much it counts depends on where the sentence stands: a
meeting or its outcome is news deep in the text too, a mere topic only in title and lead or when it comes back
again and again. What is history, wish or pledge, and what has not happened yet, is no event.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.parser.event_dates import Dated
from services.parser.reading import Passage, Reading, Span
from shared.contracts.article import AllianceTag, EventTypeTag, Phase
from shared.taxonomy.schema import EventType, Rule
from shared.taxonomy.taxonomy import Taxonomy

# How far a rule still counts, by family and where the sentence stands.
_PLACE = {
    "meeting": {"title": 1.0, "lead": 0.95, "body": 0.75, "caption": 0.45},
    "outcome": {"title": 1.0, "lead": 0.95, "body": 0.75, "caption": 0.2},
    "topic": {"title": 1.0, "lead": 0.75, "body": 0.4, "caption": 0.15},
    "plain": {"title": 1.0, "lead": 0.3, "body": 0.0, "caption": 0.0},
}
_ENOUGH = 0.6
_AGAIN, _MOST_AGAIN = 0.08, 0.24
_OLD_DAYS = 60
_TIGHT_GAP = 6
_MEETINGS = frozenset(("general_assembly", "council_meeting"))
# Beside a meeting these are what came of it.
_OUTCOMES_FIRST = (
    "statement_message",
    "inscription_nomination",
    "protection_designation",
    "watchlist_publication",
)
_HOPED_FOR = frozenset(
    ("inscription_nomination", "membership_change", "agreement_mou", "declaration_consensus", "funding_grant")
)


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that held, and where."""

    type: EventType
    rule: Rule
    passage: Passage
    spans: tuple[Span, ...]
    score: float

    @property
    def start(self) -> int:
        """Where the first of its words stands."""
        return min(start for start, _ in self.spans)


class EventTypeReader:
    """Finds the event types of an article. Immutable once built."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._types = taxonomy.event_types
        self._alliances = taxonomy.alliances
        # Each rule under its first concept alone, so that a sentence asks only for rules that may hold in it.
        rules: defaultdict[str, list[tuple[EventType, Rule]]] = defaultdict(list)
        for each in taxonomy.event_types.values():
            for rule in each.rules:
                rules[rule.all[0]].append((each, rule))
        self._rules = dict(rules)

    def find(
        self, reading: Reading, tags: Sequence[AllianceTag], dated: Sequence[Dated], anchor: date | None
    ) -> list[Found]:
        """Every rule that holds somewhere, history left out."""
        known = {tag.id for tag in tags}
        old = _old_places(dated, anchor)
        found = []
        for passage in reading.passages:
            concepts = dict(passage.concepts)
            self._add_bodies(passage, known, concepts)
            for each in self._holding(passage, concepts):
                if not _is_history(each, old.get(passage.number, ())):
                    found.append(each)
        return found

    def _add_bodies(self, passage: Passage, known: set[str], concepts: dict[str, tuple[Span, ...]]) -> None:
        bodies = [hit for hit in passage.bodies if hit.value in known]
        if bodies:
            concepts["BODY"] = tuple((hit.start, hit.end) for hit in bodies)
        meeting = [
            hit for hit in bodies if self._alliances[hit.value].kind == "alliance" and hit.kind != "programme"
        ]
        if meeting:
            concepts["ALLIANCE"] = tuple((hit.start, hit.end) for hit in meeting)

    def _holding(self, passage: Passage, concepts: Mapping[str, tuple[Span, ...]]) -> Iterator[Found]:
        kind = passage.sentence.kind
        for concept in concepts:
            for event_type, rule in self._rules.get(concept, ()):
                if rule.title and kind != "title":
                    continue
                if any(other not in concepts for other in rule.all[1:]):
                    continue
                if any(veto in concepts for veto in rule.unless):
                    continue
                spans = _together(rule, concepts)
                if spans:
                    score = rule.weight * _PLACE[event_type.family][kind]
                    if "pledge" in concepts and kind in ("body", "lead") and event_type.family != "meeting":
                        score *= 0.6
                    yield Found(event_type, rule, passage, spans, score)


def _together(rule: Rule, concepts: Mapping[str, tuple[Span, ...]]) -> tuple[Span, ...]:
    """One span of each concept, all within the rule's distance and none inside another; nearest first."""
    within = _TIGHT_GAP if rule.tight else rule.within
    best: tuple[int, tuple[Span, ...]] | None = None
    for first in concepts[rule.all[0]]:
        chosen = [first]
        for concept in rule.all[1:]:
            other = min(
                (span for span in concepts[concept] if all(_apart(span, each) >= 0 for each in chosen)),
                key=lambda span: _apart(span, first),
                default=None,
            )
            if other is None:
                break
            chosen.append(other)
        if len(chosen) < len(rule.all):
            continue
        width = max((_apart(each, first) for each in chosen[1:]), default=0)
        if width <= within and (best is None or width < best[0]):
            best = (width, tuple(chosen))
    return best[1] if best else ()


def _apart(one: Span, other: Span) -> int:
    """Characters between two spans; negative when they overlap."""
    return max(one[0] - other[1], other[0] - one[1])


def _old_places(dated: Iterable[Dated], anchor: date | None) -> dict[int, list[tuple[Span, bool]]]:
    """By sentence, where dates stand and whether they are of long before the event."""
    places: defaultdict[int, list[tuple[Span, bool]]] = defaultdict(list)
    for each in dated:
        if each.days:
            is_old = anchor is not None and (anchor - each.days[1]).days > _OLD_DAYS
            places[each.passage.number].append(((each.told.start, each.told.end), is_old))
    return places


def _is_history(found: Found, places: Sequence[tuple[Span, bool]]) -> bool:
    if found.passage.sentence.kind == "title":
        return False
    whole = (found.start, max(end for _, end in found.spans))
    nearest = min(places, key=lambda place: abs(_apart(place[0], whole)), default=None)
    if nearest is not None and nearest[1]:
        return True
    return found.passage.has("history") and found.type.family != "meeting"


def choose(found: Sequence[Found], phase: Phase, is_about_heritage: bool) -> tuple[EventTypeTag, ...]:
    """The types that stand, most important first."""
    if not is_about_heritage:
        return ()
    by_type: defaultdict[str, list[Found]] = defaultdict(list)
    for each in found:
        by_type[each.type.id].append(each)
    scores = {name: _score(group, phase) for name, group in by_type.items()}
    standing = {name: score for name, score in scores.items() if score >= _ENOUGH}
    _apply_boundaries(standing, by_type, phase)
    order = sorted(standing, key=lambda name: _rank(name, standing, by_type))
    return tuple(_tag(by_type[name], standing[name]) for name in order)


def _score(group: Sequence[Found], phase: Phase) -> float:
    """The best sentence counts, further ones add a little. Outcomes still to come do not count in a report."""
    usable = [each.score * (0.35 if _is_to_come(each, phase) else 1.0) for each in group]
    sentences = {each.passage.number for each in group}
    return min(0.99, max(usable) + min(_MOST_AGAIN, _AGAIN * (len(sentences) - 1)))


def _is_to_come(found: Found, phase: Phase) -> bool:
    return (
        found.type.family != "meeting"
        and found.passage.sentence.kind != "title"
        and found.passage.has("future")
        and phase != "preview"
    )


def _apply_boundaries(
    standing: dict[str, float], by_type: Mapping[str, Sequence[Found]], phase: Phase
) -> None:
    """What one type excludes of another."""
    in_title = {name for name, group in by_type.items() if any(_in_title(each) for each in group)}
    if phase == "preview":
        for name in _HOPED_FOR - in_title:
            standing.pop(name, None)
    if standing.keys() & _MEETINGS and "conference_forum" not in in_title:
        standing.pop("conference_forum", None)
    if "watchlist_publication" in standing:
        standing.setdefault("damage_threat", _ENOUGH)
        by_type.setdefault("damage_threat", by_type["watchlist_publication"])  # type: ignore[attr-defined]
    if len(standing) > 1:
        standing.pop("background_profile", None)


def _in_title(found: Found) -> bool:
    return found.passage.sentence.kind == "title"


def _rank(
    name: str, standing: Mapping[str, float], by_type: Mapping[str, Sequence[Found]]
) -> tuple[float, ...]:
    """Title first; there statements and lists first, then meetings, then by where the words stand."""
    group = by_type[name]
    titled = [each for each in group if _in_title(each)]
    leading = _OUTCOMES_FIRST.index(name) if name in _OUTCOMES_FIRST else len(_OUTCOMES_FIRST)
    if titled:
        return 0, leading, name not in _MEETINGS, min(each.start for each in titled), -standing[name]
    first = min(group, key=lambda each: (each.passage.number, each.start))
    return 1, name not in _MEETINGS, first.passage.number, first.start, -standing[name]


def _tag(group: Sequence[Found], score: float) -> EventTypeTag:
    best = sorted(group, key=lambda each: (-each.score, each.passage.number))[:2]
    return EventTypeTag(
        id=best[0].type.id,
        confidence=round(score, 2),
        rule=best[0].rule.name,
        evidence=tuple(evidence for each in best for evidence in _evidence(each)),
    )


def _evidence(found: Found) -> Iterator:  # type: ignore[type-arg]
    start, end = found.start, max(end for _, end in found.spans)
    if end - start <= 200:
        yield found.passage.evidence(start, end)
        return
    for span in found.spans:
        yield found.passage.evidence(*span)
