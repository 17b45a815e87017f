"""Sending digests: what a carrier brings about when it comes."""

from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from services.alerter.delivery.digest import (
    Digest,
    Kept,
    digest_write,
    entries_of,
    find,
    fixed,
    held_write,
    moved_on,
)
from services.alerter.delivery.ledger import attempt_of, finished
from services.alerter.delivery.parcel import digest_parcel
from services.alerter.delivery.schedule import next_try
from services.alerter.delivery.sending import Sent
from services.alerter.delivery.standing import gone_write, standing
from services.alerter.delivery.trying import Trying
from shared.contracts.deliveries import Attempt, Delivery, delivery_write
from shared.contracts.messages import Alert
from shared.errors import TryAgain
from shared.runner.service import Handled
from shared.store.port import Store, VersionConflict


@dataclass(frozen=True, slots=True)
class _Case:
    """A digest with its members' entries, and the version of its subscription."""

    digest: Digest
    entries: tuple[Delivery, ...]
    version: int


class DigestDelivery:
    """Sends digests. Many threads may call `handle`, each with another subscription."""

    def __init__(self, store: Store, trying: Trying) -> None:
        self._store = store
        self._trying = trying

    def handle(self, carrier: Alert, now: datetime) -> Handled:
        """Do what is due for the digest of this carrier. Raises TryAgain."""
        kept = find(self._store, carrier.id)
        if kept is None:
            return Handled(ends="there is no such digest any more")
        if kept.digest.ended:
            return self._left_over(kept.digest)
        digest = self._fixed(kept)
        if digest.next_try and digest.next_try > now:
            return Handled(ends="is tried again later", again_at=digest.next_try)
        entries = entries_of(self._store, digest)
        stands = standing(self._store, carrier)
        case = _Case(digest, entries, stands.version)
        if stands.ended or not entries:
            why = stands.ended or "nothing is left to tell"
            return self._ended(case, Sent("cancelled", why), now)
        current = replace(carrier, channel=stands.channel)
        tried = self._trying.once(digest_parcel(digest.id, digest.day, current, entries, digest.due), now)
        if tried.sent is None:
            waits = digest_write(replace(digest, next_try=tried.wait_until))
            return Handled(remember=(waits,), ends="the receiver is left alone", again_at=tried.wait_until)
        return self._after(case, tried.sent, now, tried.ms)

    def _fixed(self, kept: Kept) -> Digest:
        try:
            return fixed(self._store, kept)
        except VersionConflict as e:
            raise TryAgain(f"digest {kept.digest.id} changes under our hands; it comes again") from e

    def _left_over(self, digest: Digest) -> Handled:
        """A digest that ended: entries that could not be written then are written now."""
        last = digest.attempts[-1]
        sent = Sent(digest.ended or "failed", last.said)
        left = [finished(e, sent, last.at, last.ms) for e in entries_of(self._store, digest)]
        return Handled(remember=tuple(map(delivery_write, left)), ends=f"{digest.ended} already")

    def _after(self, case: _Case, sent: Sent, now: datetime, ms: float) -> Handled:
        """What a try makes of a digest: it ended, or waits for the next."""
        digest = case.digest
        tries = len(digest.attempts) + 1
        due = next_try(digest.id, tries, now, sent.not_before) if sent.result == "again" else None
        if due is None:
            given_up = Sent("failed", f"{sent.said}; given up after {tries} tries")
            return self._ended(case, given_up if sent.result == "again" else sent, now, ms)
        attempt = attempt_of(sent, now, ms)
        waits = _tried(digest, attempt, next_try=due)
        entries = (replace(e, attempts=(*e.attempts, attempt)) for e in case.entries)
        writes = (digest_write(waits), *(held_write(e, waits) for e in entries))
        return Handled(remember=writes, ends=sent.said, again_at=due)

    def _ended(self, case: _Case, sent: Sent, now: datetime, ms: float = 0.0) -> Handled:
        digest = replace(_tried(case.digest, attempt_of(sent, now, ms)), ended=sent.result)
        told = (delivery_write(finished(e, sent, now, ms)) for e in case.entries)
        gone = (gone_write(digest.carrier, case.version, now),) if sent.result == "gone" else ()
        late = moved_on(self._store, digest, now)
        return Handled(
            remember=(digest_write(digest), *told, *gone, *late), ends=f"{digest.ended}: {sent.said}"
        )


def _tried(digest: Digest, attempt: Attempt, next_try: datetime | None = None) -> Digest:
    return replace(digest, attempts=(*digest.attempts, attempt), next_try=next_try)
