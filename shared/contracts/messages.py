"""One typed message per topic. A change that old readers could not read makes a new version (see `topics`)."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from shared.contracts.article import Article, DateSpan, Evidence, Quality, Rights, Struct

SourceKind = Literal["feed", "sitemap", "listing", "folder", "query"]
Identifier = Annotated[str, Meta(min_length=1, max_length=512)]


class Source(Struct, frozen=True, kw_only=True):
    """Where articles come from, as a sources file tells it. `interval` and `delay` are seconds."""

    id: Identifier
    url: str | None = None
    name: str | None = None
    kind: SourceKind | None = None
    path: str | None = None
    selector: str | None = None
    query: str | None = None
    interval: float | None = None
    delay: float | None = None
    groups: tuple[str, ...] = ()
    language: str | None = None
    country: str | None = None
    rights: Rights = "full"
    quality: Quality = "press"
    enabled: bool = True


class FeedEntry(Struct, frozen=True, kw_only=True):
    """What the feed said of the page, before anybody fetched it.

    `content` is the article as the feed itself carries it (HTML), where it does: it stands in for a page that may
    not be fetched, and does not travel on with the document.
    """

    title: str | None = None
    link: str | None = None
    summary: str | None = None
    content: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None


class FetchRequest(Struct, frozen=True, kw_only=True):
    """Poll a source, read a part of it (a sitemap that its index names), or fetch one page of it.

    `chain` holds the addresses that redirected here, the first one first. `led` says that one of them was a page that led
    here instead: a later part of an article to the `first`, or a page without text to its `amp` view. A page whose AMP
    view was not to be had is asked for again, to be read itself: `back`.
    """

    kind: Literal["poll", "part", "page"]
    source: Source
    url: str
    entry: FeedEntry | None = None
    chain: tuple[str, ...] = ()
    led: Literal["", "first", "amp", "back"] = ""
    requested_at: datetime


class DocumentPart(Struct, frozen=True, kw_only=True):
    """A further page of the same article: its next `part`, or a view that holds the `whole` of it.

    `body` is zstd; `size` is its length in bytes once decompressed.
    """

    url: str
    role: Literal["part", "whole"]
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    media_type: str
    body: bytes
    size: int
    sha256: str


class MissingPart(Struct, frozen=True, kw_only=True):
    """A part that the article has and that could not be had, with the reason in words."""

    url: str
    why: str


class FetchedDocument(Struct, frozen=True, kw_only=True):
    """One document as fetched. `body` is zstd; `size` is its length in bytes once decompressed.

    `content_from` is `feed` when the body is what the feed said, because the page itself may not or cannot be fetched.
    `parts` are the further pages of the article, in order; `missing` those that are known and could not be had. All
    bodies together are as large as one may be.
    """

    url: str
    final_url: str
    chain: tuple[str, ...] = ()
    source: Source
    entry: FeedEntry | None = None
    content_from: Literal["page", "feed"] = "page"
    status: int = 200
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    media_type: str
    body: bytes
    size: int
    sha256: str
    fetched_at: datetime
    parts: tuple[DocumentPart, ...] = ()
    missing: tuple[MissingPart, ...] = ()

    @property
    def packed(self) -> int:
        """Bytes of all its bodies as they travel."""
        return len(self.body) + sum(len(part.body) for part in self.parts)


class EventFacts(Struct, frozen=True, kw_only=True):
    """What the clustering of events needs to know of an article, and nothing more.

    `signature` is the near-duplicate MinHash; `published` a day, a month or a year (ISO 8601), as exact as it is known.
    `numbers` are decimals, with what they count where that is known: `35 country`, `900000`.
    `same_as` is an article that a reader says is about the same event; the article itself for an event of its own.
    """

    article_id: str
    alliances: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    dates: tuple[DateSpan, ...] = ()
    outcomes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    title_terms: tuple[str, ...] = ()
    phase: str = "background"
    language: str = "und"
    published: str | None = None
    quality: Quality = "press"
    signature: bytes = b""
    same_as: str | None = None


class ParsedArticle(Struct, frozen=True, kw_only=True):
    """An article as parsed, before it has an event. `tell` are subscriptions to be told of it though it is no news."""

    article: Article
    facts: EventFacts
    tell: tuple[str, ...] = ()


class ArticleUpdate(Struct, frozen=True, kw_only=True):
    """An article with its event, or what changed of it.

    `new` and `revision` are news; `reparsed` (other rules) and `regrouped` (another event or duplicate) are not.
    `merged_events` are the ids that now stand for the article's event: whoever was told of one was told of it. `tell`
    are subscriptions that somebody asked to be told of it, news or not.
    """

    change: Literal["new", "revision", "reparsed", "regrouped"]
    article: Article
    merged_events: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()


class Channel(Struct, frozen=True, kw_only=True):
    """Where deliveries of a subscription go."""

    kind: Literal["webhook", "email", "apprise", "feed"]
    target: str
    secret: str | None = None


class Subscription(Struct, frozen=True, kw_only=True):
    """An alert a person asked for. The latest one of an id holds; `deleted` ends it."""

    id: Identifier
    name: str
    query: str
    per: Literal["event", "article"] = "event"
    channels: tuple[Channel, ...] = ()
    digest: Literal["daily"] | None = None
    created_at: datetime
    enabled: bool = True
    deleted: bool = False


class Alert(Struct, frozen=True, kw_only=True):
    """One delivery to make: to one channel of a subscription, for one article.

    `id` is derived from (subscription, event or article, reason, channel); every attempt at sending carries it.
    `subscription_name` and `query` are as they stood when it matched. The article is whole: rights apply on sending.
    """

    id: Identifier
    subscription: str
    subscription_name: str = ""
    query: str = ""
    per: Literal["event", "article"] = "event"
    digest: Literal["daily"] | None = None
    channel: Channel
    reason: Literal["new", "revision"]
    article: Article
    matched: tuple[Evidence, ...]
    created_at: datetime


CorrectedField = Literal["alliances", "event_types", "event", "phase"]


class Correction(Struct, frozen=True, kw_only=True):
    """What a reader said is wrong with one field of an article's labels, and what is right; the latest one holds.

    `was` is what the program had found, `right` is all that is right: alliances as `id` (a subject) or `id:mention`,
    event types most important first, one phase. Of an event it is the event's id and an article that is in it; nothing
    for an event of the article's own. `withdrawn` ends it.
    """

    id: Identifier
    article: str
    field: CorrectedField
    was: tuple[str, ...]
    right: tuple[str, ...]
    note: str = ""
    at: datetime
    withdrawn: bool = False


class Deletion(Struct, frozen=True, kw_only=True):
    """A tombstone: the address or source is forgotten, and replays respect it."""

    id: Identifier
    url: str | None = None
    source: str | None = None
    reason: str = ""
    at: datetime


class StepOutcome(Struct, frozen=True, kw_only=True):
    """What one step did with one message.

    `passed` went on to `outputs` messages; `ended` is the end of a journey, with its reason; `dead` lies in the
    dead letters; `retry` comes back at `due`. `id` is derived from where the message stood, so a redelivery
    says the same thing again instead of another.
    """

    id: Identifier
    service: str
    topic: str
    partition: int
    offset: int
    url: str
    article: str | None = None
    result: Literal["passed", "ended", "dead", "retry"]
    reason: str = ""
    outputs: int = 0
    attempts: int = 1
    at: datetime
    ms: float
    due: datetime | None = None


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A message that could not be handled. `value` is absent when it is too large: read it at its place."""

    id: Identifier
    service: str
    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: dict[str, str]
    url: str = ""
    error: str
    reason: str
    where: str = ""
    attempts: int
    at: datetime
