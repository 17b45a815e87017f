"""The delivery service: one alert to one channel, noted in the ledger before the first try and after each.

The entry is made before anything is sent and its id goes with every try, so a kill at any moment sends, at worst, the
same alert again under the same id.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from services.alerter.delivery.digest import call_due, held_write, is_digest, joined
from services.alerter.delivery.digest_delivery import DigestDelivery
from services.alerter.delivery.ledger import FINISHED, after, finished, opened
from services.alerter.delivery.parcel import parcel_of
from services.alerter.delivery.receivers import MOST_WAITING, Receivers
from services.alerter.delivery.sending import Sender, Sent
from services.alerter.delivery.standing import Standing, gone_write, standing
from services.alerter.delivery.trying import Trying
from shared.clock import Clock
from shared.contracts.deliveries import Delivery, delivery_write
from shared.contracts.messages import Alert
from shared.contracts.wire import Received
from shared.errors import BadMessage
from shared.runner.service import Handled, Owns, Service, Tick, each
from shared.store.port import Store, Write

# Subscriptions that are delivered to at once; most of the time is waiting for receivers.
AT_ONCE = 32
LOOK_FOR_DIGESTS = timedelta(minutes=1)
# What may stand in a header and in a Message-ID as it is.
_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class Deliverer:
    """Delivers alerts. Many threads may call `handle`, each with another subscription."""

    def __init__(self, store: Store, senders: Mapping[str, Sender], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._receivers = Receivers()
        self._trying = Trying(senders, self._receivers)
        self._digests = DigestDelivery(store, self._trying)

    def handle(self, received: Received) -> Handled:
        """Do what is due for one alert. Raises BadMessage for one that can never be sent."""
        alert: Alert = received.message
        if not _ID.fullmatch(alert.id):
            raise BadMessage(f"alert id {alert.id!r}: a header holds letters, digits and . _ : - only")
        now = self._clock()
        return self._digests.handle(alert, now) if is_digest(alert) else self._alert(alert, now)

    def call_digests(self, now: datetime, owns: Owns) -> Handled:
        """Call the digests that are due."""
        return call_due(self._store, now, owns)

    def _alert(self, alert: Alert, now: datetime) -> Handled:
        entry = opened(self._store, alert)
        if entry.status in FINISHED:
            return Handled(ends=f"{entry.status} already")
        if entry.article != alert.article.id:
            # Two articles of one event met two alerters at once: the first to come is the one that is told.
            return Handled(ends=f"is told by article {entry.article}")
        stands = standing(self._store, alert)
        if stands.ended:
            return self._ended(alert, finished(entry, Sent("cancelled", stands.ended), now))
        if entry.status == "held":
            return Handled(ends="held for a digest already")
        if alert.channel.kind == "feed":
            return self._ended(alert, finished(entry, Sent("delivered", "in the private feed"), now))
        if alert.digest:
            digest = joined(self._store, alert, now)
            told = f"held for the digest of {digest.day}"
            return Handled(remember=(held_write(entry, digest),), ends=told)
        if entry.next_try and entry.next_try > now:
            return Handled(ends="is tried again later", again_at=entry.next_try)
        return self._tried(alert, stands, entry, now)

    def _tried(self, alert: Alert, stands: Standing, entry: Delivery, now: datetime) -> Handled:
        # When it was made is as the ledger says, so that every try says the same.
        current = replace(alert, channel=stands.channel, created_at=entry.created_at)
        tried = self._trying.once(parcel_of(current), now)
        sent = tried.sent
        if sent is None:
            waits = delivery_write(replace(entry, next_try=tried.wait_until))
            return Handled(remember=(waits,), ends="the receiver is left alone", again_at=tried.wait_until)
        noted = after(entry, sent, now, tried.ms)
        if noted.status == "waiting":
            if self._receivers.takes_more(_target(alert), alert.id):
                return Handled(remember=(delivery_write(noted),), ends=sent.said, again_at=noted.next_try)
            said = f"{sent.said}; given up: {MOST_WAITING} alerts wait for this receiver already"
            noted = finished(entry, Sent("failed", said), now, tried.ms)
        if noted.status == "gone":
            return self._ended(alert, noted, gone_write(alert, stands.version, now))
        if noted.status == "delivered" and stands.gone:
            return self._ended(alert, noted, gone_write(alert, 0, now))
        return self._ended(alert, noted)

    def _ended(self, alert: Alert, entry: Delivery, *more: Write) -> Handled:
        self._receivers.settled(_target(alert), alert.id)
        return Handled(
            remember=(delivery_write(entry), *more), ends=f"{entry.status}: {entry.attempts[-1].said}"
        )


def _target(alert: Alert) -> str:
    return f"{alert.subscription} {alert.channel.kind}:{alert.channel.target}"


def delivery_service(store: Store, senders: Mapping[str, Sender], clock: Clock) -> Service:
    """Delivery through these senders, by kind of channel; a private feed needs none."""
    deliverer = Deliverer(store, senders, clock)
    return Service(
        name="delivery",
        inputs=("alerts",),
        step=each(deliverer.handle),
        ticks=(Tick("digests", LOOK_FOR_DIGESTS, deliverer.call_digests),),
        at_once=AT_ONCE,
    )
