"""What an article gives the learned weights to judge by: numbers under names, and where in the text each one stands.

Names say what and where: `title.conference`, `lead.sign`, `body.adopt` and `any.sign` are words of a concept;
`rule.any.agreement_mou` is the score of the rules that held for a type, `by.agreement_mou.agreement signed` of one of
them; `verdict.award` is what the rules alone would say; `date.ahead` tells how the event's date lies to publication.
The same names are the keys of weights.json.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from services.parser.event_dates import Dated
from services.parser.event_types import Found
from services.parser.reading import Passage, Reading, Span
from shared.contracts.article import AllianceTag, Phase

_ASIDE = ("history", "pledge", "deadline")
# How much one group of features may weigh beside the others.
_RULE, _ANYWHERE, _BODY_ID = 2.0, 0.7, 0.3
_EACH_TIME, _MOST_TIMES = 0.5, 1.5
_FAR_DAYS, _OLD_DAYS, _OLDER_DAYS = 14, 60, 300
_MOST_DATES = 3
_SHORT, _LONG = 350, 1200
_WIDE = 3
_DENSE_SCRIPT = frozenset(("zh", "ja", "ko"))
_QUOTES, _QUESTIONS, _COLONS = '"“«「', "?？؟", ":："


@dataclass(frozen=True, slots=True)
class Clues:
    """What was found in an article before its event types are chosen."""

    reading: Reading
    tags: Sequence[AllianceTag]
    found: Sequence[Found]
    verdicts: Sequence[str]
    phase: Phase
    dated: Sequence[Dated]
    published: date | None
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Features:
    """Values by name, and the places of those that stand somewhere."""

    values: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    places: dict[str, list[tuple[Passage, Span]]] = field(default_factory=lambda: defaultdict(list))


def features(clues: Clues) -> Features:
    """The features of an article, by name."""
    made = Features()
    _add_concepts(made, clues)
    _add_rules(made, clues)
    made.values.update(_dates(clues))
    made.values.update(_whole(clues))
    return made


def _add_concepts(made: Features, clues: Clues) -> None:
    known = {tag.id for tag in clues.tags}
    subjects = {tag.id for tag in clues.tags if tag.role == "subject"}
    values, places = made.values, made.places
    for passage in clues.reading.telling:
        zone = _zone(passage)
        for concept, span in _concepts(passage, known, subjects):
            for name, value in _names(zone, concept):
                values[name] = value
                places[name].append((passage, span))
            if zone == "body":
                name = f"often.{concept}"
                values[name] = min(_MOST_TIMES, values[name] + _EACH_TIME)


@cache
def _names(zone: str, concept: str) -> tuple[tuple[str, float], ...]:
    """The features of a concept in a zone, with their values."""
    names = [(f"{zone}.{concept}", 1.0)]
    if zone in ("title", "lead"):
        names.append((f"head.{concept}", 1.0))
    if zone not in ("caption", "aside"):
        names.append((f"any.{concept}", _ANYWHERE))
    return tuple(names)


def _zone(passage: Passage) -> str:
    """Where a sentence stands; history, promises and deadlines stand aside."""
    kind = passage.sentence.kind
    if kind == "body" and any(passage.has(concept) for concept in _ASIDE):
        return "aside"
    return kind


def _concepts(passage: Passage, known: set[str], subjects: set[str]) -> Iterator[tuple[str, Span]]:
    for concept, spans in passage.concepts.items():
        if concept != "caption":
            yield concept, spans[0]
    for name, ids in (("BODY", known), ("SUBJECT", subjects)):
        span = next(((hit.start, hit.end) for hit in passage.bodies if hit.value in ids), None)
        if span:
            yield name, span
    if passage.places:
        yield "PLACE", (passage.places[0].start, passage.places[0].end)


def _add_rules(made: Features, clues: Clues) -> None:
    for each in clues.found:
        type_id, zone = each.type.id, each.passage.sentence.kind
        names = [f"rule.{zone}.{type_id}", f"rule.any.{type_id}", f"by.{type_id}.{each.rule.name}"]
        for name in names:
            made.values[name] = max(made.values[name], _RULE * each.score)
            made.places[name].append((each.passage, (each.start, each.end)))
        if each.is_to_come:
            made.values[f"rule.to_come.{type_id}"] = _RULE
    for type_id in clues.verdicts or ("none",):
        made.values[f"verdict.{type_id}"] = _RULE
    made.values[f"verdict.first.{clues.verdicts[0] if clues.verdicts else 'none'}"] = _RULE
    made.values[f"verdict.{clues.phase}"] = _RULE


def _dates(clues: Clues) -> Mapping[str, float]:
    published = clues.published
    days = [
        each.days
        for each in clues.dated
        if each.is_event and each.days and each.told.sort in ("days", "day", "weekday")
    ]
    if published is None:
        return {"date.none": 1.0}
    made = {}
    told = [each.days for each in clues.dated if each.days and each.told.sort != "year"]
    ahead = sum(start > published for start, _ in told)
    past = sum((published - end).days > _OLD_DAYS for _, end in told)
    made["date.many_ahead"] = min(_MOST_DATES, ahead) / _MOST_DATES
    made["date.many_past"] = min(_MOST_DATES, past) / _MOST_DATES
    if not days:
        return made | {"date.none": 1.0}
    gap = (min(start for start, _ in days) - published).days
    last = (max(end for _, end in days) - published).days
    made["date.ahead" if gap > 0 else "date.today" if gap == 0 else "date.past"] = 1.0
    made["date.far"] = float(gap > _FAR_DAYS)
    made["date.old"] = float(gap < -_OLD_DAYS)
    made["date.older"] = float(gap < -_OLDER_DAYS)
    made["date.now"] = float(gap <= 0 <= last)
    return made


def _whole(clues: Clues) -> Mapping[str, float]:
    reading, subjects = clues.reading, [tag.id for tag in clues.tags if tag.role == "subject"]
    length = len(reading.text) * (_WIDE if reading.language.partition("-")[0] in _DENSE_SCRIPT else 1)
    return {
        "subject.any": float(bool(subjects)),
        "subject.several": float(len(subjects) > 1),
        "mention.any": float(len(subjects) < len(clues.tags)),
        **{f"subject.{each}": _BODY_ID for each in subjects},
        "text.short": float(length < _SHORT),
        "text.long": float(length > _LONG),
        "title.quote": float(any(mark in reading.title for mark in _QUOTES)),
        "title.question": float(any(mark in reading.title for mark in _QUESTIONS)),
        "title.colon": float(any(mark in reading.title for mark in _COLONS)),
        "domain": float(clues.is_ours),
        "domain.words": _often(reading, ("heritage", "heritage_places", "objects")),
        "foreign.words": _often(reading, ("foreign",)),
    }


def _often(reading: Reading, concepts: Sequence[str]) -> float:
    """How many words of some concepts there are; each further one counts less."""
    return math.log1p(sum(len(p.concepts.get(name, ())) for p in reading.telling for name in concepts))
