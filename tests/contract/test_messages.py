"""The contracts: every example is valid, every version has one, and nothing else gets through."""

import copy
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.bus.port import Record
from shared.contracts import examples
from shared.contracts.publish import FOLDER, schemas
from shared.contracts.topics import TOPICS, bus_topics
from shared.contracts.wire import (
    Headers,
    Outgoing,
    Undecodable,
    child_traceparent,
    decode,
    encode,
    new_traceparent,
)

EXAMPLES = sorted(Path(examples.__path__[0]).glob("*/*/*.json"))
HEADERS = {"message-id": "m1", "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01", "mode": "live"}


def record(topic: str, value: bytes, **headers: str) -> Record:
    said = {**HEADERS, "schema": f"{topic}/1", **headers}
    return Record(topic, 0, 0, "key", value, {k: v for k, v in said.items() if v}, 0)


def named(path: Path) -> str:
    return "/".join(path.parts[-3:])


def test_every_version_of_every_topic_has_an_example_and_every_example_a_topic() -> None:
    told = {(path.parts[-3], int(path.parts[-2])) for path in EXAMPLES}
    assert told == {(topic.name, version) for topic in TOPICS.values() for version in topic.schemas}


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_examples_are_read_and_written_back_the_same(path: Path) -> None:
    topic = TOPICS[path.parts[-3]]
    read = decode(record(topic.name, path.read_bytes()))
    again = encode(Outgoing(topic.name, "key", read.message), message_id="m2", traceparent="", mode="live")
    assert decode(record(topic.name, again.value)).message == read.message
    assert len(again.value) < topic.max_bytes


@pytest.mark.parametrize("path", EXAMPLES, ids=named)
def test_an_unknown_key_a_wrong_type_and_a_missing_field_are_refused_by_name(path: Path) -> None:
    topic = path.parts[-3]
    good: dict[str, Any] = json.loads(path.read_bytes())
    for bad, word in _spoiled(good, TOPICS[topic].schemas[1]):
        with pytest.raises(Undecodable) as refused:
            decode(record(topic, json.dumps(bad).encode()))
        assert word in str(refused.value)
        assert f"{topic}/1" in str(refused.value)


def _spoiled(good: dict[str, Any], message: type) -> list[tuple[Any, str]]:
    required = [field.name for field in msgspec.structs.fields(message) if field.required]
    spoiled: list[tuple[Any, str]] = [({**good, "colour": "red"}, "colour")]
    spoiled += [({k: v for k, v in good.items() if k != name}, name) for name in required]
    wrong = {str: {"no": "such"}, type(None): 7}
    spoiled += [({**good, name: wrong.get(type(good[name]), "text")}, name) for name in required]
    nested = next(
        (name for name, value in good.items() if isinstance(value, dict) and name != "headers"), None
    )
    if nested:
        deeper = copy.deepcopy(good)
        deeper[nested]["colour"] = "red"
        spoiled.append((deeper, "colour"))
    return spoiled


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ({"schema": "fetched/9"}, "fetched/9"),
        ({"schema": "parsed/1"}, "parsed/1"),
        ({"schema": ""}, "schema"),
        ({"message-id": ""}, "message-id"),
        ({"traceparent": ""}, "traceparent"),
        ({"mode": "fast"}, "fast"),
    ],
)
def test_headers_are_checked(headers: dict[str, str], word: str) -> None:
    value = next(p for p in EXAMPLES if p.parts[-3] == "fetched").read_bytes()
    with pytest.raises(Undecodable, match=word):
        decode(record("fetched", value, **headers))


def test_bytes_that_are_no_json_and_no_text_are_refused() -> None:
    for value in (b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b'"text"'):
        with pytest.raises(Undecodable):
            decode(record("fetched", value))


def test_a_message_of_another_topic_is_not_written() -> None:
    deletion = decode(record("deletions", (EXAMPLES[0].parents[2] / "deletions/1/address.json").read_bytes()))
    with pytest.raises(TypeError, match="corrections holds Correction"):
        encode(Outgoing("corrections", "key", deletion.message), message_id="m", traceparent="", mode="live")


def test_the_published_schemas_are_those_of_the_messages() -> None:
    published = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    assert published == schemas(), "run: python -m shared.contracts.publish"
    for schema in published.values():
        assert b'"additionalProperties": false' in schema


def test_backfill_goes_behind_live_where_there_are_two_lanes() -> None:
    article = decode(
        record("parsed", (EXAMPLES[0].parents[2] / "parsed/1/article.json").read_bytes())
    ).message
    sent = encode(Outgoing("parsed", "k", article), message_id="m", traceparent="t", mode="backfill")
    assert (sent.topic, sent.headers["mode"]) == ("parsed-backfill", "backfill")
    own = encode(Outgoing("parsed", "k", article, "backfill"), message_id="m", traceparent="t", mode="live")
    assert (own.topic, own.headers["mode"]) == ("parsed-backfill", "backfill")
    lanes = {settings.name: settings.backfill for settings in bus_topics()}
    assert lanes["parsed-backfill"]
    assert not lanes["parsed"]
    assert "outcomes-backfill" not in lanes


def test_a_trace_goes_on_from_step_to_step_and_repeats_on_redelivery() -> None:
    parent = new_traceparent()
    child = child_traceparent(parent, "m1")
    assert child.split("-")[1] == parent.split("-")[1]
    assert child == child_traceparent(parent, "m1") != child_traceparent(parent, "m2")
    assert len(child_traceparent("nonsense", "m1").split("-")[1]) == 32
    assert Headers("m", "fetched/1", parent).as_mapping().keys() == {
        "message-id",
        "schema",
        "traceparent",
        "mode",
    }


def test_every_topic_is_told_whole() -> None:
    for topic in TOPICS.values():
        assert topic.says
        assert topic.key
        assert topic.producers
        assert topic.consumers
        assert topic.partitions > 0
        assert topic.compacted == (topic.retention is None)
