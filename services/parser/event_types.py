"""Where an article speaks of which kind of event, by the rules of event_types.yaml.

A rule holds in a sentence where all its concepts meet. How much it counts depends on where the sentence stands: a
meeting or its outcome is news deep in the text too, a mere topic only in title and lead or when it comes back
again and again. History, wishes and pledges are no events. `event_choice` makes the article's labels of this.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.parser.alliances import OldPlaces
from services.parser.event_dates import Dated
from services.parser.lexicon import Hit
from services.parser.reading import Passage, Reading, Span
from shared.contracts.article import AllianceTag
from shared.taxonomy.schema import EventType, Rule
from shared.taxonomy.taxonomy import Taxonomy

# How far a rule still counts, by family and where the sentence stands.
_PLACE = {
    "meeting": {"title": 1.0, "lead": 0.95, "body": 0.75, "caption": 0.45},
    "outcome": {"title": 1.0, "lead": 0.95, "body": 0.75, "caption": 0.2},
    "topic": {"title": 1.0, "lead": 0.75, "body": 0.4, "caption": 0.15},
    "plain": {"title": 1.0, "lead": 0.3, "body": 0.0, "caption": 0.0},
}
_OLD_DAYS = 60
_TIGHT_GAP = 9
_PLEDGED, _PREPARED = 0.6, 0.5
# How far behind the words of a rule a word of `never` still belongs to them.
_BEHIND, _BEHIND_SPACELESS, _AHEAD = 10, 4, 24
_BRACKET = 2
_NEAR_FUTURE = 30
_MEETINGS = frozenset(("general_assembly", "council_meeting"))


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

    @property
    def end(self) -> int:
        """Where the last of its words ends."""
        return max(end for _, end in self.spans)

    @property
    def in_title(self) -> bool:
        """Whether it stands in the title or a repetition of it."""
        return self.passage.sentence.kind == "title"

    @property
    def is_to_come(self) -> bool:
        """Whether a word of the future stands right before it, or for a meeting also right after."""
        after = _NEAR_FUTURE if self.type.family == "meeting" else 0
        return any(
            0 <= start - last <= _NEAR_FUTURE or first <= start < last or 0 <= first - end < after
            for first, last in self.passage.concepts.get("future", ())
            for start, end in self.spans
        )


class EventTypeReader:
    """Finds the event types of an article. Immutable once built."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._alliances = taxonomy.alliances
        # Each rule under its first concept alone, so that a sentence asks only for rules that may hold in it.
        rules: defaultdict[str, list[tuple[EventType, Rule]]] = defaultdict(list)
        for each in taxonomy.event_types.values():
            for rule in each.rules:
                rules[rule.all[0]].append((each, rule))
        self._rules = dict(rules)

    def find(self, reading: Reading, tags: Sequence[AllianceTag], old: OldPlaces) -> list[Found]:
        """Every rule that holds somewhere, history left out. `old`: where dates of long ago stand."""
        known = {tag.id for tag in tags}
        found = []
        for passage in reading.telling:
            concepts = dict(passage.concepts)
            self._add_bodies(passage, known, concepts)
            places = old.get(passage.number, ())
            found += [each for each in self._holding(passage, concepts) if not _is_history(each, places)]
        return found

    def _add_bodies(self, passage: Passage, known: set[str], concepts: dict[str, tuple[Span, ...]]) -> None:
        bodies = [hit for hit in passage.bodies if hit.value in known]
        meeting = [
            hit for hit in bodies if self._alliances[hit.value].kind == "alliance" and hit.kind != "programme"
        ]
        for concept, hits in (("BODY", bodies), ("ALLIANCE", meeting)):
            if hits:
                concepts[concept] = _joined(hits)

    def _holding(self, passage: Passage, concepts: Mapping[str, tuple[Span, ...]]) -> Iterator[Found]:
        kind = passage.sentence.kind
        for concept in concepts:
            for event_type, rule in self._rules.get(concept, ()):
                if rule.title and kind != "title":
                    continue
                if any(other not in concepts for other in rule.all) or any(
                    no in concepts for no in rule.unless
                ):
                    continue
                spans = _together(rule, concepts)
                if spans and not _is_broken(rule, spans, concepts, passage):
                    score = rule.weight * _PLACE[rule.family or event_type.family][kind]
                    yield Found(
                        event_type, rule, passage, spans, score * _discount(event_type, spans, concepts, kind)
                    )


def _joined(hits: Iterable[Hit]) -> tuple[Span, ...]:
    """A name and the acronym in brackets after it are one."""
    spans: list[Span] = []
    for hit in hits:
        if spans and 0 <= hit.start - spans[-1][1] <= _BRACKET:
            spans[-1] = spans[-1][0], hit.end
        else:
            spans.append((hit.start, hit.end))
    return tuple(spans)


def _together(rule: Rule, concepts: Mapping[str, tuple[Span, ...]]) -> tuple[Span, ...]:
    """One span of each concept, all within the rule's distance and none inside another; nearest first."""
    within = _TIGHT_GAP if rule.tight else rule.within
    best: tuple[int, tuple[Span, ...]] | None = None
    for first in concepts[rule.all[0]]:
        chosen = [first]
        for concept in rule.all[1:]:
            other = min(
                (span for span in concepts[concept] if all(apart(span, each) >= 0 for each in chosen)),
                key=lambda span: apart(span, first),
                default=None,
            )
            if other is None:
                break
            chosen.append(other)
        if len(chosen) < len(rule.all):
            continue
        width = max((apart(each, first) for each in chosen[1:]), default=0)
        if width <= within and (best is None or width < best[0]):
            best = (width, tuple(chosen))
    return best[1] if best else ()


def apart(one: Span, other: Span) -> int:
    """Characters between two spans; negative when they overlap."""
    return max(one[0] - other[1], other[0] - one[1])


def _is_broken(
    rule: Rule, spans: Sequence[Span], concepts: Mapping[str, tuple[Span, ...]], passage: Passage
) -> bool:
    """Whether a word of `never` stands between the words of a rule or right behind them."""
    if not rule.never:
        return False
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    spaceless = passage.slice(end - 1, end) > "\u2e80"
    reach = end + (_BEHIND_SPACELESS if spaceless else _BEHIND)
    if spans[0][1] == end:  # the verb comes last: what stands before it or follows may be what it is about
        reach += 2 * _BEHIND_SPACELESS if spaceless else 3 * _BEHIND
        start -= _BEHIND_SPACELESS if spaceless else _AHEAD
    return any(
        start <= first < reach and all(apart((first, last), span) >= 0 for span in spans)
        for concept in rule.never
        for first, last in concepts.get(concept, ())
    )


def _discount(
    event_type: EventType, spans: Sequence[Span], concepts: Mapping[str, tuple[Span, ...]], kind: str
) -> float:
    """Pledges count less, and a meeting that is only being prepared too."""
    start = min(span[0] for span in spans)
    if event_type.id in _MEETINGS:
        is_prepared = any(
            abs(apart(word, span)) <= 10 for word in concepts.get("prepare", ()) for span in spans
        )
        return _PREPARED if is_prepared and kind == "title" else 1.0
    if kind == "title":
        return 1.0
    return _PLEDGED if any(last <= start for _, last in concepts.get("pledge", ())) else 1.0


def old_places(dated: Iterable[Dated], anchor: date | None) -> dict[int, list[tuple[Span, bool]]]:
    """By sentence, where dates stand and whether they are of long before `anchor`, the day the news is of."""
    places: defaultdict[int, list[tuple[Span, bool]]] = defaultdict(list)
    for each in dated:
        if each.days:
            is_old = anchor is not None and (anchor - each.days[1]).days > _OLD_DAYS
            places[each.passage.number].append(((each.told.start, each.told.end), is_old))
    return places


def _is_history(found: Found, places: Sequence[tuple[Span, bool]]) -> bool:
    if found.in_title:
        return False
    whole = (found.start, found.end)
    nearest = min(places, key=lambda place: abs(apart(place[0], whole)), default=None)
    if nearest is not None and nearest[1]:
        return True
    return found.passage.has("history") and found.type.family != "meeting"
