"""Events as the store keeps them, as JSON: the events service writes, everybody else reads.

`events` holds every event ever minted; labels `state` (live, redirect, empty), and for live ones `alliance`, `type`
and `month`, each empty where unknown.
"""

from datetime import datetime

import msgspec

from shared.contracts.article import Precision, Struct
from shared.store.port import Store, Write

EVENTS = "events"


class EventAlliance(Struct, frozen=True, kw_only=True):
    """An alliance an event is about."""

    id: str
    name: str


class Count(Struct, frozen=True, kw_only=True):
    """How many there were of something (`country`, `participant` …), as a decimal, and which sources say so."""

    what: str
    number: str
    sources: tuple[str, ...]


class Composed(Struct, frozen=True, kw_only=True):
    """What the articles of an event say together. Days are ISO 8601, `end` inclusive; most agreed first.

    `counts` are told by two articles at least; where sources disagree, there are several of one thing.
    """

    title: str
    alliances: tuple[EventAlliance, ...] = ()
    event_types: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    precision: Precision | None = None
    places: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    languages: tuple[str, ...] = ()
    first_published: str | None = None
    last_published: str | None = None
    articles: int = 0


class EventDocument(Struct, frozen=True, kw_only=True):
    """An event. `founded_at` and `founder` tell which of two merged ones is the older; a merged one redirects."""

    id: str
    founded_at: datetime
    founder: str
    facts: Composed | None = None
    articles: tuple[str, ...] = ()
    redirect: str | None = None

    @property
    def age(self) -> tuple[datetime, str]:
        """The older event has the lesser."""
        return self.founded_at, self.founder


_encode = msgspec.json.Encoder().encode
decode_event = msgspec.json.Decoder(EventDocument).decode


def event_write(event: EventDocument) -> Write:
    """The write that keeps an event."""
    state = "redirect" if event.redirect else "live" if event.articles else "empty"
    labels = {"state": state}
    if event.facts:
        labels["alliance"] = next((a.id for a in event.facts.alliances), "")
        labels["type"] = next(iter(event.facts.event_types), "")
        labels["month"] = (event.facts.start or event.facts.first_published or "")[:7]
    return Write(EVENTS, event.id, _encode(event), labels)


def current_event(store: Store, id: str) -> EventDocument | None:
    """The event an id stands for today, redirects followed; None for an id that was never minted."""
    seen: set[str] = set()
    while id not in seen and (stored := store.get(EVENTS, id)):
        seen.add(id)
        event = decode_event(stored.body)
        if event.redirect is None:
            return event
        id = event.redirect
    return None
