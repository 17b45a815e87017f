"""Dead letters as an operator meets them: those nobody has dealt with yet, and how to deal with them."""

from collections.abc import Iterator

import msgspec

from shared.bus.port import Bus, NewRecord, Partition, Record
from shared.contracts.messages import DeadLetter
from shared.contracts.topics import BACKFILL, topic_of
from shared.contracts.wire import decode
from shared.store.port import Store, Write

TOPIC = "dead-letters"
# Letters that were replayed or dropped, by id.
COLLECTION = "dead-letters-closed"
READ_AT_ONCE = 100


def open_letters(bus: Bus, store: Store) -> Iterator[DeadLetter]:
    """Every dead letter that was neither replayed nor dropped, each once, oldest first."""
    seen: set[str] = set()
    for place, (first, end) in bus.ends(TOPIC).items():
        at = first
        while at < end:
            records = bus.read(place, at, READ_AT_ONCE)
            if not records:
                break
            letters: list[DeadLetter] = [decode(record).message for record in records]
            closed = store.get_many(COLLECTION, [letter.id for letter in letters])
            for letter in letters:
                if letter.id not in closed and letter.id not in seen:
                    seen.add(letter.id)
                    yield letter
            at = records[-1].offset + 1


def replay(bus: Bus, store: Store, letter: DeadLetter) -> None:
    """Put the message back on its topic, on the backfill lane where there is one, and close the letter.

    Raises LookupError when the message was too large to be carried and is no longer on its topic.
    """
    value = letter.value if letter.value is not None else _at_its_place(bus, letter)
    topic = topic_of(letter.topic)
    lane = topic.name + BACKFILL if topic.two_lanes else topic.name
    headers = {
        **letter.headers,
        "mode": "backfill" if topic.two_lanes else letter.headers.get("mode", "live"),
    }
    producer = bus.producer()
    try:
        producer.produce([NewRecord(lane, letter.key, value, headers)])
    finally:
        producer.close()
    close(store, letter, "replayed")


def close(store: Store, letter: DeadLetter, how: str) -> None:
    """Remember that this letter was dealt with, and how."""
    store.put(Write(COLLECTION, letter.id, msgspec.json.encode({"how": how}), {"how": how}))


def readable(letter: DeadLetter) -> str:
    """The message of a letter as people can read it: JSON without the body, or its first bytes where it is none."""
    if letter.value is None:
        return "(too large to be carried along; it stands at its place)"
    record = Record(
        letter.topic, letter.partition, letter.offset, letter.key, letter.value, letter.headers, 0
    )
    try:
        plain = msgspec.to_builtins(decode(record).message)
        plain.pop("body", None)
        return msgspec.json.format(msgspec.json.encode(plain), indent=2).decode()
    except Exception:  # it lies here because it could not be read: show its bytes
        return repr(letter.value[:2000])


def _at_its_place(bus: Bus, letter: DeadLetter) -> bytes:
    for record in bus.read(Partition(letter.topic, letter.partition), letter.offset, 1):
        if record.offset == letter.offset:
            return record.value
    raise LookupError(
        f"{letter.id}: the message is no longer kept at {letter.topic}/{letter.partition}/{letter.offset}"
    )
