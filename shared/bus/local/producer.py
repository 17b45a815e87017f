"""Writing to the local bus."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from shared.bus.local.topic_log import TopicLog
from shared.bus.port import BusError, NewRecord, RecordTooLarge, UnknownTopic


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
        try:
            texts = (record.key, *record.headers, *record.headers.values())
            size = len(record.value) + sum(len(text.encode()) for text in texts)
        except UnicodeEncodeError as fault:
            raise BusError(
                f"topic {record.topic!r}: key {record.key!r} or its headers hold half a character ({fault}): "
                "clean the text before it is sent"
            ) from fault
        if size > log.settings.max_bytes:
            raise RecordTooLarge(
                f"topic {record.topic!r}: the record with key {record.key!r} has {size} bytes and the topic allows "
                f"{log.settings.max_bytes}: make it smaller or send a reference to it"
            )


def unknown_topic(name: str, known: Mapping[str, object]) -> UnknownTopic:
    """The error for a topic that is not there."""
    return UnknownTopic(
        f"there is no topic {name!r}: the bus was opened with {', '.join(sorted(known)) or 'none'}"
    )
