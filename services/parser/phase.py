"""Whether an article announces its event, reports it, looks back at it, or tells of none.

The phase is that of the headline event: still to come, happening or just past, or afterwards.
"""

from collections.abc import Sequence
from datetime import date

from services.parser.event_dates import Dated
from services.parser.event_types import Found
from services.parser.reading import Passage, Reading
from shared.contracts.article import Phase

# Announcing these is the event itself.
_AT_ONCE = frozenset(
    "funding_call funding_grant appointment_election host_selection award statement_message watchlist_publication "
    "publication_report protection_designation inscription_nomination restitution illicit_trafficking damage_threat "
    "discovery_excavation headquarters_secretariat".split()
)
_GAP = 60


def phase_of(
    reading: Reading, found: Sequence[Found], dated: Sequence[Dated], published: date | None
) -> Phase:
    """The phase of an article's headline event."""
    if not found:
        return "background"
    head = _headline(found)
    if head.type.id == "background_profile":
        return "background"
    if _has_early(reading, "followup"):
        return "followup"
    if head.type.id not in _AT_ONCE and _is_ahead(head, found, dated, published):
        return "preview"
    return "report"


def _headline(found: Sequence[Found]) -> Found:
    order = {"title": 0, "lead": 1, "body": 2, "caption": 3}
    return min(found, key=lambda each: (order[each.passage.sentence.kind], -each.score))


def _has_early(reading: Reading, concept: str) -> bool:
    return any(
        passage.has(concept) for passage in reading.passages if passage.sentence.kind in ("title", "lead")
    )


def _is_ahead(head: Found, found: Sequence[Found], dated: Sequence[Dated], published: date | None) -> bool:
    days = [each.days for each in dated if each.is_event and each.days and each.told.sort != "weekday"]
    if published and days:
        first = min(start for start, _ in days)
        if first > published:
            return True
        if first < published:
            return False
    if _coming(head.passage, head):
        return True
    return any(_coming(each.passage, each) for each in found if each.passage.sentence.kind == "lead")


def _coming(passage: Passage, found: Found) -> bool:
    """Whether a word of the future stands just before or after what was found."""
    start, end = found.start, max(last for _, last in found.spans)
    return any(
        -_GAP <= first - end <= _GAP and start - last <= _GAP
        for first, last in passage.concepts.get("future", ())
    )
