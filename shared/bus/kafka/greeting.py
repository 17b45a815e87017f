"""The first words with a broker, so that what keeps us apart is told at once and by name.

kafka-python tries again and again and in the end knows no more than that nothing came of it. Here each address is
asked once, in the few requests that are needed: what it understands, how we prove who we are, and where it sends its
clients. https://kafka.apache.org/protocol
"""

import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kafka.net.sasl import get_sasl_mechanism

from shared.bus.kafka.security import KafkaSecurity
from shared.bus.port import BusError, BusUnavailable

# Requests by their number in the protocol.
_METADATA, _LEAVE_GROUP, _HANDSHAKE, _VERSIONS, _AUTHENTICATE = 3, 13, 17, 18, 36
_OLDEST = "2.4"
"""Members with a name of their own can be taken out of a group from this version on: `LeaveGroup` 3."""

# A web server takes this for the end of a request and answers, where it would wait in silence otherwise.
_CLIENT = b"heritage-wire\r\n\r\n"
_LONGEST = 4 * 2**20
_UNSUPPORTED_MECHANISM, _NO_PASSWORDS_HERE = 33, 34


class _Strange(Exception):
    """What came is no answer of Kafka's; holds its first bytes."""

    def __init__(self, first: bytes) -> None:
        super().__init__(first)
        self.first = first


def fault_of(address: str, security: KafkaSecurity, within: float) -> BusError | None:
    """What is wrong with the broker at `address` (`host:port`), or with what we come with; None when nothing is.

    Takes up to `within` seconds. BusUnavailable is what may pass by itself.
    """
    place = _place(address)
    if place is None:
        return _no_address(address)
    name = f"Kafka at {address}"
    try:
        _meet(_Meeting(name, *place, security, time.monotonic() + within))
    except BusError as fault:
        return fault
    except TimeoutError:
        return BusUnavailable(
            f"{name} gives no answer within {within:g} s: wait if it is starting, else check that HERITAGE_WIRE_BUS "
            "is its address and that no firewall is between"
        )
    except _Strange as fault:
        return _stranger(name, fault.first, security)
    except ssl.SSLCertVerificationError as fault:
        return _no_trust(name, fault.verify_message)
    except ssl.SSLError as fault:
        return _no_tls(name, fault.reason or str(fault), security)
    except (ConnectionResetError, BrokenPipeError) as fault:
        return _no_tls(name, str(fault), security) if security.tls else _stranger(name, b"", security)
    except UnicodeError:  # a host that cannot even be asked for
        return _no_address(address)
    except OSError as fault:
        return BusUnavailable(
            f"{name} cannot be reached ({fault.strerror or fault}): start it, or set HERITAGE_WIRE_BUS to its address"
        )
    return None


@dataclass(frozen=True, slots=True)
class _Meeting:
    name: str
    host: str
    port: int
    security: KafkaSecurity
    deadline: float

    def left(self) -> float:
        """Seconds. Raises TimeoutError when none are."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def _meet(meeting: _Meeting) -> None:
    """Raises BusError, _Strange, OSError."""
    with _wire(meeting) as wire:
        broker = _Broker(wire, meeting)
        known = broker.versions()
        if known.get(_LEAVE_GROUP, 0) < 3:
            raise BusError(
                f"{meeting.name} is older than Kafka {_OLDEST}, the first we work with: upgrade it"
            )
        broker.prove()
        if known.get(_METADATA, 0) >= 1:
            _check_ways(meeting, broker.sends_to())


def _check_ways(meeting: _Meeting, places: list[tuple[str, int]]) -> None:
    """Clients go on to the addresses that a broker names. Raises BusUnavailable when none of them can be reached."""
    if not places or (meeting.host, meeting.port) in places:
        return
    why = ""
    for number, (host, port) in enumerate(places):
        try:
            # A share of the time each, so that one that keeps silent leaves some to the others.
            patience = meeting.left() / (len(places) - number)
            socket.create_connection((host, port), timeout=patience).close()
        except OSError as fault:
            why = why or f"{host}:{port}, which cannot be reached ({fault.strerror or 'no answer'})"
        else:
            return
    raise BusUnavailable(
        f"{meeting.name} answers and sends its clients on to {why}: set advertised.listeners of the broker to an "
        "address that is known on this machine"
    )


@contextmanager
def _wire(meeting: _Meeting) -> Iterator[socket.socket]:
    context = meeting.security.context()
    with socket.create_connection((meeting.host, meeting.port), timeout=meeting.left()) as wire:
        if context is None:
            yield wire
            return
        with context.wrap_socket(wire, server_hostname=meeting.host) as encrypted:
            yield encrypted


class _Broker:
    """The other side, asked one thing after the other."""

    def __init__(self, wire: socket.socket, meeting: _Meeting) -> None:
        self._wire = wire
        self._meeting = meeting
        self._asked = 0

    def versions(self) -> dict[int, int]:
        """Of each request it understands the highest version."""
        answer = self._ask(_VERSIONS, 0)
        answer.number("h")
        found = {}
        for _ in range(answer.number("i")):
            request, _least, most = (answer.number("h") for _ in range(3))
            found[request] = most
        return found

    def prove(self) -> None:
        """Say who we are, in the way it wants. Raises BusError."""
        wanted, name = self._meeting.security.mechanism, self._meeting.name
        answer = self._ask(_HANDSHAKE, 1, _text(wanted or "none"))
        error = answer.number("h")
        offered = [answer.text() for _ in range(answer.number("i"))]
        if wanted is None and error == _UNSUPPORTED_MECHANISM:
            raise BusError(
                f"{name} asks for a user and a password ({', '.join(offered)}): set HERITAGE_WIRE_KAFKA_MECHANISM, "
                "HERITAGE_WIRE_KAFKA_USERNAME and HERITAGE_WIRE_KAFKA_PASSWORD"
            )
        if wanted is not None and error == _UNSUPPORTED_MECHANISM:
            raise BusError(
                f"{name} takes no passwords by {wanted}: set HERITAGE_WIRE_KAFKA_MECHANISM to {' or '.join(offered)}"
            )
        if wanted is not None and error == _NO_PASSWORDS_HERE:
            raise BusError(
                f"{name} asks for no user and password: unset HERITAGE_WIRE_KAFKA_MECHANISM, "
                "HERITAGE_WIRE_KAFKA_USERNAME and HERITAGE_WIRE_KAFKA_PASSWORD, or use the address where it does"
            )
        if wanted is not None and not error:
            self._log_in(wanted)

    def sends_to(self) -> list[tuple[str, int]]:
        """Host and port of every broker, as clients are told them."""
        answer = self._ask(_METADATA, 1, struct.pack(">i", 0))
        places = []
        for _ in range(answer.number("i")):
            answer.number("i")
            places.append((answer.text(), answer.number("i")))
            answer.text()
        return places

    def _log_in(self, mechanism: str) -> None:
        options = self._meeting.security.options()
        dialogue = get_sasl_mechanism(mechanism)(host=self._meeting.host, **options)
        while not dialogue.is_done():
            token = dialogue.auth_bytes()
            answer = self._ask(_AUTHENTICATE, 0, struct.pack(">i", len(token)) + token)
            error, said = answer.number("h"), answer.text()
            if error:
                raise BusError(
                    f"{self._meeting.name} does not take the user {self._meeting.security.username!r} with this "
                    f"password ({said}): check HERITAGE_WIRE_KAFKA_USERNAME and HERITAGE_WIRE_KAFKA_PASSWORD"
                )
            try:
                dialogue.receive(answer.bytes(answer.number("i")))
            except (ValueError, KeyError) as fault:
                raise BusError(
                    f"{self._meeting.name} does not prove that it knows the password of "
                    f"{self._meeting.security.username!r}: check HERITAGE_WIRE_BUS"
                ) from fault

    def _ask(self, request: int, version: int, body: bytes = b"") -> "_Answer":
        self._asked += 1
        head = struct.pack(">hhih", request, version, self._asked, len(_CLIENT)) + _CLIENT
        self._wire.settimeout(self._meeting.left())
        self._wire.sendall(struct.pack(">i", len(head + body)) + head + body)
        first = self._receive(4)
        (size,) = struct.unpack(">i", first)
        if not 4 <= size <= _LONGEST:
            raise _Strange(first)
        answer = _Answer(self._receive(size))
        if answer.number("i") != self._asked:
            raise _Strange(first)
        return answer

    def _receive(self, size: int) -> bytes:
        """So many bytes. Raises _Strange with those that came when it hangs up before."""
        parts: list[bytes] = []
        while size > 0:
            self._wire.settimeout(self._meeting.left())
            try:
                part = self._wire.recv(min(size, 65536))
            except ConnectionResetError:
                part = b""
            if not part:
                raise _Strange(b"".join(parts))
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


class _Answer:
    """Bytes, read from front to back; what is too short is not Kafka's."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, kind: str) -> int:
        """The next number: `h` of two bytes, `i` of four."""
        (number,) = struct.unpack(f">{kind}", self.bytes(struct.calcsize(f">{kind}")))
        return int(number)

    def text(self) -> str:
        """The next text; empty for one that is absent."""
        return self.bytes(max(0, self.number("h"))).decode("utf-8", "replace")

    def bytes(self, size: int) -> bytes:
        """The next bytes."""
        piece = self._data[self._at : self._at + max(0, size)]
        if len(piece) < size:
            raise _Strange(self._data[:4])
        self._at += len(piece)
        return piece


def _stranger(name: str, first: bytes, security: KafkaSecurity) -> BusError:
    """Whom we met instead of Kafka, told by its first bytes."""
    if first[:2] == b"\x15\x03":  # an alert of TLS
        return BusError(f"{name} asks for TLS: set HERITAGE_WIRE_KAFKA_TLS=true")
    if first[:4] in (b"HTTP", b"<!DO", b"<htm"):
        return BusError(
            f"{name} answers as a web server does: set HERITAGE_WIRE_BUS to the address of Kafka itself"
        )
    if first:
        return BusError(
            f"{name} does not answer as Kafka does: set HERITAGE_WIRE_BUS to the address of Kafka itself"
        )
    tls = "" if security.tls else "set HERITAGE_WIRE_KAFKA_TLS=true if it asks for TLS, else "
    return BusUnavailable(
        f"{name} hangs up without a word: {tls}check that HERITAGE_WIRE_BUS is its address, and try again if it is "
        "starting"
    )


def _no_trust(name: str, why: str) -> BusError:
    """That we do not take it for the one it says it is."""
    if "match" in why:
        return BusError(
            f"{name} shows a certificate for another name ({why}): write the address in HERITAGE_WIRE_BUS as its "
            "certificate has it"
        )
    return BusError(
        f"{name} shows a certificate that is not to be trusted ({why}): set HERITAGE_WIRE_KAFKA_CA to the file of the "
        "authority that signed it"
    )


def _no_tls(name: str, why: str, security: KafkaSecurity) -> BusError:
    """Why no encrypted connection came about."""
    if "ALERT" in why:
        ours = (
            "does not take our certificate" if security.certificate_file else "asks for a certificate of ours"
        )
        return BusError(
            f"{name} {ours} ({why}): set HERITAGE_WIRE_KAFKA_CERTIFICATE and HERITAGE_WIRE_KAFKA_KEY to one that it trusts"
        )
    return BusUnavailable(
        f"{name} speaks no TLS ({why}): unset HERITAGE_WIRE_KAFKA_TLS, or use the address where it does"
    )


def _no_address(address: str) -> BusError:
    if "@" in address:
        return BusError(
            f"Kafka at {address.rpartition('@')[2]}: no user and password stand in HERITAGE_WIRE_BUS: set "
            "HERITAGE_WIRE_KAFKA_MECHANISM, HERITAGE_WIRE_KAFKA_USERNAME and HERITAGE_WIRE_KAFKA_PASSWORD"
        )
    return BusError(
        f"Kafka at {address!r}: HERITAGE_WIRE_BUS is written kafka://host:port,host:port with its address"
    )


def _place(address: str) -> tuple[str, int] | None:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536 or set(host) & set("/@ "):
        return None
    return host, int(port)


def _text(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()
