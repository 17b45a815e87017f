"""robots.txt (RFC 9309): fetched through the guard, kept for a day, read by protego.

2xx             its rules hold
4xx             there is none: everything is allowed (401 and 403 count as that too, says the RFC)
5xx, 429, or
nobody there    nothing is allowed for now: rules read earlier hold on, else the host waits and is asked again;
                after 30 days of that it counts as having none
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urljoin, urlsplit

import msgspec
from protego import Protego

from shared.clock import Clock
from shared.contracts.article import Struct
from shared.contracts.wire import derived_id
from shared.outgoing.answer import Answer, Limits
from shared.outgoing.client import OutgoingClient
from shared.outgoing.errors import OutgoingError, Refused
from shared.store.port import Store, Write

AGENT = "HeritageWire"
COLLECTION = "robots"
LARGEST = 500 * 1024
MOST_REDIRECTS = 5
FRESH = timedelta(days=1)
FIRST_RETRY, FIRST_RETRY_AWAY, LONGEST_RETRY = timedelta(minutes=5), timedelta(seconds=10), timedelta(hours=6)
GIVE_UP = timedelta(days=30)
LIMITS = Limits(total=20.0, wire_bytes=LARGEST + 64 * 1024, body_bytes=LARGEST, cut=True)
# Parsed rules kept in memory; the store has all.
MOST_PARSED = 2000


class RobotsRecord(Struct, frozen=True, kw_only=True):
    """What is known of the robots.txt of one origin (scheme, host, port), until `expires_at`.

    `failing_since` is set while it cannot be read; `body` then holds what was read before, if anything was.
    """

    origin: str
    state: Literal["read", "absent", "unreachable"]
    body: str = ""
    says: str = ""
    expires_at: datetime
    failures: int = 0
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What an origin asks of us. `wait_until` is set while that is not known: nothing may be fetched before."""

    parsed: Protego
    wait_until: datetime | None = None
    says: str = ""

    def allows(self, url: str) -> bool:
        """Whether this address may be fetched."""
        return bool(self.parsed.can_fetch(url, AGENT))

    @property
    def crawl_delay(self) -> float:
        """Seconds between two requests as the rules ask for; 0 when they do not."""
        delay = self.parsed.crawl_delay(AGENT) or 0.0
        rate = self.parsed.request_rate(AGENT)
        return max(float(delay), rate.seconds / rate.requests if rate and rate.requests else 0.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What asking for a robots.txt came to: an answer with a status, or words for why there is none."""

    status: int
    body: bytes = b""
    says: str = ""
    address: str = ""


class Robots:
    """The rules of every origin, fetched when they are needed. Safe to use from several threads."""

    def __init__(self, client: OutgoingClient, store: Store, clock: Clock) -> None:
        self._client, self._store, self._clock = client, store, clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[RobotsRecord, Rules]] = OrderedDict()

    def known(self, origin: str) -> Rules | None:
        """The rules of an origin; None when they have to be fetched first."""
        with self._lock:
            found = self._known.get(origin)
        if found is None:
            stored = self._store.get(COLLECTION, derived_id(origin))
            if stored is None:
                return None
            found = self._keep(msgspec.json.decode(stored.body, type=RobotsRecord))
        record, rules = found
        return rules if self._clock() < record.expires_at else None

    def fetch(self, origin: str) -> tuple[Rules, str]:
        """Ask for the rules, and keep them. Returns them with the IP address that answered ('' if none did).

        Raises Refused when the guard does not let us talk to this host at all.
        """
        outcome = self._ask(f"{origin}/robots.txt")
        stored = self._store.get(COLLECTION, derived_id(origin))
        earlier = msgspec.json.decode(stored.body, type=RobotsRecord) if stored else None
        record = record_of(origin, outcome, earlier, self._clock())
        self._store.put(Write(COLLECTION, derived_id(origin), msgspec.json.encode(record)))
        return self._keep(record)[1], outcome.address

    def _keep(self, record: RobotsRecord) -> tuple[RobotsRecord, Rules]:
        found = record, rules_of(record)
        with self._lock:
            self._known[record.origin] = found
            self._known.move_to_end(record.origin)
            while len(self._known) > MOST_PARSED:
                self._known.popitem(last=False)
        return found

    def _ask(self, url: str) -> Outcome:
        seen: list[str] = []
        address = ""
        while len(seen) <= MOST_REDIRECTS:
            seen.append(url)
            try:
                answer = self._client.get(url, limits=LIMITS)
            except Refused:
                if len(seen) == 1:
                    raise
                # It points where nobody may go: as good as none.
                return Outcome(404, address=address)
            except OutgoingError as e:
                return Outcome(0, says=f"cannot be reached: {e}", address=address)
            address = address or answer.address
            if not answer.redirect or answer.redirect in seen:
                return _outcome(answer, address)
            url = urljoin(url, answer.redirect)
        return Outcome(404, address=address)


def _outcome(answer: Answer, address: str) -> Outcome:
    if answer.status == 429 or answer.status >= 500:
        return Outcome(0, says=f"its robots.txt cannot be read: it answers {answer.status}", address=address)
    return Outcome(answer.status, answer.body, address=address)


def origin_of(url: str) -> str:
    """Scheme, host and port of an address: whatever shares one robots.txt."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def record_of(origin: str, outcome: Outcome, earlier: RobotsRecord | None, now: datetime) -> RobotsRecord:
    """What is to be kept after asking. A pure function of the outcome, what was known, and the time."""
    if 200 <= outcome.status < 300:
        body = outcome.body[:LARGEST].decode("utf-8-sig", "replace")
        return RobotsRecord(origin=origin, state="read", body=body, expires_at=now + FRESH)
    if outcome.status:
        return RobotsRecord(origin=origin, state="absent", expires_at=now + FRESH)
    failures = earlier.failures + 1 if earlier else 1
    since = earlier.failing_since if earlier and earlier.failing_since else now
    # A host that answers with an error is left alone for longer than one that is not there.
    first = FIRST_RETRY if outcome.address else FIRST_RETRY_AWAY
    retry = now + min(LONGEST_RETRY, first * 2.0 ** min(failures - 1, 12))
    had_rules = earlier is not None and earlier.state == "read"
    state: Literal["read", "absent", "unreachable"] = "read" if had_rules else "unreachable"
    if not had_rules and now - since > GIVE_UP:
        state = "absent"
    return RobotsRecord(
        origin=origin,
        state=state,
        body=earlier.body if had_rules and earlier else "",
        says=outcome.says,
        expires_at=retry,
        failures=failures,
        failing_since=since,
    )


def rules_of(record: RobotsRecord) -> Rules:
    """The rules a record stands for."""
    if record.state == "unreachable":
        return Rules(Protego.parse("User-agent: *\nDisallow: /"), record.expires_at, record.says)
    return Rules(Protego.parse(record.body))
