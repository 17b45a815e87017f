"""What every bus refuses before it writes anything: an unknown topic, half characters, a record that is too large."""

from collections.abc import Mapping

from shared.bus.port import BusError, NewRecord, RecordTooLarge, TopicSettings, UnknownTopic


def check_record(record: NewRecord, settings: TopicSettings) -> None:
    """Raises BusError or RecordTooLarge, naming topic and key. The size is that of key, headers and value, in bytes."""
    try:
        texts = (record.key, *record.headers, *record.headers.values())
        size = len(record.value) + sum(len(text.encode()) for text in texts)
    except UnicodeEncodeError as fault:
        raise BusError(
            f"topic {record.topic!r}: key {record.key!r} or its headers hold half a character ({fault}): "
            "clean the text before it is sent"
        ) from fault
    if size > settings.max_bytes:
        raise RecordTooLarge(
            f"topic {record.topic!r}: the record with key {record.key!r} has {size} bytes and the topic allows "
            f"{settings.max_bytes}: make it smaller or send a reference to it"
        )


def unknown_topic(name: str, known: Mapping[str, object]) -> UnknownTopic:
    """The error for a topic that is not there."""
    return UnknownTopic(
        f"there is no topic {name!r}: the bus was opened with {', '.join(sorted(known)) or 'none'}"
    )
