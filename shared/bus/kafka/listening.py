"""Kafka's word of partitions that come and go, brought to the thread that polls."""

from collections.abc import Callable

from kafka.consumer.subscription_state import AsyncConsumerRebalanceListener
from kafka.future import Future
from kafka.structs import TopicPartition

from shared.bus.kafka.connection import Connection, Network
from shared.bus.kafka.turns import Turns
from shared.bus.port import AssignmentListener, Partition


class KafkaListener(AsyncConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Hands each call to the thread that polls, and lets the network loop go on until it is done."""

    def __init__(
        self, connection: Connection, turns: Turns, network: Network, hears: AssignmentListener
    ) -> None:
        self._connection = connection
        self._turns = turns
        self._network = network
        self._hears = hears

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """These came."""
        await self._hand_over(self._hears.assigned, assigned)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """These are about to go."""
        await self._hand_over(self._hears.revoked, revoked)

    async def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """These are gone."""
        await self._hand_over(self._hears.lost, lost)

    async def _hand_over(
        self, call: Callable[[frozenset[Partition]], None], partitions: set[TopicPartition]
    ) -> None:
        places = self._connection.all_at_home(partitions)
        done = Future()

        def tell() -> None:
            try:
                call(places)
            finally:
                done.success(None)
                self._network.wake()

        self._turns.ask(tell)
        await done
