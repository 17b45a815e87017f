"""Reading a stretch of one partition, without a group."""

import time
from collections.abc import Mapping

from kafka import KafkaConsumer

from shared.bus.kafka.connection import PATIENCE, Connection
from shared.bus.kafka.records import record_of
from shared.bus.kafka.topics import largest_batch
from shared.bus.port import BusUnavailable, Partition, Record, TopicSettings


class Reader:
    """A connection that is opened when it is first needed. One thread at a time."""

    def __init__(self, connection: Connection, table: Mapping[str, TopicSettings]) -> None:
        self._connection = connection
        self._table = table
        self._client: KafkaConsumer | None = None

    def read(self, place: Partition, offset: int, end: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` up to `end`, both of which stand in the partition."""
        if offset >= end or limit <= 0:
            return []
        with self._connection.telling():
            return self._read(place, offset, end, limit)

    def close(self) -> None:
        """Release the connection. May be called twice."""
        client, self._client = self._client, None
        if client is not None:
            client.close(autocommit=False)

    def _read(self, place: Partition, offset: int, end: int, limit: int) -> list[Record]:
        client = self._client = self._client or self._new_client()
        partition = self._connection.abroad(place)
        client.assign([partition])
        client.seek(partition, offset)
        records: list[Record] = []
        heard = time.monotonic()
        # By position and not by offset: the last records before `end` may have been compacted away.
        while len(records) < limit and client.position(partition) < end:
            found = client.poll(timeout_ms=100, max_records=limit - len(records)).get(partition, [])
            records += [record_of(place, record) for record in found if record.offset < end]
            if found:
                heard = time.monotonic()
            elif time.monotonic() > heard + PATIENCE:
                raise BusUnavailable(
                    f"Kafka at {self._connection.address} gives no records of {place.topic!r} partition "
                    f"{place.number} from offset {offset} on: check that its brokers run"
                )
        return records

    def _new_client(self) -> KafkaConsumer:
        return self._connection.open(
            KafkaConsumer,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=max(map(largest_batch, self._table.values())),
            # The next question may be about another partition and has to wait for this one's answer.
            fetch_max_wait_ms=10,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
