"""The client: one request, one answer, within limits, to nobody but whom the guard lets through."""

import http.client
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

import certifi
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError, IncompleteRead

from shared.outgoing.addresses import Networks
from shared.outgoing.answer import DELIVERY, DOCUMENT, KIB, Answer, Headers, Limits
from shared.outgoing.connection import (
    PlainConnection,
    Resolver,
    SecureConnection,
    Target,
    checked_places,
    connected,
    secured,
)
from shared.outgoing.decoding import ACCEPTED, PIECE, Undecodable, decoded
from shared.outgoing.errors import BadAnswer, OutgoingError, Refused, TimedOut, TooLarge
from shared.outgoing.urls import checked_url, redirect_target
from shared.outgoing.wire import Deadline, Wire

# Header names are tokens; values are visible Latin-1 with blanks and tabs between.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_REDIRECTS = (301, 302, 303, 307, 308)
# What a body says beside another status than 2xx is for people to look at; a little of it does.
_ASIDE = 64 * KIB
# Written by us alone: they say how the request is to be read.
_OURS = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "user-agent"}
)


class OutgoingClient:
    """Sends requests through the guard. Any number of threads may share one; nothing is kept between two requests.

    Each request looks its host up once (`resolver`), checks every address found and connects to one of those; no
    proxy, no cookie and no password is taken from the environment, and no redirect is followed. Certificates are
    checked against the system's authorities, and those in `ca_file` where there is one.
    """

    def __init__(
        self,
        networks: Networks,
        user_agent: str,
        *,
        resolver: Resolver = socket.getaddrinfo,
        clock: Callable[[], float] = time.monotonic,
        ca_file: Path | None = None,
    ) -> None:
        self._networks, self._user_agent = networks, user_agent
        self._resolver, self._clock = resolver, clock
        self._trust = _trust(ca_file)

    def get(self, url: str, headers: Mapping[str, str] | None = None, limits: Limits = DOCUMENT) -> Answer:
        """Ask for a document. Raises OutgoingError."""
        return self._ask("GET", url, None, headers or {}, limits)

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str] | None = None, limits: Limits = DELIVERY
    ) -> Answer:
        """Send a body; `headers` say what it is. Raises OutgoingError."""
        return self._ask("POST", url, body, headers or {}, limits)

    def check(self, url: str, limits: Limits = DOCUMENT) -> str:
        """The URL as it would be sent, once it is known that the guard lets it through. Sends nothing to the host.

        Raises Refused, and Unreachable or TimedOut where its name cannot be looked up.
        """
        sent = checked_url(url)
        target = Target.of(sent)
        checked_places(target, self._networks, self._resolver, self._deadline(target, limits))
        return sent

    def _deadline(self, target: Target, limits: Limits) -> Deadline:
        return Deadline(target.host, limits.total, self._clock)

    def _ask(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], limits: Limits
    ) -> Answer:
        sent = checked_url(url)
        target = Target.of(sent)
        lines = self._lines(headers, target)
        deadline = self._deadline(target, limits)
        places = checked_places(target, self._networks, self._resolver, deadline)
        sock = connected(places, target, limits.connect, deadline)
        if target.secure:
            sock = secured(sock, target, self._trust, deadline)
        wire = Wire(sock, deadline, limits)
        try:
            connection = (SecureConnection if target.secure else PlainConnection)(target, wire)
            with _faults_of_the_answer(target):
                connection.request(method, target.path, body, lines)
                response = connection.answer(method)
            with closing(response):
                return self._answer(sent, response, wire, target, limits, deadline)
        finally:
            wire.hang_up()

    def _lines(self, headers: Mapping[str, str], target: Target) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in _OURS or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise Refused(f"{target.host} was not asked: the header {name!r} cannot be sent", target.host)
        ours = {"user-agent": self._user_agent, "accept-encoding": ACCEPTED, "connection": "close"}
        return {"accept": "*/*"} | {name.lower(): value for name, value in headers.items()} | ours

    def _answer(
        self,
        sent: str,
        response: HTTPResponse,
        wire: Wire,
        target: Target,
        limits: Limits,
        deadline: Deadline,
    ) -> Answer:
        headers = Headers(response.headers.items())
        locations = response.headers.getlist("location")
        redirect = redirect_target(sent, locations[0]) if locations and response.status in _REDIRECTS else ""
        address = wire.address
        body, truncated = _body(response, target, limits)
        return Answer(
            url=sent,
            status=response.status,
            headers=headers,
            body=body,
            address=address,
            ms=deadline.passed() * 1000,
            redirect=redirect,
            truncated=truncated,
        )


def user_agent(contact: str) -> str:
    """How we introduce ourselves: name, version, and where to turn to (an address or URL; setting `contact`)."""
    name = f"HeritageWire/{version('heritage-wire')}"
    return f"{name} (+{contact.strip()})" if contact.strip() else name


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """The system's authorities, or certifi's where the system has none; `ca_file` comes on top."""
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not paths.cafile and not (paths.capath and any(Path(paths.capath).iterdir())):
        context.load_verify_locations(certifi.where())
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _body(response: HTTPResponse, target: Target, limits: Limits) -> tuple[bytes, bool]:
    """The body, and whether it was cut."""
    fine = 200 <= response.status < 300
    most = limits.body_bytes if fine else min(limits.body_bytes, _ASIDE)
    may_cut = limits.cut or not fine
    body = bytearray()
    try:
        with _faults_of_the_answer(target):
            declared = response.length_remaining
            if declared is not None and declared > limits.wire_bytes and not may_cut:
                raise TooLarge(
                    f"{target.host} wants to send {declared} bytes; {limits.wire_bytes} are allowed",
                    target.host,
                )
            encoding = response.headers.get("content-encoding", "")
            for piece in decoded(response.stream(PIECE), encoding, limits.body_bytes):
                room = most - len(body)
                body += piece[:room]
                if len(piece) > room:
                    raise TooLarge(f"{target.host} sends a document of more than {most} bytes", target.host)
    except (TooLarge, BadAnswer, TimedOut):
        if not may_cut:
            raise
        return bytes(body), True
    return bytes(body), False


@contextmanager
def _faults_of_the_answer(target: Target) -> Iterator[None]:
    """What http.client, urllib3 and the socket raise while an answer comes in, in our words."""
    try:
        yield
    except OutgoingError:
        raise
    except Undecodable as fault:
        raise BadAnswer(f"the answer of {target} cannot be read: {fault}", target.host) from fault
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as fault:
        raise BadAnswer(f"{target} did not answer properly: {_why(fault)}", target.host) from fault


def _why(fault: Exception) -> str:
    inner = fault.args[1] if len(fault.args) > 1 and isinstance(fault.args[1], Exception) else fault
    if isinstance(inner, IncompleteRead | http.client.IncompleteRead):
        return "the connection ended before the whole body had come"
    if isinstance(inner, http.client.RemoteDisconnected):
        return "it closed the connection without a word"
    if isinstance(inner, ConnectionError):
        return "the connection broke"
    if isinstance(inner, http.client.BadStatusLine | http.client.UnknownProtocol):
        return "what it speaks is not HTTP"
    return f"{type(inner).__name__}: {str(inner)[:100]!r}"
