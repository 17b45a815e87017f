"""The ledger of alerts as people read it: newest first, page by page, every entry in words."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from services.dashboard.event_list import BadPlace
from services.dashboard.wording import ago, count, moment
from shared.contracts.deliveries import DELIVERIES, TRIAL, Delivery, DeliveryStatus, decode_delivery
from shared.store.port import Store

PAGE = 20
Tone = Literal["good", "bad", "idle"]


class _Head(msgspec.Struct):
    """What an entry is ordered by; its other fields are passed over."""

    id: str
    created_at: datetime


class _Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a page ended."""

    created_at: Annotated[datetime, Meta(tz=True)]
    id: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of entries, newest first; `cursor` leads to the next, None at the end."""

    entries: tuple[Delivery, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a subscription's alerts, and the latest of them."""

    delivered: int
    waiting: int
    failed: int
    latest: Delivery | None


_head = msgspec.json.Decoder(_Head).decode


def ledger_page(
    store: Store,
    where: Mapping[str, str],
    since: datetime,
    now: datetime,
    cursor: str | None = None,
    limit: int = PAGE,
) -> LedgerPage:
    """The entries with these labels that were made after `since`. Raises BadPlace for a cursor that is none."""
    after = _read(cursor)
    begin = now + timedelta(days=1)
    begin = min(begin, after.created_at) if after else begin
    found: list[Delivery] = []
    for month in months(begin, since):
        rows = [
            (_head(stored.body), stored.body) for stored in store.list(DELIVERIES, {**where, "month": month})
        ]
        for head, body in sorted(rows, key=lambda row: (row[0].created_at, row[0].id), reverse=True):
            if after and (head.created_at, head.id) >= (after.created_at, after.id):
                continue
            if len(found) == limit:
                return LedgerPage(tuple(found), _write(found[-1]))
            found.append(decode_delivery(body))
    return LedgerPage(tuple(found), None)


def months(last: datetime, first: datetime) -> Iterator[str]:
    """The months from one moment back to an earlier one, as the ledger is labelled: 2026-03, 2026-02 …"""
    last, first = last.astimezone(UTC), first.astimezone(UTC)
    for number in range(last.year * 12 + last.month - 1, first.year * 12 + first.month - 2, -1):
        yield f"{number // 12:04}-{number % 12 + 1:02}"


def tally(store: Store, subscription: str, since: datetime, now: datetime) -> Tally:
    """How a subscription stands. `since` is when it was made."""

    def of(status: DeliveryStatus) -> int:
        return store.count(DELIVERIES, {"subscription": subscription, "status": status})

    latest = ledger_page(store, {"subscription": subscription}, since, now, limit=1).entries
    return Tally(
        delivered=of("delivered"),
        waiting=of("waiting") + of("held"),
        failed=of("failed") + of("gone"),
        latest=latest[0] if latest else None,
    )


def is_trial(entry: Delivery) -> bool:
    """Whether somebody asked for this one to see whether it arrives."""
    return entry.id.startswith(TRIAL)


def tone(entry: Delivery) -> Tone:
    """How the state of an entry is to be seen."""
    if entry.status == "delivered":
        return "good"
    bad = entry.status in ("failed", "gone") or (entry.status == "waiting" and entry.attempts)
    return "bad" if bad else "idle"


def in_words(entry: Delivery, now: datetime) -> str:
    """Where an entry stands, in one line."""
    said = entry.attempts[-1].said if entry.attempts else ""
    tries = len(entry.attempts)
    match entry.status:
        case "delivered":
            at = ago(entry.delivered_at or entry.created_at, now)
            return f"delivered {at}" + (f", at try {tries}" if tries > 1 else "")
        case "held":
            return (
                f"waits for the digest of {moment(entry.next_try)}"
                if entry.next_try
                else "waits for a digest"
            )
        case "waiting" if entry.next_try:
            tried = f"{said}; " if said else ""
            return f"{tried}next try {ago(entry.next_try, now)}"
        case "waiting":
            return said or "on its way"
        case "failed":
            return f"failed after {count(tries, 'try', 'tries')}: {said}" if said else "failed"
        case "gone":
            return f"switched off: {said}" if said else "switched off by the receiver"
        case "cancelled":
            return f"not sent: {said}" if said else "not sent"


def _write(entry: Delivery) -> str:
    packed = msgspec.msgpack.encode(_Place(entry.created_at, entry.id))
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read(cursor: str | None) -> _Place | None:
    if not cursor:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.msgpack.decode(packed, type=_Place)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as e:
        raise BadPlace(f"cursor {cursor[:80]!r} was not given by this list; start without one") from e
