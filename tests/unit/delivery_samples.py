"""Alerts and receivers to try the delivery with."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from shared.bus.port import Bus
from shared.contracts.article import Article, ArticleSource, EventRef, Evidence
from shared.contracts.deliveries import DELIVERIES, Delivery, decode_delivery
from shared.contracts.messages import Alert, Channel, Subscription
from shared.contracts.wire import Outgoing, encode, new_traceparent
from shared.store.port import Store, Write
from shared.subscriptions import COLLECTION as SUBSCRIPTIONS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # base64 of 24 bytes, used nowhere
HOSTILE = 'Temple\r\nBcc: thief@example.org\n\x00<script>alert("x")</script>\u202e &amp; {{ 7*7 }}'


def article(**changes: Any) -> Article:
    text = "The old bridge of Lunara is open again. Masons worked for two years on its arches."
    given: dict[str, Any] = {
        "id": "abcd",
        "url": "https://herald.example/news/1",
        "canonical_url": "https://herald.example/news/1",
        "source": ArticleSource(id="herald", name="The Lunara Herald", country="FR"),
        "title": "Old bridge reopens",
        "text": text,
        "first_seen_at": NOW,
        "fetched_at": NOW,
        "language": "en",
        "event": EventRef(id="e1", title="Reopening of the bridge of Lunara"),
        "content_hash": "x",
        "parse_version": 1,
    }
    return Article(**{**given, **changes})


def proof(article: Article, word: str, field: Any = "text") -> Evidence:
    """The first place of a word."""
    start = getattr(article, field).index(word)
    return Evidence(text=word, field=field, start=start, end=start + len(word))


def alert(number: int = 1, channel: Channel | None = None, **changes: Any) -> Alert:
    about = changes.pop("article", None) or article()
    given: dict[str, Any] = {
        "id": f"a{number:05}",
        "subscription": "sub-1",
        "subscription_name": "Bridges",
        "query": "bridge OR arches",
        "channel": channel or webhook(),
        "reason": "new",
        "article": about,
        "matched": tuple(
            proof(about, "bridge", field) for field in ("text", "title") if "bridge" in getattr(about, field)
        ),
        "created_at": NOW,
    }
    return Alert(**{**given, **changes})


def webhook(target: str = "https://receiver.example/hook") -> Channel:
    return Channel(kind="webhook", target=target, secret=SECRET)


def subscribe(store: Store, *channels: Channel, id: str = "sub-1", **changes: Any) -> None:
    """Have the store know the subscription, as it does before any alert of it."""
    given: dict[str, Any] = {"id": id, "name": "Bridges", "query": "bridge OR arches", "created_at": NOW}
    subscription = Subscription(**{**given, "channels": channels, **changes})
    store.put(Write(SUBSCRIPTIONS, id, msgspec.json.encode(subscription), {"state": "live"}))


def send(bus: Bus, *alerts: Alert) -> None:
    """Put alerts on the bus, as the alerter does."""
    producer = bus.producer()
    producer.produce(
        [
            encode(
                Outgoing("alerts", one.subscription, one),
                message_id=f"m-{one.id}",
                traceparent=new_traceparent(),
                mode="live",
            )
            for one in alerts
        ]
    )
    producer.close()


def ledger(store: Store) -> list[Delivery]:
    """Every entry, by id."""
    return [decode_delivery(stored.body) for stored in store.list(DELIVERIES)]


def entry(store: Store, id: str) -> Delivery:
    stored = store.get(DELIVERIES, id)
    assert stored, id
    return decode_delivery(stored.body)
