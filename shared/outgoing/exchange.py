"""One exchange on a wire that stands: the request goes out, the answer comes in, whole or cut."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass

from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError, IncompleteRead, InvalidChunkLength

from shared.outgoing.answer import KIB, Answer, Headers, Limits
from shared.outgoing.connection import PlainConnection, SecureConnection, Target
from shared.outgoing.decoding import PIECE, Undecodable, decoded
from shared.outgoing.errors import BadAnswer, OutgoingError, TimedOut, TooLarge
from shared.outgoing.urls import redirect_target
from shared.outgoing.wire import Deadline, Wire

_REDIRECTS = (301, 302, 303, 307, 308)
# What a body says beside another status than 2xx is for people to look at; a little of it does.
_ASIDE = 64 * KIB


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of whom, checked and ready to be sent."""

    method: str
    url: str
    target: Target
    body: bytes | None
    headers: Mapping[str, str]
    limits: Limits


def exchanged(request: Request, wire: Wire, address: str, deadline: Deadline) -> Answer:
    """The answer to a request. Raises TimedOut, TooLarge, BadAnswer."""
    target = request.target
    connection = (SecureConnection if target.secure else PlainConnection)(target, wire)
    with _faults_in_words(target):
        connection.request(request.method, target.path, request.body, request.headers)
        response = connection.answer(request.method)
    with closing(response):
        if response.status < 200:
            raise BadAnswer(f"{target} answers {response.status} without having been asked to", target.host)
        body, truncated = _body(response, request)
    return Answer(
        url=request.url,
        status=response.status,
        headers=Headers(response.headers.items()),
        body=body,
        address=address,
        ms=deadline.passed() * 1000,
        redirect=_redirect(response, request.url),
        truncated=truncated,
    )


def _redirect(response: HTTPResponse, url: str) -> str:
    if response.status not in _REDIRECTS:
        return ""
    # Of several, browsers follow the first.
    location = next(iter(response.headers.getlist("location")), "").strip()
    return redirect_target(url, location) if location else ""


def _body(response: HTTPResponse, request: Request) -> tuple[bytes, bool]:
    """The body, and whether it was cut."""
    fine = 200 <= response.status < 300
    may_cut = request.limits.cut or not fine
    most = request.limits.body_bytes if fine else min(request.limits.body_bytes, _ASIDE)
    body = bytearray()
    try:
        with _faults_in_words(request.target):
            if not may_cut:
                _refuse_declared(response, request)
            for piece in decoded(
                response.stream(PIECE),
                response.headers.get("content-encoding", ""),
                request.limits.body_bytes,
            ):
                room = most - len(body)
                body += piece[:room]
                if len(piece) > room:
                    host = request.target.host
                    raise TooLarge(f"{host} sends a document of more than {most} bytes", host)
    except (TooLarge, BadAnswer, TimedOut):
        if not may_cut:
            raise
        return bytes(body), True
    return bytes(body), False


def _refuse_declared(response: HTTPResponse, request: Request) -> None:
    declared, allowed, host = response.length_remaining, request.limits.wire_bytes, request.target.host
    if declared is not None and declared > allowed:
        raise TooLarge(f"{host} wants to send {declared} bytes; {allowed} are allowed", host)


@contextmanager
def _faults_in_words(target: Target) -> Iterator[None]:
    """What http.client, urllib3 and the socket raise while an answer comes in, as errors of ours."""
    try:
        yield
    except OutgoingError:
        raise
    except Undecodable as fault:
        raise BadAnswer(f"the answer of {target} cannot be read: {fault}", target.host) from fault
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as fault:
        # http.client tells of too many headers by the base class alone.
        if isinstance(fault, http.client.LineTooLong) or type(fault) is http.client.HTTPException:
            raise TooLarge(f"{target.host} sends too many headers ({fault})", target.host) from fault
        raise BadAnswer(f"{target} gives no proper answer: {_why(fault)}", target.host) from fault


def _why(fault: Exception) -> str:
    inner = fault.args[1] if len(fault.args) > 1 and isinstance(fault.args[1], Exception) else fault
    if isinstance(inner, InvalidChunkLength):
        return "its body is chunked wrongly"
    if isinstance(inner, IncompleteRead | http.client.IncompleteRead):
        return "the connection ended before the whole body had come"
    if isinstance(inner, http.client.RemoteDisconnected):
        return "it closed the connection without a word"
    if isinstance(inner, ConnectionError):
        return "the connection broke"
    if isinstance(inner, http.client.BadStatusLine | http.client.UnknownProtocol):
        return "what it speaks is not HTTP"
    return f"{type(inner).__name__}: {str(inner)[:100]!r}"
