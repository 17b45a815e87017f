"""Digests: alerts held until eight o'clock and sent as one, under an id of their own.

The first alert of a day opens its digest, which is then one document in the store; the alerts themselves wait in the
ledger, marked with its id. When it is due, a tick sends a carrier over the alerts' own topic, so the digest comes to
the owner of its subscription, after everything that was held before. What is in it is fixed before the first try:
every try sends the same under the same id.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from services.alerter.delivery.schedule import digest_due, digest_of
from services.alerter.delivery.sending import Result
from shared.contracts.article import Struct
from shared.contracts.deliveries import DELIVERIES, Attempt, Delivery, decode_delivery, delivery_write
from shared.contracts.messages import Alert
from shared.contracts.wire import Outgoing, derived_id
from shared.runner.service import Handled, Owns
from shared.store.port import AlreadyExists, Store, Write

DIGESTS = "digests"
PREFIX = "digest-"
# A listing of the store may be a second old: what was held in the last moment before eight is in it by then.
GRACE = timedelta(seconds=10)
# Carriers that one tick sends, so that a morning with many digests does not stop the loop.
MOST_CARRIERS = 500
READ_AT_ONCE = 200

State = Literal["open", "called", "fixed"]


class Digest(Struct, frozen=True, kw_only=True):
    """A digest. `carrier` is an alert of its subscription and channel without an article's words, under this id.

    open: takes alerts; called: its carrier was sent; fixed: `members` are final. `ended` is what came of it.
    """

    id: str
    subscription: str
    due: datetime
    state: State
    carrier: Alert
    members: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    next_try: datetime | None = None
    ended: Result | None = None

    @property
    def day(self) -> str:
        """The day it is sent on (ISO 8601)."""
        return self.due.date().isoformat()


@dataclass(frozen=True, slots=True)
class Kept:
    """A digest as stored."""

    digest: Digest
    version: int


def digest_id(alert: Alert, due: datetime) -> str:
    """The id of the digest that an alert belongs into: one per day, subscription and channel."""
    channel = alert.channel
    return PREFIX + derived_id(alert.subscription, channel.kind, channel.target, due.date().isoformat())


def is_digest(alert: Alert) -> bool:
    """Whether this is a digest's carrier."""
    return alert.id.startswith(PREFIX)


def joined(store: Store, alert: Alert, now: datetime) -> Digest:
    """The digest this alert goes into: the next that still takes alerts, opened if it is the first."""
    due = digest_due(now)
    while True:
        digest = _opened(store, alert, due)
        if digest.state == "open":
            return digest
        due += timedelta(days=1)


def find(store: Store, id: str) -> Kept | None:
    """The digest of this id."""
    stored = store.get(DIGESTS, id)
    return Kept(msgspec.json.decode(stored.body, type=Digest), stored.version) if stored else None


def digest_write(digest: Digest, expected: int | None = None) -> Write:
    """The write that keeps a digest; while it takes alerts it can be found by the day it is due."""
    labels = {"subscription": digest.subscription, "due": digest.day if digest.state == "open" else ""}
    return Write(DIGESTS, digest.id, msgspec.json.encode(digest), labels, expected)


def fixed(store: Store, kept: Kept) -> Digest:
    """The digest with its members, which never change again. Raises VersionConflict when another owner was first."""
    if kept.digest.state == "fixed":
        return kept.digest
    held = sorted(_held(store, kept.digest.id), key=lambda e: (e.created_at, e.id))
    digest = replace(kept.digest, state="fixed", members=tuple(e.id for e in held))
    store.put(digest_write(digest, expected=kept.version))
    return digest


def entries_of(store: Store, digest: Digest) -> tuple[Delivery, ...]:
    """The members' ledger entries, as far as they are still held."""
    found: dict[str, Delivery] = {}
    for start in range(0, len(digest.members), READ_AT_ONCE):
        stored = store.get_many(DELIVERIES, digest.members[start : start + READ_AT_ONCE])
        found |= {id: decode_delivery(one.body) for id, one in stored.items()}
    entries = (found[id] for id in digest.members if id in found)
    return tuple(entry for entry in entries if entry.status == "held")


def moved_on(store: Store, digest: Digest, now: datetime) -> tuple[Write, ...]:
    """The writes that put what was held for this digest, and came too late for it, into the next."""
    late = [entry for entry in _held(store, digest.id) if entry.id not in digest.members]
    if not late:
        return ()
    later = joined(store, digest.carrier, now)
    return tuple(held_write(entry, later) for entry in late)


def held_write(entry: Delivery, digest: Digest) -> Write:
    """The write that holds an entry for a digest, by whose id it is found."""
    write = delivery_write(replace(entry, status="held", next_try=digest.next_try or digest.due))
    return dataclasses.replace(write, labels={**write.labels, "digest": digest.id})


def call_due(store: Store, now: datetime, owns: Owns) -> Handled:
    """Send the carriers of the digests that are due and ours; they are called once the carriers are on the bus."""
    outputs: list[Outgoing] = []
    remember: list[Write] = []
    for digest in _due(store, now):
        if owns("alerts", digest.subscription):
            outputs.append(Outgoing("alerts", digest.subscription, digest.carrier))
            remember.append(digest_write(replace(digest, state="called")))
            if len(outputs) == MOST_CARRIERS:
                break
    return Handled(tuple(outputs), tuple(remember))


def _opened(store: Store, alert: Alert, due: datetime) -> Digest:
    id = digest_id(alert, due)
    kept = find(store, id)
    if kept:
        return kept.digest
    digest = Digest(
        id=id, subscription=alert.subscription, due=due, state="open", carrier=_carrier(alert, id, due)
    )
    write = digest_write(digest)
    try:
        store.create(write.collection, write.id, write.body, write.labels)
    except AlreadyExists as e:
        return msgspec.json.decode(e.existing.body, type=Digest)
    return digest


def _carrier(alert: Alert, id: str, due: datetime) -> Alert:
    bare = replace(
        alert.article,
        text="",
        summary="",
        removed=(),
        alliances=(),
        event_types=(),
        places=(),
        organisations=(),
        dates=(),
        outcomes=(),
        carried_by=(),
        image=None,
        deck=None,
    )
    return replace(alert, id=id, article=bare, matched=(), created_at=due)


def _held(store: Store, id: str) -> Iterator[Delivery]:
    for stored in store.list(DELIVERIES, {"digest": id}):
        entry = decode_delivery(stored.body)
        if entry.status == "held":
            yield entry


def _due(store: Store, now: datetime) -> Iterator[Digest]:
    for day in sorted(filter(None, store.count_by(DIGESTS, "due"))):
        if digest_of(date.fromisoformat(day)) + GRACE <= now:
            for stored in store.list(DIGESTS, {"due": day}):
                yield msgspec.json.decode(stored.body, type=Digest)
