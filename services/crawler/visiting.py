"""One visit to one address, with every manner kept: robots.txt first, then the page, and the host's wait afterwards."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

import msgspec
from msgspec.structs import replace

from services.crawler.manners import HOSTS, HostHold, Manners, hold_id, retry_after
from services.crawler.robots import Robots, Rules, origin_of
from services.crawler.schedule import duration
from shared.clock import Clock
from shared.contracts.messages import FetchRequest, Source
from shared.identity import host_of
from shared.outgoing.answer import Answer, Limits
from shared.outgoing.client import OutgoingClient
from shared.outgoing.errors import OutgoingError
from shared.store.port import Store, Write

MOST_REDIRECTS = 10
LONGEST_VALIDATOR = 500
# Holds shorter than this need not outlive a restart.
WORTH_KEEPING = 60.0


class NotNow(Exception):
    """Nothing was asked: the host may not be asked before `at`. `failed` when it could not be asked at all."""

    def __init__(self, why: str, at: datetime, *, failed: bool) -> None:
        super().__init__(why)
        self.at, self.failed = at, failed


class Disallowed(Exception):
    """robots.txt does not allow it."""


class BadRedirect(Exception):
    """It leads nowhere; says how."""


class Visitor:
    """Fetches, politely. Safe to use from several threads, for different hosts."""

    def __init__(self, client: OutgoingClient, manners: Manners, store: Store, clock: Clock) -> None:
        self._client, self._manners, self._store, self._clock = client, manners, store, clock
        self._robots = Robots(client, store, clock)
        self._lock = threading.Lock()
        self._answered_at: datetime | None = None

    @property
    def answered_at(self) -> datetime | None:
        """When any host answered last."""
        with self._lock:
            return self._answered_at

    def free_at(self, host: str) -> datetime:
        """The earliest moment for the next request to this host."""
        return self._manners.free_at(host)

    def load(self) -> None:
        """Take up what hosts asked of us before we were started."""
        now = self._clock()
        for stored in self._store.list(HOSTS):
            hold = msgspec.json.decode(stored.body, type=HostHold)
            if hold.until > now:
                self._manners.hold(hold.host, hold.until)
            else:
                self._store.delete(HOSTS, stored.id)

    def get(self, url: str, source: Source, headers: Mapping[str, str], limits: Limits) -> Answer:
        """Ask for an address. Raises NotNow, Disallowed, and OutgoingError as the client does."""
        rules = self._robots.known(origin_of(url))
        if rules is None:
            rules = self._ask_robots(url, source)
        if rules.wait_until is not None:
            raise NotNow(rules.says, rules.wait_until, failed=True)
        if not rules.allows(url):
            raise Disallowed(f"the robots.txt of {host_of(url)} does not allow it")
        host = host_of(url)
        try:
            answer = self._client.get(url, headers, limits)
        except OutgoingError:
            self._manners.asked(host, self._clock(), delay=source.delay, crawl_delay=rules.crawl_delay)
            raise
        self._answered(host, answer.address, source, rules.crawl_delay)
        self._hold(host, answer)
        return answer

    def _ask_robots(self, url: str, source: Source) -> Rules:
        host = host_of(url)
        rules, address = self._robots.fetch(origin_of(url))
        if address:
            self._answered(host, address, source, rules.crawl_delay)
        now = self._clock()
        free_at = self._manners.free_at(host)
        if address and rules.wait_until is None and free_at > now:
            wait = duration((free_at - now).total_seconds())
            raise NotNow(f"its host is asked again in {wait}", free_at, failed=False)
        return rules

    def _answered(self, host: str, address: str, source: Source, crawl_delay: float) -> None:
        now = self._clock()
        self._manners.asked(host, now, delay=source.delay, crawl_delay=crawl_delay, address=address)
        with self._lock:
            self._answered_at = now

    def _hold(self, host: str, answer: Answer) -> None:
        now = self._clock()
        wait = retry_after(answer.status, answer.headers, now)
        if not wait:
            return
        until = now + timedelta(seconds=wait)
        self._manners.hold(host, until)
        if wait >= WORTH_KEEPING:
            hold = HostHold(host=host, until=until, why=status_words(answer.status))
            self._store.put(Write(HOSTS, hold_id(host), msgspec.json.encode(hold)))


def redirected(request: FetchRequest, answer: Answer) -> FetchRequest:
    """The request that follows a redirect; the host it leads to has manners of its own. Raises BadRedirect."""
    target = answer.redirect
    if not target.startswith(("http://", "https://")) or not host_of(target):
        raise BadRedirect(f"it redirects to {target[:200]!r}, which is no web address")
    chain = (*request.chain, request.url)
    if target in chain:
        raise BadRedirect(f"it redirects in a circle: {' → '.join((*chain[-3:], target))[:300]}")
    if len(chain) > MOST_REDIRECTS:
        raise BadRedirect(f"it redirects more than {MOST_REDIRECTS} times")
    return replace(request, url=target, chain=chain)


def validator(answer: Answer, name: str) -> str | None:
    """`etag` or `last-modified` as we may send it back; None for what is too long or could not be sent."""
    value = answer.headers.get(name, "").strip()
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= LONGEST_VALIDATOR else None


def status_words(status: int) -> str:
    """A status as people know it: 404 (not found)."""
    try:
        return f"{status} ({HTTPStatus(status).phrase.lower()})"
    except ValueError:
        return str(status)
