"""What the API takes and gives of alerts, deliveries and sources: the shapes, with an example of each."""

from datetime import datetime
from typing import Any, Literal

from msgspec import UNSET, UnsetType

from shared.contracts.article import Quality, Rights, Struct
from shared.contracts.deliveries import Delivery
from shared.contracts.sources import Health
from shared.sources import Origin
from shared.subscriptions import Digest, Per

Kind = Literal["webhook", "email", "apprise", "feed"]
# A folder is named in the sources file alone.
ReadKind = Literal["feed", "sitemap", "listing", "query"]
# Seconds, or as people write it: 30m, 2h, 1d.
Duration = float | str | None


class ChannelSent(Struct, frozen=True, kw_only=True):
    """Where alerts go. `target` is an address; a `feed` has none. A webhook without `secret` gets or keeps one."""

    kind: Kind
    target: str = ""
    secret: str | None = None


class SubscriptionSent(Struct, frozen=True, kw_only=True):
    """A new alert. Without a name it goes by its query."""

    query: str
    channels: tuple[ChannelSent, ...]
    name: str = ""
    per: Per = "event"
    digest: Digest | None = None


class SubscriptionChange(Struct, frozen=True, kw_only=True):
    """What is to change of an alert; what is absent stays. Channels that stay keep their secret and feed."""

    name: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    per: Per | UnsetType = UNSET
    channels: tuple[ChannelSent, ...] | UnsetType = UNSET
    digest: Digest | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class ChannelTold(Struct, frozen=True, kw_only=True):
    """Where alerts go. `secret` is told once, when it was made or changed; of a feed, `target` is its token."""

    kind: Kind
    target: str
    secret: str | None = None


class EstimateTold(Struct, frozen=True, kw_only=True):
    """How often it would have spoken in the last days."""

    articles: int
    events: int
    days: int


class SubscriptionTold(Struct, frozen=True, kw_only=True):
    """An alert. `feed` has the addresses of its private feed; `fault` says why its query is none any more.

    `estimate` is left out of lists, and null while the index cannot count.
    """

    id: str
    name: str
    query: str
    per: Per
    channels: tuple[ChannelTold, ...]
    digest: Digest | None
    enabled: bool
    created_at: datetime
    feed: dict[str, str] | None = None
    fault: str | None = None
    estimate: EstimateTold | UnsetType | None = UNSET


class SubscriptionsAnswer(Struct, frozen=True, kw_only=True):
    """A page of alerts, by id."""

    results: tuple[SubscriptionTold, ...]
    next_cursor: str | None


class DeliveriesAnswer(Struct, frozen=True, kw_only=True):
    """A page of the ledger of an alert, newest first: every alert to every channel, and every try."""

    results: tuple[Delivery, ...]
    next_cursor: str | None


class SourceSent(Struct, frozen=True, kw_only=True):
    """A new source. `url` is enough: what is there is found out at the first look."""

    url: str
    id: str | None = None
    name: str | None = None
    kind: ReadKind | None = None
    query: str | None = None
    selector: str | None = None
    interval: Duration = None
    delay: Duration = None
    groups: tuple[str, ...] = ()
    language: str | None = None
    country: str | None = None
    rights: Rights = "full"
    quality: Quality = "press"
    enabled: bool = True


class SourceChange(Struct, frozen=True, kw_only=True):
    """What is to change of a source; what is absent stays."""

    url: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    kind: ReadKind | UnsetType | None = UNSET
    query: str | UnsetType | None = UNSET
    selector: str | UnsetType | None = UNSET
    interval: Duration | UnsetType = UNSET
    delay: Duration | UnsetType = UNSET
    groups: tuple[str, ...] | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    country: str | UnsetType | None = UNSET
    rights: Rights | UnsetType = UNSET
    quality: Quality | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class SourceTold(Struct, frozen=True, kw_only=True):
    """A source, and what is known of it. `says` is the last look in words; `interval` and `delay` are seconds.

    `origin` is who named it first; `read_from` is set when it is read from another address than its own.
    """

    id: str
    url: str | None
    path: str | None
    name: str | None
    kind: str | None
    query: str | None
    selector: str | None
    interval: float | None
    delay: float | None
    groups: tuple[str, ...]
    language: str | None
    country: str | None
    rights: Rights
    quality: Quality
    enabled: bool
    origin: Origin
    health: Health
    says: str
    title: str | None = None
    found_kind: str | None = None
    read_from: str | None = None
    registered_at: datetime | None = None
    polled_at: datetime | None = None
    next_poll: datetime | None = None
    ok_at: datetime | None = None
    last_new_at: datetime | None = None
    entries_seen: int = 0
    entries_new: int = 0
    failures: int = 0


class SourcesAnswer(Struct, frozen=True, kw_only=True):
    """A page of sources, by id."""

    results: tuple[SourceTold, ...]
    next_cursor: str | None


DESK: tuple[type, ...] = (
    SubscriptionSent,
    SubscriptionChange,
    SubscriptionTold,
    SubscriptionsAnswer,
    DeliveriesAnswer,
    SourceSent,
    SourceChange,
    SourceTold,
    SourcesAnswer,
)

SUBSCRIPTION_SENT: dict[str, Any] = {
    "name": "ACHA news",
    "query": "alliance:acha",
    "per": "event",
    "channels": [
        {"kind": "webhook", "target": "https://example.org/hook"},
        {"kind": "feed"},
    ],
}
SUBSCRIPTION_TOLD: dict[str, Any] = {
    "id": "sub-2f41c09b77de",
    "name": "ACHA news",
    "query": "alliance:acha",
    "per": "event",
    "channels": [
        {"kind": "webhook", "target": "https://example.org/hook", "secret": "whsec_…"},
        {"kind": "feed", "target": "k3Jx…", "secret": None},
    ],
    "digest": None,
    "enabled": True,
    "created_at": "2025-12-01T12:00:00Z",
    "feed": {"atom": "https://wire.example.org/feeds/alerts/k3Jx….atom"},
    "fault": None,
    "estimate": {"articles": 12, "events": 4, "days": 30},
}
DELIVERY_TOLD: dict[str, Any] = {
    "id": "9f3c…",
    "subscription": "sub-2f41c09b77de",
    "channel": "webhook",
    "target": "https://example.org/…",
    "status": "delivered",
    "reason": "new",
    "article": "a4k2m7q9x1b3c5d7",
    "url": "https://news.example.org/assembly",
    "title": "Assembly opens",
    "matched": [{"text": "Alliance for Cultural Heritage in Asia", "field": "text", "start": 4, "end": 42}],
    "created_at": "2025-12-01T12:00:03Z",
    "attempts": [{"at": "2025-12-01T12:00:04Z", "ok": True, "said": "answered 204", "ms": 81.5}],
    "delivered_at": "2025-12-01T12:00:04Z",
}
SOURCE_SENT: dict[str, Any] = {
    "url": "https://museum.example.org/news",
    "groups": ["museums"],
    "interval": "30m",
}
SOURCE_TOLD: dict[str, Any] = {
    "id": "museum.example.org",
    "url": "https://museum.example.org/news",
    "groups": ["museums"],
    "interval": 1800.0,
    "origin": "saved",
    "enabled": True,
    "health": "ok",
    "says": "12 entries, 3 new; next look in 30 minutes",
    "entries_seen": 12,
    "entries_new": 3,
}
