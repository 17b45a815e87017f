"""The topics of the table in Kafka: made where they are missing, checked where they are there."""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import (
    AuthorizationError,
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from shared.bus.kafka.connection import PATIENCE, Connection
from shared.bus.port import BusError, TopicSettings

log = logging.getLogger(__name__)

BATCH_BYTES = 128 * 1024
"""Records go to Kafka in batches of up to this many bytes."""

MOST_TOLD = 3
"""Faults that are told at once, so that they can be read; whoever has mended these is told the next."""

_ENVELOPE = 64 * 1024
"""What a batch adds to its records: framing, and the little by which compression enlarges what is compressed."""


def largest_batch(topic: TopicSettings) -> int:
    """The bytes that a batch of this topic may have on the wire."""
    return max(topic.max_bytes, BATCH_BYTES) + _ENVELOPE


def prepare_topics(
    admin: KafkaAdminClient, connection: Connection, table: Mapping[str, TopicSettings]
) -> dict[str, int]:
    """Make what is missing, check the rest, and return how many partitions each topic has.

    Raises BusError naming topics that are not as the table asks, with what was found and what is wanted.
    """
    names = {connection.prefix + name: settings for name, settings in table.items()}
    if not names:
        return {}
    missing = {
        name: names[name] for name, count in _partitions(admin, connection, names).items() if not count
    }
    if missing:
        _create(admin, connection, missing)
    partitions = _partitions(admin, connection, names)
    configs = _configs(admin, connection, names)
    wrong = [
        fault
        for name, settings in names.items()
        for fault in _faults(name, settings, partitions[name], configs[name])
    ]
    if wrong:
        more = f"; and {len(wrong) - MOST_TOLD} more" if len(wrong) > MOST_TOLD else ""
        raise BusError(f"Kafka at {connection.address}: {'; '.join(wrong[:MOST_TOLD])}{more}")
    short = [name for name, settings in names.items() if _keeps_less(configs[name], settings)]
    if short:
        # The operator's to decide: nothing breaks, old records are gone sooner.
        more = f" and {len(short) - MOST_TOLD} more" if len(short) > MOST_TOLD else ""
        log.warning(
            "Kafka at %s: %s%s keep records for a shorter time (retention.ms) than the table of topics asks",
            connection.address,
            ", ".join(short[:MOST_TOLD]),
            more,
        )
    return {settings.name: partitions[name] for name, settings in names.items()}


def _partitions(
    admin: KafkaAdminClient, connection: Connection, names: Mapping[str, TopicSettings]
) -> dict[str, int]:
    """How many partitions each has, 0 for one that is not there."""
    found = dict.fromkeys(names, 0)
    for topic in connection.ask(lambda: admin.describe_topics(list(names))):
        error = for_code(topic["error_code"])
        if error is NoError:
            found[topic["name"]] = len(topic["partitions"])
        elif error is not UnknownTopicOrPartitionError:
            raise connection.told(error(topic["name"]))
    return found


def _create(admin: KafkaAdminClient, connection: Connection, missing: Mapping[str, TopicSettings]) -> None:
    wanted = {
        name: {"num_partitions": settings.partitions, "configs": _wanted(settings)}
        for name, settings in missing.items()
    }
    answer = connection.ask(lambda: admin.create_topics(wanted, raise_errors=False))
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        if error not in (NoError, TopicAlreadyExistsError):  # another process may be quicker
            raise _not_made(connection, topic["name"], error, topic.get("error_message"))
    connection.ask(lambda: admin.wait_for_topics(list(missing), timeout_ms=int(PATIENCE * 1000)))


def _not_made(connection: Connection, name: str, error: type[KafkaError], said: str | None) -> BusError:
    if issubclass(error, AuthorizationError):
        return connection.told(error(name))
    return BusError(
        f"Kafka at {connection.address} does not make the topic {name!r} ({said or error.__name__}): make it by hand, or "
        "mend what it names and start again"
    )


def _wanted(settings: TopicSettings) -> dict[str, str]:
    return {
        "cleanup.policy": "compact" if settings.compacted else "delete",
        "retention.ms": str(_milliseconds(settings.retention)),
        "max.message.bytes": str(largest_batch(settings)),
        # A record's time is when it was written, as the port says, whatever the clocks of the writers show.
        "message.timestamp.type": "LogAppendTime",
    }


def _configs(
    admin: KafkaAdminClient, connection: Connection, names: Mapping[str, TopicSettings]
) -> dict[str, dict[str, str]]:
    asked = list(_wanted(next(iter(names.values()))))
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, name, configs=dict.fromkeys(asked)) for name in names
    ]
    answer: dict[str, dict[str, Any]] = connection.ask(
        lambda: admin.describe_configs(resources, config_filter="all")
    )["topic"]
    return {
        name: {key: str(entry["value"]) for key, entry in entries.items()} for name, entries in answer.items()
    }


def _faults(name: str, settings: TopicSettings, partitions: int, found: Mapping[str, str]) -> Iterator[str]:
    """What is not as the table asks, each in one sentence with what to do."""
    wanted = _wanted(settings)
    if partitions < settings.partitions:
        yield (
            f"topic {name!r} has {partitions} partitions and {settings.partitions} are wanted: add them with "
            f"kafka-topics --alter --topic {name} --partitions {settings.partitions}, or let it run empty, delete it and "
            "start again"
        )
    needed = {
        "max.message.bytes": int(found["max.message.bytes"]) < settings.max_bytes + _ENVELOPE,
        "cleanup.policy": found["cleanup.policy"] != wanted["cleanup.policy"],
    }
    for key in (key for key, is_wrong in needed.items() if is_wrong):
        yield (
            f"topic {name!r} has {key}={found[key]} and {wanted[key]} is wanted: set it with kafka-configs --alter "
            f"--entity-type topics --entity-name {name} --add-config {key}={wanted[key]}"
        )


def _keeps_less(config: Mapping[str, str], settings: TopicSettings) -> bool:
    found, wanted = int(config["retention.ms"]), _milliseconds(settings.retention)
    return found != -1 and (wanted == -1 or found < wanted)


def _milliseconds(retention: timedelta | None) -> int:
    return -1 if retention is None else int(retention.total_seconds() * 1000)
