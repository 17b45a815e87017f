"""The bus on a Kafka cluster, through kafka-python.

What is ours lies in four places: produce returns when all is acknowledged; a consumer holds back its backfill lanes
while there is news, and deals out its partitions in turn; a key's partition and that of its backfill lane belong to
the same member; and the listener is called in the thread that polls, where it may commit.

Open the bus after a fork, not before.
"""

from shared.bus.kafka.bus import KafkaBus, open_kafka_bus
from shared.bus.kafka.security import KafkaSecurity

__all__ = ["KafkaBus", "KafkaSecurity", "open_kafka_bus"]
