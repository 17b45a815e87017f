"""Corrections as people see them: what readers said of an article, in words, and the article as they put it right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from services.dashboard.context import Context
from services.dashboard.event_list import EventFilter, day_of
from services.dashboard.wording import Names, day
from shared.contracts.article import Article, EventRef
from shared.contracts.events import EVENTS, EventDocument, current_event, decode_event
from shared.contracts.messages import CorrectedField, Correction
from shared.corrections.applying import corrected, role_of
from shared.corrections.asked import Asked, changes, note
from shared.corrections.keeping import Corrections

HEADINGS: Mapping[CorrectedField, str] = {
    "alliances": "Alliances",
    "event_types": "What happened",
    "phase": "Seen as",
    "event": "Event",
}
# How far from the article an event may be that is offered for it, and how many are.
MOST_MONTHS, MOST_EVENTS, MOST_OF_A_MONTH = 2, 12, 50


@dataclass(frozen=True, slots=True)
class Said:
    """A correction in words. `was` is what the program had found; `taken` are labels that were taken away."""

    id: str
    field: CorrectedField
    heading: str
    was: tuple[str, ...]
    taken: tuple[str, ...]
    right: tuple[str, ...]
    note: str
    at: datetime


def corrections_of(context: Context) -> Corrections:
    """The corrections of this installation."""
    return Corrections(context.bus, context.store, context.clock)


def put_right(context: Context, article: Article, asked: Asked) -> list[Correction]:
    """Keep what a reader asks for. Raises BadCorrection, StoreUnavailable, BusUnavailable."""
    kept = corrections_of(context)
    current = as_corrected(context, article, kept.of_article(article.id))
    return [
        kept.keep(article.id, change.field, change.was, change.right, note(asked.note))
        for change in changes(current, asked, context.taxonomy, context.store)
    ]


def as_corrected(context: Context, article: Article, said: Sequence[Correction]) -> Article:
    """The article as readers put it right, also while the index does not have it so yet."""
    article = corrected(article, said, context.taxonomy)
    chosen = next((c.right for c in said if c.field == "event"), ())
    event = current_event(context.store, chosen[0]) if chosen else None
    if event and event.facts:
        article = replace(article, event=EventRef(id=event.id, title=event.facts.title))
    return article


def in_words(said: Sequence[Correction], names: Names) -> list[Said]:
    """Corrections as the page of the article tells them."""
    return [
        Said(
            id=correction.id,
            field=correction.field,
            heading=HEADINGS[correction.field],
            was=tuple(_words(correction.field, correction.was, names)),
            taken=tuple(_words(correction.field, _taken(correction), names)),
            right=tuple(_words(correction.field, correction.right, names)),
            note=correction.note,
            at=correction.at,
        )
        for correction in said
    ]


def by_reader(said: Sequence[Correction]) -> Mapping[CorrectedField, str]:
    """For each corrected field, who says so: by a reader, 22 November 2026."""
    return {correction.field: f"by a reader, {day(correction.at)}" for correction in said}


def events_near(context: Context, article: Article) -> list[EventDocument]:
    """Live events the article could be about instead: of its alliances, of these months, the nearest in time first."""
    at = (article.published_at or article.first_seen_at).date()
    subjects = [tag.id for tag in article.alliances if tag.role == "subject"]
    mine = article.event.id if article.event else ""
    found: dict[str, EventDocument] = {}
    for alliance in subjects[:4] or [""]:
        for event in _of_months(context, alliance, at):
            if event.facts and event.id != mine:
                found[event.id] = event
    return sorted(found.values(), key=lambda e: (_days_apart(e, at), e.id))[:MOST_EVENTS]


def _of_months(context: Context, alliance: str, at: date) -> Iterator[EventDocument]:
    for step in range(-MOST_MONTHS, MOST_MONTHS + 1):
        month = (at.replace(day=15) + timedelta(days=30 * step)).isoformat()[:7]
        wanted = EventFilter(alliance=alliance).where(month)
        for stored in context.store.list(EVENTS, wanted, limit=MOST_OF_A_MONTH):
            yield decode_event(stored.body)


def _days_apart(event: EventDocument, at: date) -> int:
    try:
        return abs((date.fromisoformat(day_of(event)) - at).days)
    except ValueError:  # an event without a day
        return MOST_MONTHS * 31


def _taken(correction: Correction) -> tuple[str, ...]:
    """What was found and is not right; a role that changed is no label taken away."""
    if correction.field in ("event", "phase"):
        return ()
    right = {role_of(label)[0] for label in correction.right}
    return tuple(label for label in correction.was if role_of(label)[0] not in right)


def _words(field: CorrectedField, labels: Sequence[str], names: Names) -> Iterator[str]:
    if field == "event":
        yield from labels[:1]
        return
    for label in labels:
        id, role = role_of(label)
        if field == "alliances":
            yield names.alliance(id) + (" (named)" if role == "mention" else "")
        else:
            yield names.event_type(label) if field == "event_types" else names.of("phase", label)
