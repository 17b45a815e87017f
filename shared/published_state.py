"""States that are kept in the store and published on a compacted topic: the topic says what the store says."""

from collections.abc import Callable

from shared.bus.port import Bus
from shared.contracts.article import Struct
from shared.contracts.wire import Outgoing, derived_id, encode, new_traceparent
from shared.store.port import Store, Stored

TRIES = 10


def publish_state(
    bus: Bus,
    store: Store,
    collection: str,
    id: str,
    topic: str,
    message_of: Callable[[bytes], Struct],
    settled: Callable[[Stored], bool],
) -> None:
    """Publish the state of a record, also where others change the same one at this moment.

    `settled` notes that a version is published; False when there is a later one, which has to follow it.
    """
    producer = bus.producer()
    try:
        for _ in range(TRIES):
            stored = store.get(collection, id)
            if stored is None:
                return
            outgoing = Outgoing(topic, id, message_of(stored.body))
            message_id = derived_id(topic, id, stored.version)
            producer.produce(
                [encode(outgoing, message_id=message_id, traceparent=new_traceparent(), mode="live")]
            )
            if settled(stored):
                return
    finally:
        producer.close()
