"""How the bus reaches Kafka: one place for its clients' options, and Kafka's errors in the words of the port."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kafka.errors import (
    AuthorizationError,
    GroupAuthorizationFailedError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    TopicAuthorizationFailedError,
    UnknownMemberIdError,
    UnsupportedVersionError,
)
from kafka.net.compat import KafkaNetClient
from kafka.structs import TopicPartition

from shared.bus.kafka.greeting import fault_of
from shared.bus.kafka.security import KafkaSecurity
from shared.bus.port import BusError, BusUnavailable, Partition

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a question to Kafka may take in all, tries after a change of leader included."""

SECOND_LOOK = 3.0
"""Seconds to find out why a question came to nothing."""

_AGAIN_AFTER = 0.1
_HOPELESS = (
    AuthorizationError,
    KafkaConfigurationError,
    SaslAuthenticationFailedError,
    UnsupportedVersionError,
)


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
    security: KafkaSecurity = field(default_factory=KafkaSecurity)

    def open(self, client: Callable[..., T], network: Network | None = None, **options: Any) -> T:
        """One of kafka-python's clients, connected; nothing of it is left where it cannot connect."""
        network = network or Network()
        try:
            return client(**self._options(), **options, kafka_client=network.open)
        except BaseException as fault:
            network.close()
            if isinstance(fault, KafkaTimeoutError):
                self.check(SECOND_LOOK)  # kafka-python knows no more than that nothing came of it
            raise

    def check(self, within: float = PATIENCE) -> None:
        """Raise the first broker's fault when none can be worked with, in at most `within` seconds.

        Raises BusUnavailable for what may pass by itself, BusError for the rest.
        """
        faults = []
        addresses = self.address.split(",")
        for address in addresses:
            fault = fault_of(address, self.security, within / len(addresses))
            if fault is None:
                return
            faults.append(fault)
        raise faults[0]

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
        name, said = f"Kafka at {self.address}", _said(fault)
        if isinstance(fault, AuthorizationError):
            user = f"the user {self.security.username!r}" if self.security.username else "us"
            return BusError(
                f"{name} does not let {user} {self._forbidden(fault)}: give it rights to what begins with "
                f"{self.prefix!r}, as docs/operator.md lists them"
            )
        if isinstance(fault, SaslAuthenticationFailedError):
            return BusError(
                f"{name} does not take the user {self.security.username!r} with this password ({said}): check "
                "HERITAGE_WIRE_KAFKA_USERNAME and HERITAGE_WIRE_KAFKA_PASSWORD"
            )
        if isinstance(fault, _HOPELESS):
            return BusError(f"{name} cannot do what we ask ({said}): check that it is Kafka 2.4 or later")
        return BusUnavailable(
            f"{name} cannot be worked with now ({said}): wait if it is starting, else check that its brokers run and "
            "that HERITAGE_WIRE_BUS is its address"
        )

    def _forbidden(self, fault: AuthorizationError) -> str:
        """What we may not do, of which Kafka and kafka-python say different things in different places."""
        kinds = {TopicAuthorizationFailedError: "topic", GroupAuthorizationFailedError: "group"}
        found = re.search(rf"{re.escape(self.prefix)}[\w.-]+", str(fault)) if self.prefix else None
        if type(fault) in kinds and found:
            return f"use the {kinds[type(fault)]} {found[0]!r}"
        return f"do that ({_said(fault)})"

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
                    if not isinstance(fault, _HOPELESS):
                        self.check(SECOND_LOOK)
                    raise self.told(fault) from fault
            time.sleep(_AGAIN_AFTER)


def _said(fault: KafkaError) -> str:
    """Its name and what it says, without the number."""
    return " ".join(re.sub(r"^\[Error -?\d+\] ", "", str(fault)).removesuffix(": None").split())
