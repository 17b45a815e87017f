"""The ledger's entries: how one begins and what each try makes of it. An entry is created once; afterwards this
service alone changes it."""

from datetime import datetime

from msgspec.structs import replace

from services.alerter.delivery.parcel import shown_matches
from services.alerter.delivery.schedule import next_try
from services.alerter.delivery.sending import Sent, one_line
from shared.channels import shown_target
from shared.contracts.deliveries import DELIVERIES, Attempt, Delivery, decode_delivery, delivery_write
from shared.contracts.messages import Alert, Channel
from shared.store.port import AlreadyExists, Store

FINISHED = frozenset({"delivered", "failed", "gone", "cancelled"})


def opened(store: Store, alert: Alert) -> Delivery:
    """The alert's entry: the one that is there, or a new one. Raises StoreUnavailable."""
    stored = store.get(DELIVERIES, alert.id)
    if stored is None:
        write = delivery_write(_begun(alert))
        try:
            stored = store.create(write.collection, write.id, write.body, write.labels)
        except AlreadyExists as e:
            stored = e.existing
    return decode_delivery(stored.body)


def _begun(alert: Alert) -> Delivery:
    """A new entry, not sent yet. Rights are applied: whoever reads the ledger sees no more than may be shown."""
    article = alert.article
    return Delivery(
        id=alert.id,
        subscription=alert.subscription,
        subscription_name=alert.subscription_name,
        channel=alert.channel.kind,
        target=_target(alert.channel),
        status="waiting",
        reason=alert.reason,
        article=article.id,
        url=article.url,
        title=article.title,
        language=article.language,
        source=article.source.name,
        event=article.event,
        matched=shown_matches(article, alert.matched),
        created_at=alert.created_at,
    )


def attempt_of(sent: Sent, now: datetime, ms: float) -> Attempt:
    """A try as the ledger tells it."""
    return Attempt(at=now, ok=sent.result == "delivered", said=sent.said, ms=round(ms, 1))


def after(entry: Delivery, sent: Sent, now: datetime, ms: float) -> Delivery:
    """The entry after a try: finished, or waiting for the next."""
    tries = len(entry.attempts) + 1
    if sent.result == "again":
        due = next_try(entry.id, tries, now, sent.not_before)
        if due:
            attempts = (*entry.attempts, attempt_of(sent, now, ms))
            return replace(entry, status="waiting", attempts=attempts, next_try=due)
        sent = Sent("failed", f"{sent.said}; given up after {tries} tries")
    return finished(entry, sent, now, ms)


def finished(entry: Delivery, sent: Sent, now: datetime, ms: float = 0.0) -> Delivery:
    """The entry after its last try."""
    return replace(
        entry,
        status="failed" if sent.result == "again" else sent.result,
        attempts=(*entry.attempts, attempt_of(sent, now, ms)),
        next_try=None,
        delivered_at=now if sent.result == "delivered" else None,
    )


def _target(channel: Channel) -> str:
    try:
        return one_line(shown_target(channel))
    except ValueError:  # an address that cannot be read; the sender will say so
        return "…"
