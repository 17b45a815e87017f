"""Whether an article announces its event, reports it, looks back at it, or tells of none.

The phase is that of the headline event: still to come, happening or just past, or afterwards.
"""

from collections.abc import Sequence
from datetime import date

from services.parser.event_dates import Dated
from services.parser.event_types import Found
from services.parser.reading import Reading
from shared.contracts.article import Phase

# Announcing these is the event itself.
_AT_ONCE = frozenset(
    (
        "funding_call",
        "funding_grant",
        "appointment_election",
        "host_selection",
        "award",
        "statement_message",
        "watchlist_publication",
        "publication_report",
        "protection_designation",
        "inscription_nomination",
        "restitution",
        "illicit_trafficking",
        "damage_threat",
        "discovery_excavation",
        "headquarters_secretariat",
    )
)
_LONG_AGO_DAYS = 180
_FAR_AHEAD_DAYS = 31
_EARLY = 8


def phase_of(
    reading: Reading, found: Sequence[Found], dated: Sequence[Dated], published: date | None, head: str | None
) -> Phase:
    """The phase of an article's headline event, whose type is `head` where one stands out."""
    if not found:
        return "background"
    head = head or headline(found).type.id
    if head == "background_profile":
        return "background"
    days = [each.days for each in dated if each.is_event and each.days and each.told.sort == "days"]
    if published and days and (published - max(last for _, last in days)).days > _LONG_AGO_DAYS:
        return "background"
    if _has_early(reading, "followup") or any(
        passage.has("followup_title") for passage in reading.passages if passage.sentence.kind == "title"
    ):
        return "followup"
    if _has_early(reading, "postponed"):
        return "report"
    if head not in _AT_ONCE and _is_ahead(reading, found, days, published, head):
        return "preview"
    return "report"


def headline(found: Sequence[Found]) -> Found:
    """The finding that stands for the article before labels are chosen: in the title, else earliest and surest."""
    order = {"title": 0, "lead": 1, "body": 2, "caption": 3}
    return min(found, key=lambda each: (order[each.passage.sentence.kind], -each.score, each.start))


def _has_early(reading: Reading, concept: str) -> bool:
    return any(
        passage.has(concept)
        for passage in reading.passages
        if passage.sentence.kind in ("title", "lead")
        or (passage.number < _EARLY and passage.sentence.kind == "body")
    )


def _is_ahead(
    reading: Reading,
    found: Sequence[Found],
    days: Sequence[tuple[date, date]],
    published: date | None,
    head: str,
) -> bool:
    """Dates decide where the words agree with them; a date some days ahead may also be a slip of the page's own."""
    if published and days and not _is_month_only(published, days):
        first = min(start for start, _ in days)
        if first < published:
            return False
        if first > published:
            return _has_early(reading, "future") or (first - published).days > _FAR_AHEAD_DAYS
    for each in found:
        if each.type.id == head and each.passage.sentence.kind in ("title", "lead"):
            if each.is_to_come:
                return True
            if each.passage.has("held") and not each.passage.has("future"):
                return False
    return False


def _is_month_only(published: date, days: Sequence[tuple[date, date]]) -> bool:
    """The first of the event's month may stand for a publication day that is not known."""
    return published.day == 1 and any(
        (start.year, start.month) == (published.year, published.month) for start, _ in days
    )
