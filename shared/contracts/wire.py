"""Messages to bytes and back, strictly: an unknown key, a wrong type or a missing field is refused by name.

A record's headers say what its bytes are:

    message-id    derived from where its cause stood, so a redelivered cause makes the same id again
    schema        topic/version, for example `fetched/1`
    traceparent   W3C Trace Context: one trace follows a document through every step
    mode          `live`, or `backfill` for replays, archives and a new source's first poll
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from shared.bus.port import NewRecord, Record
from shared.contracts.article import Struct
from shared.contracts.topics import BACKFILL, Topic, topic_of
from shared.errors import BadMessage

Mode = Literal["live", "backfill"]
_encoder = msgspec.json.Encoder()


class Undecodable(BadMessage):
    """The bytes are not the message their topic holds."""


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of one record."""

    message_id: str
    schema: str
    traceparent: str
    mode: Mode = "live"

    def as_mapping(self) -> dict[str, str]:
        """As they stand on the record."""
        return {
            "message-id": self.message_id,
            "schema": self.schema,
            "traceparent": self.traceparent,
            "mode": self.mode,
        }


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message a step wants sent: to which topic, under which key. The runner adds lane and headers.

    The lane is that of the message's cause, unless `mode` names another.
    """

    topic: str
    key: str
    message: Struct
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A record that was read and understood. `attempts` counts this one."""

    record: Record
    message: Any
    headers: Headers
    attempts: int = 1


def new_traceparent(random_hex: Callable[[int], str] = secrets.token_hex) -> str:
    """A fresh trace (W3C Trace Context, version 00, sampled)."""
    return f"00-{random_hex(16)}-{random_hex(8)}-01"


def child_traceparent(parent: str, message_id: str) -> str:
    """The same trace, one step on; the step's id follows from the message's, so a redelivery repeats it."""
    trace = parent.split("-")
    span = hashlib.sha256(message_id.encode()).hexdigest()[:16]
    return f"00-{trace[1]}-{span}-01" if len(trace) == 4 and len(trace[1]) == 32 else new_traceparent()


def derived_id(*parts: object) -> str:
    """A short id that follows from its parts alone."""
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:24]


def encode(outgoing: Outgoing, *, message_id: str, traceparent: str, mode: Mode) -> NewRecord:
    """The record to write, on the lane its mode asks for (topics with one lane have only that).

    `mode` is that of the cause; the outgoing message's own comes first.
    """
    topic = topic_of(outgoing.topic)
    mode = outgoing.mode or mode
    if not isinstance(outgoing.message, topic.schemas[topic.version]):
        raise TypeError(
            f"{topic.name} holds {topic.schemas[topic.version].__name__}, not {type(outgoing.message)}"
        )
    lane = topic.name + BACKFILL if mode == "backfill" and topic.two_lanes else topic.name
    headers = Headers(message_id, f"{topic.name}/{topic.version}", traceparent, mode)
    return NewRecord(lane, outgoing.key, _encoder.encode(outgoing.message), headers.as_mapping())


def decode(record: Record, attempts: int = 1) -> Received:
    """Read a record. Raises Undecodable, saying which header or field is at fault."""
    topic = topic_of(record.topic)
    headers = _headers(record.headers)
    version = _version(topic, headers.schema)
    try:
        message = msgspec.json.decode(record.value, type=topic.schemas[version])
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise Undecodable(f"{headers.schema}: {e}") from e
    return Received(record, message, headers, attempts)


def _headers(raw: Mapping[str, str]) -> Headers:
    missing = [name for name in ("message-id", "schema", "traceparent", "mode") if not raw.get(name)]
    if missing:
        raise Undecodable(f"header {missing[0]!r} is missing")
    mode = raw["mode"]
    if mode not in ("live", "backfill"):
        raise Undecodable(f"header 'mode' is {mode!r}, expected 'live' or 'backfill'")
    return Headers(
        raw["message-id"], raw["schema"], raw["traceparent"], "live" if mode == "live" else "backfill"
    )


def _version(topic: Topic, schema: str) -> int:
    name, _, version = schema.partition("/")
    if name != topic.name or not version.isdigit() or int(version) not in topic.schemas:
        known = ", ".join(f"{topic.name}/{v}" for v in topic.schemas)
        raise Undecodable(f"header 'schema' is {schema!r}, this topic holds {known}")
    return int(version)
