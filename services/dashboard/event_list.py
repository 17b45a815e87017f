"""Events in the order they happened, newest first, read from the store month by month."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from shared.contracts.events import EVENTS, EventDocument, decode_event
from shared.store.port import Store

PAGE = 30
# Of one month; more than this many of one kind can only be narrowed.
MOST_OF_A_MONTH = 5000
# Looked through for one page, so that a filter that fits nothing ends.
MOST_MONTHS = 60


class BadPlace(ValueError):
    """The cursor was not given by a list of events."""


class _Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a page ended: after this day and id in this month."""

    month: str
    day: str
    id: str


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: of one alliance, type, month (`2025-11`); what is absent does not matter."""

    alliance: str = ""
    type: str = ""
    month: str = ""

    def where(self, month: str) -> dict[str, str]:
        """The labels of such events in a month."""
        wanted = {"state": "live", "alliance": self.alliance, "type": self.type}
        return {name: value for name, value in wanted.items() if value} | {"month": month}


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of events; `cursor` leads to the next, None at the end."""

    events: tuple[EventDocument, ...]
    cursor: str | None


def months(store: Store) -> list[str]:
    """The months in which events were, newest first; the empty one, of events without a date, last."""
    return sorted(store.count_by(EVENTS, "month"), reverse=True)


def event_page(store: Store, wanted: EventFilter, cursor: str | None = None, limit: int = PAGE) -> EventPage:
    """The events after a cursor. Raises BadPlace for a cursor that is none."""
    after = _read(cursor)
    of_months = [wanted.month] if wanted.month else months(store)
    left = [month for month in of_months if after is None or month <= after.month]
    found: list[EventDocument] = []
    for month in left[:MOST_MONTHS]:
        for event in _of_month(store, wanted, month):
            if after is not None and month == after.month and _order(event) <= _key(after.day, after.id):
                continue
            found.append(event)
            if len(found) > limit:
                return EventPage(tuple(found[:limit]), _write(month_of(found[limit - 1]), found[limit - 1]))
    more = left[MOST_MONTHS:]
    return EventPage(tuple(found), _cursor(_Place(more[0], "~", "")) if more else None)


def _of_month(store: Store, wanted: EventFilter, month: str) -> Iterator[EventDocument]:
    listed = store.list(EVENTS, wanted.where(month), limit=MOST_OF_A_MONTH)
    events = (decode_event(stored.body) for stored in listed)
    return iter(sorted((event for event in events if event.facts), key=_order))


def month_of(event: EventDocument) -> str:
    """The month an event is listed under."""
    return day_of(event)[:7]


def day_of(event: EventDocument) -> str:
    """The day an event is ordered by: when it began, else when it was first written of; empty where unknown."""
    facts = event.facts
    return (facts.start or facts.first_published or "") if facts else ""


def _order(event: EventDocument) -> tuple[tuple[int, ...], str]:
    return _key(day_of(event), event.id)


def _key(day: str, id: str) -> tuple[tuple[int, ...], str]:
    """Sorts days from new to old, ids from first to last; `~` comes before every day."""
    return tuple(-ord(character) for character in day.ljust(10, " ")), id


def _write(month: str, event: EventDocument) -> str:
    return _cursor(_Place(month, day_of(event), event.id))


def _cursor(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).decode().rstrip("=")


def _read(cursor: str | None) -> _Place | None:
    if not cursor:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(packed, type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as e:
        raise BadPlace(f"cursor {cursor[:80]!r} was not given by this list; start without one") from e
