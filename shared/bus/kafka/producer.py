"""Writing to Kafka: a batch is acknowledged by all replicas in sync, or the caller hears that it may not be."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from shared.bus.checking import check_record, unknown_topic
from shared.bus.kafka.connection import Connection
from shared.bus.kafka.topics import BATCH_BYTES, largest_batch
from shared.bus.partitioning import partition_of
from shared.bus.port import BusError, NewRecord, RecordTooLarge, TopicSettings

_DELIVERED_WITHIN = 30.0
_LINGER = 20


class KafkaBusProducer:
    """Writes records. Not safe to share between threads."""

    def __init__(
        self, connection: Connection, table: Mapping[str, TopicSettings], partitions: Mapping[str, int]
    ) -> None:
        self._connection = connection
        self._table = table
        self._partitions = partitions
        self._closed = False
        self._client: KafkaProducer | None = None

    def produce(self, records: Sequence[NewRecord]) -> None:
        """Write all and return when every one is durable; sizes and names are checked before anything is sent."""
        if self._closed:
            raise BusError("this producer is closed: open a new one")
        for record in records:
            self._check(record)
        if not records:
            return
        try:
            self._send(records)
        except BaseException as fault:
            # What the client still holds must not be written behind the back of a caller who writes it again, and
            # after a refused batch it refuses others too.
            self._drop_client()
            if isinstance(fault, MessageSizeTooLargeError | RecordListTooLargeError):
                raise RecordTooLarge(
                    f"Kafka at {self._connection.address} takes no batch as large as one of topics "
                    f"{sorted({record.topic for record in records})}: raise max.message.bytes of the topic, and "
                    f"message.max.bytes of the brokers ({fault})"
                ) from fault
            if isinstance(fault, KafkaError):
                raise self._connection.told(fault) from fault
            raise

    def close(self) -> None:
        """Release the connection. May be called twice."""
        self._closed = True
        self._drop_client()

    def _send(self, records: Sequence[NewRecord]) -> None:
        if self._client is None:
            self._client = self._new_client()
        deadline = time.monotonic() + _DELIVERED_WITHIN
        pending = [
            self._client.send(
                self._connection.prefix + record.topic,
                record.value,
                record.key.encode(),
                headers=[(name, value.encode()) for name, value in record.headers.items()],
                partition=partition_of(record.key, self._partitions[record.topic]),
            )
            for record in records
        ]
        # Without it everything would linger. What failed is told by the records themselves.
        with suppress(KafkaError):
            self._client.flush(timeout=_DELIVERED_WITHIN)
        for one in pending:
            one.get(timeout=max(0.0, deadline - time.monotonic()))

    def _new_client(self) -> KafkaProducer:
        return self._connection.open(
            KafkaProducer,
            acks="all",
            enable_idempotence=True,
            compression_type="zstd",
            linger_ms=_LINGER,
            batch_size=BATCH_BYTES,
            max_request_size=max(map(largest_batch, self._table.values())),
            delivery_timeout_ms=int(_DELIVERED_WITHIN * 1000),
            max_block_ms=int(_DELIVERED_WITHIN * 1000),
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _drop_client(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.close(timeout=1)
        except KafkaError:
            # Something is still on its way. Kafka-python's own close gives up here and leaves its thread to send it.
            client._sender.force_close()
            with suppress(KafkaError):
                client.close(timeout=1)

    def _check(self, record: NewRecord) -> None:
        settings = self._table.get(record.topic)
        if settings is None:
            raise unknown_topic(record.topic, self._table)
        check_record(record, settings)
