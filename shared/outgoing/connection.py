"""From a name to a connected socket: looked up once, every address checked, connected to one of exactly those."""

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection

from shared.outgoing.addresses import SETTING, Networks, refusal
from shared.outgoing.errors import Refused, Unreachable
from shared.outgoing.urls import DEFAULT_PORTS, refused_port
from shared.outgoing.wire import Deadline, Wire

# As `socket.getaddrinfo(host, port, family, type)`.
Found = Sequence[tuple[Any, Any, int, str, Any]]
Resolver = Callable[[str, int, int, int], Found]
MOST_TRIED = 4  # addresses of one host
_FOLD = re.compile(r"[\r\n]+[ \t]*")


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of a checked URL that a connection needs."""

    secure: bool
    host: str  # ASCII; an IPv6 address without brackets
    port: int
    path: str  # with the query

    @classmethod
    def of(cls, url: str) -> "Target":
        """Those of a URL in the form that `checked_url` gives."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        port = parts.port or DEFAULT_PORTS[parts.scheme]
        return cls(parts.scheme == "https", parts.hostname or "", port, path)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a host that has been checked, as the socket takes it."""

    family: int
    sockaddr: tuple[Any, ...]

    @property
    def address(self) -> str:
        """The IP address."""
        return str(self.sockaddr[0])

    def inside(self, networks: Networks) -> bool:
        """Whether the operator has named its network, which opens every port there."""
        return ip_address(self.address.partition("%")[0]) in networks


def checked_places(target: Target, networks: Networks, resolver: Resolver, deadline: Deadline) -> list[Place]:
    """Where the host is. Raises Refused unless every one of its addresses, and the port there, may be connected to."""
    places = _literal(target) or _looked_up(target, resolver, deadline)
    if (target.host, target.port) in networks.own:
        return places
    for place in places:
        reason = refusal(place.address, networks)
        port = "" if place.inside(networks) else refused_port(target.port)
        if reason or port:
            where = "" if place.address == target.host else f"its address {place.address} is not for us: "
            hint = f"to allow it, name its network in {SETTING}"
            raise Refused(f"{target.host} was not asked: {where}{reason or port}; {hint}", target.host)
    return places


def connected(
    places: Sequence[Place], target: Target, seconds: float, deadline: Deadline
) -> tuple[socket.socket, str]:
    """A socket connected to the first place that answers, and its address. Raises Unreachable, TimedOut.

    The time is shared out over the places that are left, so a dead one does not use up all of it.
    """
    fault: OSError | None = None
    until = deadline.passed() + seconds
    tried = places[:MOST_TRIED]
    for number, place in enumerate(tried):
        share = max(until - deadline.passed(), 0.001) / (len(tried) - number)
        patience = min(deadline.left("while connecting"), share)
        try:
            return _opened(place, patience), place.address
        except OSError as e:
            fault = e
    why = "no answer in time" if isinstance(fault, TimeoutError) else _words(fault)
    addresses = ", ".join(dict.fromkeys(place.address for place in tried))
    raise Unreachable(f"nothing answers at {target} ({why}; tried {addresses})", target.host, "connection")


def secured(
    sock: socket.socket, target: Target, context: ssl.SSLContext, deadline: Deadline
) -> ssl.SSLSocket:
    """The socket with TLS on it, for the host's own name. Raises Unreachable, TimedOut."""
    sock.settimeout(deadline.left("before TLS"))
    try:
        secure = context.wrap_socket(sock, server_hostname=target.host)
    except ssl.SSLCertVerificationError as fault:
        why = fault.verify_message or str(fault)
        text = f"the certificate of {target} is not valid: {why.rstrip('.')}"
        raise Unreachable(text, target.host, "certificate") from fault
    except TimeoutError as fault:
        raise deadline.over("while TLS was agreed on") from fault
    except OSError as fault:
        raise Unreachable(f"no TLS with {target}: {_words(fault)}", target.host, "tls") from fault
    if secure.version() is None:  # so it is where the other side was gone before the first byte
        secure.close()
        raise Unreachable(f"no TLS with {target}: it closed the connection", target.host, "tls")
    return secure


class PlainConnection(HTTPConnection):
    """urllib3's connection on a wire that stands already: it looks nothing up and never connects by itself."""

    def __init__(self, target: Target, wire: Wire) -> None:
        super().__init__(target.host, target.port)
        self.sock = wire
        self.auto_open = 0
        self._wire = wire

    def answer(self, method: str) -> HTTPResponse:
        """Status and headers, with the body still to be read."""
        # Not urllib3's own: it logs a warning with a traceback for every oddity in a header.
        raw = http.client.HTTPConnection.getresponse(self)
        self._wire.body_begins()
        return HTTPResponse(
            body=raw,
            headers=HTTPHeaderDict((name, _FOLD.sub(" ", value)) for name, value in raw.msg.items()),
            status=raw.status,
            reason=raw.reason,
            preload_content=False,
            decode_content=False,
            original_response=raw,
            request_method=method,
        )


class SecureConnection(PlainConnection):
    """The same where TLS is on the wire."""

    default_port = 443  # type: ignore[misc]


def _literal(target: Target) -> list[Place]:
    try:
        ip = ip_address(target.host)
    except ValueError:
        return []
    if isinstance(ip, IPv6Address):
        return [Place(socket.AF_INET6, (str(ip), target.port, 0, 0))]
    return [Place(socket.AF_INET, (str(ip), target.port))]


def _opened(place: Place, seconds: float) -> socket.socket:
    sock = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect(place.sockaddr)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock


def _looked_up(target: Target, resolver: Resolver, deadline: Deadline) -> list[Place]:
    try:
        found = _in_time(lambda: resolver(target.host, target.port, 0, socket.SOCK_STREAM), deadline)
    except socket.gaierror as fault:
        raise Unreachable(_no_name(target.host, fault), target.host, "name") from fault
    except (OSError, UnicodeError) as fault:
        text = f"the name {target.host} cannot be looked up: {_words(fault)}"
        raise Unreachable(text, target.host, "name") from fault
    families = (socket.AF_INET, socket.AF_INET6)
    places = [Place(family, tuple(sockaddr)) for family, _, _, _, sockaddr in found if family in families]
    if not places:
        raise Unreachable(f"the name {target.host} has no address", target.host, "name")
    return list(dict.fromkeys(places))


def _in_time(work: Callable[[], Found], deadline: Deadline) -> Found:
    """What `work` returns or raises. Raises TimedOut when it is late; a look-up cannot be ended, only left alone."""
    done: SimpleQueue[Found | Exception] = SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as fault:
            done.put(fault)

    threading.Thread(target=run, name=f"look up {deadline.host}", daemon=True).start()
    try:
        result = done.get(timeout=deadline.left("while its name was looked up"))
    except Empty:
        raise deadline.over("while its name was looked up") from None
    if isinstance(result, Exception):
        raise result
    return result


def _no_name(host: str, fault: socket.gaierror) -> str:
    if fault.errno == socket.EAI_NONAME:
        return f"the name {host} does not exist"
    if fault.errno == getattr(socket, "EAI_NODATA", None):
        return f"the name {host} has no address"
    if fault.errno == socket.EAI_AGAIN:
        return f"the name {host} cannot be looked up now: the name server gives no answer"
    return f"the name {host} cannot be looked up: {_words(fault)}"


def _words(fault: BaseException | None) -> str:
    """The system's own words, in lower case: connection refused, no route to host."""
    text = getattr(fault, "reason", None) or getattr(fault, "strerror", None) or str(fault)
    return str(text).replace("_", " ").lower()
