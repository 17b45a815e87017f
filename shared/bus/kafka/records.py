"""A record as kafka-python gives it, as one of ours."""

from typing import Any

from shared.bus.port import Partition, Record


def record_of(place: Partition, found: Any) -> Record:
    """What other programs may have left out (a key, a value) is empty here."""
    return Record(
        topic=place.topic,
        partition=place.number,
        offset=found.offset,
        key=(found.key or b"").decode("utf-8", "replace"),
        value=found.value or b"",
        headers={name: (value or b"").decode("utf-8", "replace") for name, value in found.headers or ()},
        timestamp=found.timestamp,
    )
