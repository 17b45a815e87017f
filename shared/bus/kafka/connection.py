"""How the bus reaches Kafka: addresses, TLS and passwords, and Kafka's errors in the words of the port."""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from kafka.errors import (
    AuthorizationError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnknownMemberIdError,
    UnsupportedVersionError,
)
from kafka.net.compat import KafkaNetClient
from kafka.structs import TopicPartition

from shared.bus.port import BusError, BusUnavailable, Partition

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a question to Kafka may take in all, tries after a change of leader included."""

_AGAIN_AFTER = 0.1
_HOPELESS = (
    AuthorizationError,
    KafkaConfigurationError,
    SaslAuthenticationFailedError,
    UnsupportedVersionError,
)


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """How connections are protected. The default is none: only for a broker on the same machine or a closed network.

    `tls` encrypts and checks the broker's certificate against `ca_file`, else against the authorities this system
    trusts; a certificate and key of our own are for brokers that ask for them. `mechanism` names how the name and
    password are given.
    """

    tls: bool = False
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = field(default=None, repr=False)
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises ValueError for a half-made choice."""
        if (self.mechanism is None) != (self.username is None) or (self.username is None) != (
            self.password is None
        ):
            raise ValueError(
                "Kafka: a mechanism (PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512), a user name and a password belong "
                "together: give all three or none"
            )
        if not self.tls and (self.ca_file or self.certificate_file or self.key_file):
            raise ValueError("Kafka: certificates are given and TLS is off: turn it on")

    def options(self) -> dict[str, Any]:
        """In kafka-python's terms."""
        return {
            "security_protocol": ("SASL_" if self.mechanism else "") + ("SSL" if self.tls else "PLAINTEXT"),
            "ssl_cafile": _text(self.ca_file),
            "ssl_certfile": _text(self.certificate_file),
            "ssl_keyfile": _text(self.key_file),
            "ssl_password": self.key_password,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


class Network:
    """The network loop of one of kafka-python's clients, which asks for it through `open`."""

    def __init__(self) -> None:
        self._client: KafkaNetClient | None = None

    def open(self, **options: Any) -> KafkaNetClient:
        """What the client is given when it starts."""
        self._client = KafkaNetClient(**options)
        return self._client

    def wake(self) -> None:
        """Have the loop look at what another thread left for it."""
        if self._client is not None:
            self._client.wakeup()

    def close(self) -> None:
        """End the loop, whatever its client still waits for. May be called twice."""
        if self._client is not None:
            self._client.close()


@dataclass(frozen=True, slots=True)
class Connection:
    """What every client of one bus has in common. `prefix` stands before the names of topics and groups in Kafka."""

    address: str
    prefix: str = ""
    security: KafkaSecurity = KafkaSecurity()

    def open(self, client: Callable[..., T], network: Network | None = None, **options: Any) -> T:
        """One of kafka-python's clients, connected; nothing of it is left where it cannot connect."""
        network = network or Network()
        with _overhearing() as refusals:
            try:
                return client(**self._options(), **options, kafka_client=network.open)
            except BaseException as fault:
                network.close()
                if refusals and isinstance(fault, KafkaTimeoutError):
                    raise refusals[-1] from fault
                raise

    def check(self) -> None:
        """Raise the first broker's fault when none can be spoken to, at once and in its own words.

        kafka-python would try for a while and say why in its log alone. Raises BusUnavailable, or BusError where the
        certificate is not to be trusted.
        """
        faults = []
        for address in self.address.split(","):
            fault = self._fault(address)
            if fault is None:
                return
            faults.append(fault)
        raise faults[0]

    def _fault(self, address: str) -> BusError | None:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        try:
            with socket.create_connection((host, int(port)), timeout=PATIENCE) as wire:
                if self.security.tls:
                    context = ssl.create_default_context(cafile=_text(self.security.ca_file))
                    context.wrap_socket(wire, server_hostname=host).close()
        except ssl.SSLCertVerificationError as fault:
            return BusError(
                f"Kafka at {address} shows a certificate that is not to be trusted: {fault.verify_message}: name the "
                "file of the authority that signed it"
            )
        except ValueError:
            return BusError(
                f"Kafka at {address!r}: that is no address; they are written host:port, with commas between"
            )
        except OSError as fault:
            return BusUnavailable(
                f"Kafka at {address} cannot be reached now: {fault.strerror or fault}: check that it runs and the address"
            )
        return None

    def _options(self) -> dict[str, Any]:
        return {
            "bootstrap_servers": self.address.split(","),
            "bootstrap_timeout_ms": int(PATIENCE * 1000),
            "request_timeout_ms": int(PATIENCE * 1000),
            "reconnect_backoff_max_ms": 1000,
            **self.security.options(),
        }

    def abroad(self, place: Partition) -> TopicPartition:
        """The partition as Kafka calls it."""
        return TopicPartition(self.prefix + place.topic, place.number)

    def at_home(self, partition: TopicPartition) -> Partition:
        """The partition as we call it."""
        return Partition(partition.topic.removeprefix(self.prefix), partition.partition)

    def all_at_home(self, partitions: Iterable[TopicPartition]) -> frozenset[Partition]:
        """The same for several."""
        return frozenset(map(self.at_home, partitions))

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Kafka's errors as the port's."""
        try:
            yield
        except KafkaError as fault:
            raise self.told(fault) from fault

    def told(self, fault: KafkaError) -> BusError:
        """One of Kafka's errors as one of the port's."""
        if isinstance(fault, _HOPELESS):
            return BusError(f"Kafka at {self.address} refuses: {_said(fault)}: check the user and its rights")
        return BusUnavailable(
            f"Kafka at {self.address} cannot be reached now: {_said(fault)}: check that it runs and the address"
        )

    def ask(self, question: Callable[[], T]) -> T:
        """What Kafka answers; asked again for a while where another try may work. Raises BusUnavailable, BusError,
        and UnknownMemberIdError as it comes, which says something of the question."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return question()
            except UnknownMemberIdError:
                raise
            except KafkaError as fault:
                if not fault.retriable or time.monotonic() + _AGAIN_AFTER > deadline:
                    raise self.told(fault) from fault
            time.sleep(_AGAIN_AFTER)


class _Refusals(logging.Handler):
    """Those that kafka-python tells its log while it tries again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[KafkaError] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep what no further try will change."""
        args = record.args if isinstance(record.args, tuple) else ()
        self.heard += [arg for arg in args if isinstance(arg, _HOPELESS)]


@contextmanager
def _overhearing() -> Iterator[list[KafkaError]]:
    handler, logger = _Refusals(), logging.getLogger("kafka.net")
    logger.addHandler(handler)
    try:
        yield handler.heard
    finally:
        logger.removeHandler(handler)


def _said(fault: KafkaError) -> str:
    return " ".join(str(fault).removesuffix(": None").split())


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
