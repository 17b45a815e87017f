"""How the bus reaches Kafka: addresses, TLS and passwords, and Kafka's errors in the words of the port."""

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
    SaslAuthenticationFailedError,
    UnsupportedVersionError,
)
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
_WITHOUT_SCHEME = "kafka://"


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


@dataclass(frozen=True, slots=True)
class Connection:
    """What every client of one bus has in common. `prefix` stands before the names of topics and groups in Kafka."""

    address: str
    prefix: str = ""
    security: KafkaSecurity = KafkaSecurity()

    def options(self) -> dict[str, Any]:
        """For any of kafka-python's clients."""
        return {
            "bootstrap_servers": self.address.removeprefix(_WITHOUT_SCHEME).split(","),
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
        """What Kafka answers; asked again for a while where another try may work. Raises BusUnavailable, BusError."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return question()
            except KafkaError as fault:
                if not fault.retriable or time.monotonic() + _AGAIN_AFTER > deadline:
                    raise self.told(fault) from fault
            time.sleep(_AGAIN_AFTER)


def _said(fault: KafkaError) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
