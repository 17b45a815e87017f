"""How often a host may be asked. One instance per crawler; safe to use from several threads."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from shared.contracts.article import Struct
from shared.contracts.wire import derived_id
from shared.outgoing.addresses import Networks

# Seconds between two requests to a host, when nothing else is said, and the least on the public internet.
DELAY = 5.0
# A crawl-delay of days is honoured as this: whoever wants no robots says so with `Disallow`.
LONGEST_CRAWL_DELAY = 3600.0
AFTER_429 = 30.0
AFTER_503 = 60.0
LONGEST_HOLD = 86400.0
HOSTS = "hosts"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# Hosts remembered; beyond that those are forgotten that may be asked again anyway.
MOST_HOSTS = 50_000


class HostHold(Struct, frozen=True, kw_only=True):
    """A host that asked us to wait, as the store keeps it over a restart."""

    host: str
    until: datetime
    why: str


def hold_id(host: str) -> str:
    """The id of a host's record in the store."""
    return derived_id(host)


class Manners:
    """When each host may be asked next."""

    def __init__(self, networks: Networks, delay: float = DELAY) -> None:
        self._networks = networks
        self._delay = delay
        self._lock = threading.Lock()
        self._free_at: dict[str, datetime] = {}
        self._addresses: dict[str, str] = {}

    def free_at(self, host: str) -> datetime:
        """The earliest moment for the next request to this host; long ago when nothing is known of it."""
        with self._lock:
            return self._free_at.get(host, LONG_AGO)

    def asked(
        self, host: str, now: datetime, *, delay: float | None, crawl_delay: float = 0.0, address: str = ""
    ) -> None:
        """A request to the host has ended. `delay` is its source's, `crawl_delay` that of robots.txt, in seconds.

        `address` is the IP address that answered, if one did: inside the networks that the operator opened, `delay`
        may be short.
        """
        with self._lock:
            if len(self._free_at) >= MOST_HOSTS:
                self._free_at = {h: at for h, at in self._free_at.items() if at > now}
                self._addresses = {h: a for h, a in self._addresses.items() if h in self._free_at}
            if address:
                self._addresses[host] = address
            known = self._addresses.get(host, "")
        wait = max(self._wait(host, delay, known), min(crawl_delay, LONGEST_CRAWL_DELAY))
        self.hold(host, now + timedelta(seconds=wait))

    def hold(self, host: str, until: datetime) -> None:
        """Ask this host nothing before `until`; a longer wait stays."""
        with self._lock:
            self._free_at[host] = max(until, self._free_at.get(host, LONG_AGO))

    def _wait(self, host: str, delay: float | None, address: str) -> float:
        if delay is None:
            return self._delay
        ours = any(host == own for own, _ in self._networks.own) or (address and self.is_ours(address))
        return delay if delay >= self._delay or ours else self._delay

    def is_ours(self, address: str) -> bool:
        """Whether an IP address lies inside the networks that the operator opened."""
        try:
            return ip_address(address.partition("%")[0]) in self._networks
        except ValueError:
            return False


def retry_after(status: int, headers: Mapping[str, str], now: datetime) -> float:
    """The seconds to wait after an answer that says "not now" (429, 503); 0 for every other."""
    if status not in (429, 503):
        return 0.0
    least = AFTER_429 if status == 429 else AFTER_503
    return min(LONGEST_HOLD, max(least if status == 429 else 0.0, _told(headers, now, least)))


def _told(headers: Mapping[str, str], now: datetime, otherwise: float) -> float:
    """Retry-After: seconds, or an HTTP date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) <= 12:
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return otherwise
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())


def max_age(headers: Mapping[str, str]) -> float:
    """The seconds for which `cache-control` says that nothing changes; 0 when it says nothing of the kind."""
    for part in headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip('" ')
        if name == "max-age" and value.isascii() and value.isdigit() and len(value) <= 12:
            return float(value)
        if name in ("no-cache", "no-store"):
            return 0.0
    return 0.0
