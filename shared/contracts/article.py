"""The article: what the parser makes, the index holds and the API returns, field for field.

Offsets in evidence are Unicode code points, half-open, in the named field as returned.
"""

from datetime import datetime
from typing import Literal

import msgspec

TextField = Literal["title", "text"]
Role = Literal["subject", "mention"]
Phase = Literal["preview", "report", "followup", "background"]
Precision = Literal["second", "minute", "hour", "day", "month", "year"]
ZoneFrom = Literal["told", "country"]
Quality = Literal["official", "agency", "press", "aggregator"]
Rights = Literal["full", "excerpt"]


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything on the wire: immutable, and an unknown key is an error."""


class Evidence(Struct, frozen=True, kw_only=True):
    """The words that prove a label: an exact slice of a field of the article."""

    text: str
    field: TextField
    start: int
    end: int


class AllianceTag(Struct, frozen=True, kw_only=True):
    """A heritage body the article is about (`subject`) or merely names (`mention`)."""

    id: str
    name: str
    role: Role
    confidence: float
    rule: str
    evidence: tuple[Evidence, ...]


class EventTypeTag(Struct, frozen=True, kw_only=True):
    """One kind of event the article reports; an article lists them most important first."""

    id: str
    confidence: float
    rule: str
    evidence: tuple[Evidence, ...]


class EventRef(Struct, frozen=True, kw_only=True):
    """The event instance an article belongs to."""

    id: str
    title: str


class ArticleSource(Struct, frozen=True, kw_only=True):
    """Who published the article."""

    id: str
    name: str
    country: str | None = None
    quality: Quality = "press"


class Carrier(Struct, frozen=True, kw_only=True):
    """A further source or address that carries the same article."""

    source: str
    url: str


class Image(Struct, frozen=True, kw_only=True):
    """The article's lead image. `credit` names who made or owns it, `license` the terms (words or an address)."""

    url: str
    caption: str | None = None
    credit: str | None = None
    license: str | None = None


class Dateline(Struct, frozen=True, kw_only=True):
    """Where and when a report was filed, as it opens: "BEIJING, April 20 (Xinhua) --". `date` is a day, ISO 8601."""

    place: str | None = None
    date: str | None = None


class Place(Struct, frozen=True, kw_only=True):
    """A place the article names; `country` is ISO 3166-1 alpha-2."""

    name: str
    country: str | None = None
    evidence: tuple[Evidence, ...] = ()


class Organisation(Struct, frozen=True, kw_only=True):
    """A body the article names; `id` where the taxonomy knows it."""

    name: str
    id: str | None = None
    evidence: tuple[Evidence, ...] = ()


class Person(Struct, frozen=True, kw_only=True):
    """Somebody the article names with their office: `role` is the office as the article words it."""

    name: str
    role: str
    evidence: tuple[Evidence, ...] = ()


class DateSpan(Struct, frozen=True, kw_only=True):
    """A date or interval told in the article, days as ISO 8601, `end` inclusive.

    `role` is `event` for the dates of what is reported and `other` for history, deadlines and captions.
    """

    start: str
    end: str
    precision: Precision = "day"
    role: Literal["event", "other"] = "other"
    evidence: tuple[Evidence, ...] = ()


class Outcome(Struct, frozen=True, kw_only=True):
    """Something a meeting brought about: an agreement, a declaration, a fund, a new member …"""

    kind: str
    name: str
    evidence: tuple[Evidence, ...] = ()


class Removed(Struct, frozen=True, kw_only=True):
    """A piece of boilerplate that was taken out of the text, and why."""

    text: str
    reason: str


class LanguagePart(Struct, frozen=True, kw_only=True):
    """A language of an article written in several: its tag, its script (ISO 15924), its share of the text (0 to 1)."""

    language: str
    script: str
    share: float


class Article(Struct, frozen=True, kw_only=True):
    """One article as everybody sees it. `event`, `duplicate_of` and `carried_by` are set by the events service.

    Times are UTC. `published_zone` is the offset the publication was told in (`+08:00`); where the document names
    none, it is that of the source's country and `published_zone_from` says `country`; without either both are None
    and the time was taken as UTC. `deck` is the standfirst below the headline, `agency` the wire agency that wrote.
    `language` is that of title and lead; `language_parts` is empty unless the text is in several.
    """

    id: str
    url: str
    canonical_url: str
    source: ArticleSource
    rights: Rights = "full"
    title: str
    deck: str | None = None
    text: str
    summary: str = ""
    authors: tuple[str, ...] = ()
    agency: str | None = None
    dateline: Dateline | None = None
    section: str | None = None
    published_at: datetime | None = None
    published_precision: Precision | None = None
    published_from: str | None = None
    published_zone: str | None = None
    published_zone_from: ZoneFrom | None = None
    modified_at: datetime | None = None
    first_seen_at: datetime
    fetched_at: datetime
    language: str
    language_parts: tuple[LanguagePart, ...] = ()
    image: Image | None = None
    alliances: tuple[AllianceTag, ...] = ()
    event_types: tuple[EventTypeTag, ...] = ()
    phase: Phase = "background"
    event: EventRef | None = None
    places: tuple[Place, ...] = ()
    organisations: tuple[Organisation, ...] = ()
    people: tuple[Person, ...] = ()
    dates: tuple[DateSpan, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    duplicate_of: str | None = None
    carried_by: tuple[Carrier, ...] = ()
    removed: tuple[Removed, ...] = ()
    revision: int = 1
    content_hash: str
    parse_version: int
    template: str | None = None
