"""Writing to the local bus."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from shared.bus.checking import check_record, unknown_topic
from shared.bus.local.topic_log import TopicLog
from shared.bus.port import BusError, NewRecord


class LocalProducer:
    """Appends records. Not safe to share between threads."""

    def __init__(self, logs: Mapping[str, TopicLog], clock: Callable[[], int]) -> None:
        self._logs = logs
        self._clock = clock
        self._closed = False

    def produce(self, records: Sequence[NewRecord]) -> None:
        """Write all and return when every one is durable; the records of one topic go in together or not at all."""
        if self._closed:
            raise BusError("this producer is closed: open a new one")
        by_topic: defaultdict[str, list[NewRecord]] = defaultdict(list)
        for record in records:
            by_topic[record.topic].append(record)
            self._check(record)
        for topic, batch in by_topic.items():
            self._logs[topic].append(batch, self._clock)

    def close(self) -> None:
        """Release the files. May be called twice."""
        self._closed = True
        for log in self._logs.values():
            log.close()

    def _check(self, record: NewRecord) -> None:
        log = self._logs.get(record.topic)
        if log is None:
            raise unknown_topic(record.topic, self._logs)
        check_record(record, log.settings)
