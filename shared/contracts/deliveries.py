"""The ledger of alerts: one entry per alert and channel, kept in the store as JSON, read by pages and API.

`deliveries` is written by the delivery service alone; labels `subscription`, `status`, `article`, `channel` and
`month` (of `created_at`: 2026-03).
"""

from datetime import datetime
from typing import Literal

import msgspec

from shared.contracts.article import EventRef, Evidence, Struct
from shared.store.port import Write

DELIVERIES = "deliveries"
# What the id of an alert begins with that somebody asked for to see whether it arrives.
TRIAL = "test-"

# waiting: not sent yet, or to be tried again at `next_try`; held: for a digest; gone: the receiver said never again.
DeliveryStatus = Literal["waiting", "held", "delivered", "failed", "gone", "cancelled"]


class Attempt(Struct, frozen=True, kw_only=True):
    """One try at sending, and what came of it in words."""

    at: datetime
    ok: bool
    said: str
    ms: float = 0.0


class Delivery(Struct, frozen=True, kw_only=True):
    """One ledger entry. `id` is the alert's; `target` is shown without secrets; `matched` are the words that prove it."""

    id: str
    subscription: str
    subscription_name: str = ""
    channel: Literal["webhook", "email", "apprise", "feed"]
    target: str
    status: DeliveryStatus
    reason: Literal["new", "revision"]
    article: str
    url: str
    title: str
    language: str = "und"
    source: str = ""
    event: EventRef | None = None
    matched: tuple[Evidence, ...] = ()
    created_at: datetime
    attempts: tuple[Attempt, ...] = ()
    next_try: datetime | None = None
    delivered_at: datetime | None = None


decode_delivery = msgspec.json.Decoder(Delivery).decode


def delivery_write(delivery: Delivery) -> Write:
    """The write that keeps an entry."""
    labels = {
        "subscription": delivery.subscription,
        "status": delivery.status,
        "article": delivery.article,
        "channel": delivery.channel,
        "month": f"{delivery.created_at:%Y-%m}",
    }
    return Write(DELIVERIES, delivery.id, msgspec.json.encode(delivery), labels)
