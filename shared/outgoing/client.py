"""The client: one request, one answer, within limits, to nobody but whom the guard lets through."""

import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import certifi

from shared.outgoing.addresses import Networks
from shared.outgoing.answer import DELIVERY, DOCUMENT, Answer, Limits
from shared.outgoing.connection import Resolver, Target, checked_places, connected, secured
from shared.outgoing.decoding import ACCEPTED
from shared.outgoing.errors import Refused
from shared.outgoing.exchange import Request, exchanged
from shared.outgoing.urls import checked_url
from shared.outgoing.wire import Deadline, Wire
from shared.settings import SettingsError

# Header names are tokens; values are visible Latin-1 with blanks and tabs between.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
_CONTACT = re.compile(r"[!-'*-\[\]-~]*")  # a comment's text (RFC 9110): no blank, bracket or backslash
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
        deadline = Deadline(target.host, limits.total, self._clock)
        checked_places(target, self._networks, self._resolver, deadline)
        return sent

    def _ask(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], limits: Limits
    ) -> Answer:
        sent = checked_url(url)
        target = Target.of(sent)
        request = Request(method, sent, target, body, self._lines(headers, target), limits)
        deadline = Deadline(target.host, limits.total, self._clock)
        places = checked_places(target, self._networks, self._resolver, deadline)
        sock, address = connected(places, target, limits.connect, deadline)
        try:
            if target.secure:
                sock = secured(sock, target, self._trust, deadline)
            return exchanged(request, Wire(sock, deadline, limits), address, deadline)
        finally:
            sock.close()

    def _lines(self, headers: Mapping[str, str], target: Target) -> dict[str, str]:
        for name, value in headers.items():
            if name.lower() in _OURS or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise Refused(f"{target.host} was not asked: the header {name!r} cannot be sent", target.host)
        ours = {"user-agent": self._user_agent, "accept-encoding": ACCEPTED, "connection": "close"}
        return {"accept": "*/*"} | {name.lower(): value for name, value in headers.items()} | ours


def user_agent(contact: str) -> str:
    """How we introduce ourselves: name, version, and whom to turn to (setting `contact`). Raises SettingsError."""
    name = f"HeritageWire/{version('heritage-wire')}"
    whom = contact.strip()
    if not _CONTACT.fullmatch(whom):
        raise SettingsError(
            f"HERITAGE_WIRE_CONTACT: {contact!r} cannot stand in a user agent: write a mail address or URL in plain ASCII"
        )
    return f"{name} (+{whom})" if whom else name


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
