"""Keys go to the partition Kafka's own clients would choose."""

import warnings

from hypothesis import given
from hypothesis import strategies as st

from shared.bus.partitioning import murmur2, partition_of

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # kafka-python reads its own files in an old way
    from kafka.partitioner.default import DefaultPartitioner
    from kafka.partitioner.default import murmur2 as kafka_murmur2


@given(st.binary(max_size=70))
def test_the_hash_is_that_of_kafka_python(data: bytes) -> None:
    assert murmur2(data) == kafka_murmur2(data)


class OneTopic:
    """As much of Kafka's cluster as its partitioner asks for."""

    def __init__(self, partitions: int) -> None:
        self._numbers = set(range(partitions))

    def topics(self) -> set[str]:
        return {"t"}

    def partitions_for_topic(self, topic: str) -> set[int]:
        return self._numbers

    available_partitions_for_topic = partitions_for_topic


@given(st.text(), st.integers(1, 100))
def test_the_partition_is_that_of_kafka_python(key: str, partitions: int) -> None:
    theirs = DefaultPartitioner().partition("t", key, key.encode(), None, b"", OneTopic(partitions))
    assert partition_of(key, partitions) == theirs


def test_the_hash_is_that_of_the_java_client() -> None:
    # From `UtilsTest.testMurmur2` in Apache Kafka; there the numbers are signed.
    known = {b"21": -973932308, b"foobar": -790332482, b"a-little-bit-long-string": -985981536}
    assert {data: murmur2(data) for data in known} == {data: value % 2**32 for data, value in known.items()}
