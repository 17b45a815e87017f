"""Which partition a key belongs to: Kafka's default, so that both buses agree.

Source: `murmur2` and `toPositive` in `org.apache.kafka.common.utils.Utils`. Written out here because importing
kafka-python for one function costs each process a quarter of a second; a property test holds it to kafka-python's.
"""

_SEED = 0x9747B28C
_MIX = 0x5BD1E995
_32_BITS = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit MurmurHash2 of `data` with Kafka's seed, unsigned."""
    length = len(data)
    whole = length & ~3
    value = _SEED ^ length
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * _MIX & _32_BITS
        word = (word ^ word >> 24) * _MIX & _32_BITS
        value = value * _MIX & _32_BITS ^ word
    if whole < length:
        value = (value ^ int.from_bytes(data[whole:], "little")) * _MIX & _32_BITS
    value = (value ^ value >> 13) * _MIX & _32_BITS
    return value ^ value >> 15


def partition_of(key: str, partitions: int) -> int:
    """The number of the partition, out of `partitions`, that `key` belongs to."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions
